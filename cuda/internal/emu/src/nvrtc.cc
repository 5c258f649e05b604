// The stand-in for libnvrtc: it compiles with g++ to report errors, and returns
// the source as the compiled code.
#include "image.h"
#include "module.h"

#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <mutex>
#include <set>

#define API extern "C" __attribute__((visibility("default")))

enum { success = 0, invalidInput = 3, invalidProgram = 4, invalidOption = 5, compilation = 6 };

struct Program {
	std::string source, log;
	Image image;
	bool good = false;
};

static std::mutex guard;
static std::set<Program*>& programs() {
	static std::set<Program*>* all = new std::set<Program*>;
	return *all;
}

// enter counts a call and says whether it must fail, if the driver's stand-in
// is loaded too.
static int enter(const char* name) {
	static auto count = reinterpret_cast<int (*)(const char*)>(dlsym(RTLD_DEFAULT, "emuEnterOnly"));
	return count ? count(name) : 0;
}
#define ENTER(name) \
	if (int failed = enter(name)) return failed;

static const int arches[] = {70, 72, 75, 80, 86, 87, 89, 90};

API int nvrtcVersion(int* major, int* minor) {
	ENTER("nvrtcVersion")
	*major = EMU_CUDA_VERSION / 1000;
	*minor = EMU_CUDA_VERSION % 1000 / 10;
	return success;
}

// CUDA 13 does not compile for capabilities before 7.5.
static bool knows(int arch) { return EMU_CUDA_VERSION < 13000 || arch >= 75; }

API int nvrtcGetNumSupportedArchs(int* n) {
	ENTER("nvrtcGetNumSupportedArchs")
	*n = 0;
	for (int a : arches) *n += knows(a);
	return success;
}

API int nvrtcGetSupportedArchs(int* to) {
	ENTER("nvrtcGetSupportedArchs")
	for (int a : arches)
		if (knows(a)) *to++ = a;
	return success;
}

API const char* nvrtcGetErrorString(int code) {
	static const char* const names[] = {
		"NVRTC_SUCCESS", "NVRTC_ERROR_OUT_OF_MEMORY", "NVRTC_ERROR_PROGRAM_CREATION_FAILURE", "NVRTC_ERROR_INVALID_INPUT",
		"NVRTC_ERROR_INVALID_PROGRAM", "NVRTC_ERROR_INVALID_OPTION", "NVRTC_ERROR_COMPILATION", "NVRTC_ERROR_BUILTIN_OPERATION_FAILURE",
	};
	return code >= 0 && code < int(sizeof names / sizeof *names) ? names[code] : "NVRTC_ERROR unknown";
}

API int nvrtcCreateProgram(Program** to, const char* source, const char*, int headers, const char* const*, const char* const*) {
	ENTER("nvrtcCreateProgram")
	if (!to || !source || headers) return invalidInput;
	std::lock_guard<std::mutex> locked(guard);
	*to = new Program;
	(*to)->source = source;
	programs().insert(*to);
	return success;
}

API int nvrtcDestroyProgram(Program** p) {
	ENTER("nvrtcDestroyProgram")
	std::lock_guard<std::mutex> locked(guard);
	if (!p || !programs().erase(*p)) return invalidProgram;
	delete *p;
	*p = nullptr;
	return success;
}

static Program* find(Program* p) {
	std::lock_guard<std::mutex> locked(guard);
	return programs().count(p) ? p : nullptr;
}

// Options that have no effect here.
static const char* const ignored[] = {"--std=", "-std=", "--generate-line-info", "-lineinfo", "--device-as-default-execution-space", "-default-device",
	"--restrict", "-restrict", "--extra-device-vectorization", "--maxrregcount=", "-maxrregcount=", "--prec-div=true", "--prec-sqrt=true", "--ftz=false",
	"--dopt=", "--device-debug", "-G", "--disable-warnings", "-w", "--diag-suppress=", "--minimal", "-minimal", "--split-compile="};

API int nvrtcCompileProgram(Program* p, int count, const char* const* options) {
	ENTER("nvrtcCompileProgram")
	if (!find(p)) return invalidProgram;
	p->good = false;
	p->image = Image();
	p->image.source = p->source;
	p->image.arch = EMU_CUDA_VERSION < 13000 ? 52 : 75;
	p->image.ptx = true;
	for (int i = 0; i < count; i++) {
		std::string o = options[i], value;
		for (const char* name : {"--gpu-architecture=", "-arch="})
			if (o.compare(0, strlen(name), name) == 0) value = o.substr(strlen(name));
		if (!value.empty()) {
			p->image.ptx = value.compare(0, 8, "compute_") == 0;
			p->image.arch = atoi(value.c_str() + value.find('_') + 1);
			bool known = false;
			for (int a : arches) known = known || (a == p->image.arch && knows(a));
			if ((!p->image.ptx && value.compare(0, 3, "sm_")) || !known) {
				p->log = "nvrtc: error: invalid value for --gpu-architecture (-arch)\n";
				return invalidOption;
			}
			continue;
		}
		if (o == "--fmad=false" || o == "-fmad=false") {
			p->image.contract = false;
			continue;
		}
		bool known = o == "--fmad=true" || o == "-fmad=true";
		for (const char* name : ignored) known = known || o.compare(0, strlen(name), name) == 0;
		if (!known) {
			p->log = "nvrtc: error: the emulator does not know the option " + o + "\n";
			return invalidOption;
		}
	}
	auto strict = reinterpret_cast<int (*)()>(dlsym(RTLD_DEFAULT, "emuStrict"));
	p->log.clear();
	p->good = !compile(p->source, !strict || strict(), &p->log, p->image.options()).empty();
	return p->good ? success : compilation;
}

static int give(const std::string& s, char* to) {
	memcpy(to, s.c_str(), s.size() + 1);
	return success;
}

#define TEXT(sizeOf, text, value, needed) \
	API int sizeOf(Program* p, size_t* n) { \
		ENTER(#sizeOf) \
		if (!find(p) || !(needed)) return invalidProgram; \
		*n = (value).size() + 1; \
		return success; \
	} \
	API int text(Program* p, char* to) { \
		ENTER(#text) \
		if (!find(p) || !(needed)) return invalidProgram; \
		return give(value, to); \
	}
TEXT(nvrtcGetProgramLogSize, nvrtcGetProgramLog, p->log, true)
TEXT(nvrtcGetPTXSize, nvrtcGetPTX, p->image.text(), p->good)
TEXT(nvrtcGetCUBINSize, nvrtcGetCUBIN, p->image.text(), p->good && !p->image.ptx)
