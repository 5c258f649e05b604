// Modules, functions and launches.
#include "driver.h"
#include "image.h"

#include <cstdio>
#include <cstring>

static void say(const std::string& text, unsigned count, CUjit_option* options, void** values) {
	char* to = nullptr;
	size_t size = 0;
	for (unsigned i = 0; i < count; i++) {
		if (options[i] == CU_JIT_ERROR_LOG_BUFFER) to = static_cast<char*>(values[i]);
		if (options[i] == CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES) size = size_t(uintptr_t(values[i]));
	}
	if (!to || !size) return;
	size_t n = text.size() < size - 1 ? text.size() : size - 1;
	memcpy(to, text.data(), n);
	to[n] = 0;
}

API CUresult cuModuleLoadDataEx(CUmodule* to, const void* data, unsigned count, CUjit_option* options, void** values) {
	ENTER("cuModuleLoadDataEx")
	Image image;
	if (!image.parse(static_cast<const char*>(data))) {
		say("this is no image that the emulator's NVRTC made", count, options, values);
		return CUDA_ERROR_INVALID_IMAGE;
	}
	int capability = d.major * 10 + d.minor;
	bool fits = image.ptx ? image.arch <= capability : image.arch / 10 == d.major && image.arch % 10 <= d.minor;
	if (!fits) {
		say(format("the code is for compute capability %d.%d, the device has %d.%d", image.arch / 10, image.arch % 10, d.major, d.minor), count, options, values);
		return CUDA_ERROR_NO_BINARY_FOR_GPU;
	}
	std::string log, error;
	std::string path = compile(image.source, theDevice.strict, &log, image.options());
	if (path.empty()) {
		say(log, count, options, values);
		return CUDA_ERROR_INVALID_PTX;
	}
	Module* loaded = load(path, &error);
	if (!loaded) {
		say(error, count, options, values);
		return CUDA_ERROR_INVALID_IMAGE;
	}
	CUmodule m = new CUmod_st{currentContext(), loaded, {}};
	d.modules.insert(m);
	*to = m;
	return CUDA_SUCCESS;
}

API CUresult cuModuleLoadData(CUmodule* to, const void* data) {
	ENTER("cuModuleLoadData")
	CUresult r = cuModuleLoadDataEx(to, data, 0, nullptr, nullptr);
	d.calls["cuModuleLoadDataEx"]--;
	return r;
}

API CUresult cuModuleUnload(CUmodule m) {
	ENTER("cuModuleUnload")
	if (!d.modules.count(m)) return CUDA_ERROR_INVALID_HANDLE;
	CUresult r = d.drainAll();
	for (CUfunction f : m->functions) d.functions.erase(f), delete f;
	d.modules.erase(m);
	delete m->module;
	delete m;
	return r;
}

API CUresult cuModuleGetFunction(CUfunction* to, CUmodule m, const char* name) {
	ENTER("cuModuleGetFunction")
	if (!d.modules.count(m)) return CUDA_ERROR_INVALID_HANDLE;
	for (CUfunction f : m->functions)
		if (f->kernel->name == name) return *to = f, CUDA_SUCCESS;
	const Kernel* k = m->module->find(name);
	if (!k) return CUDA_ERROR_NOT_FOUND;
	CUfunction f = new CUfunc_st{m, k};
	m->functions.push_back(f);
	d.functions.insert(f);
	*to = f;
	return CUDA_SUCCESS;
}

API CUresult cuFuncGetAttribute(int* to, CUfunction_attribute attribute, CUfunction f) {
	ENTER("cuFuncGetAttribute")
	if (!d.functions.count(f)) return CUDA_ERROR_INVALID_HANDLE;
	*to = 0;
	switch (attribute) {
	case CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK: *to = f->kernel->code->bound ? int(f->kernel->code->bound) : int(maxThreads); break;
	case CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES: *to = int(f->kernel->sharedBytes); break;
	case CU_FUNC_ATTRIBUTE_NUM_REGS: *to = 32; break;
	case CU_FUNC_ATTRIBUTE_PTX_VERSION:
	case CU_FUNC_ATTRIBUTE_BINARY_VERSION: *to = d.major * 10 + d.minor; break;
	default: break;
	}
	return CUDA_SUCCESS;
}

API CUresult cuFuncSetAttribute(CUfunction f, CUfunction_attribute, int) {
	ENTER("cuFuncSetAttribute")
	return d.functions.count(f) ? CUDA_SUCCESS : CUDA_ERROR_INVALID_HANDLE;
}

API CUresult cuFuncSetCacheConfig(CUfunction f, CUfunc_cache) {
	ENTER("cuFuncSetCacheConfig")
	return d.functions.count(f) ? CUDA_SUCCESS : CUDA_ERROR_INVALID_HANDLE;
}

API CUresult cuOccupancyMaxActiveBlocksPerMultiprocessor(int* to, CUfunction f, int block, size_t) {
	ENTER("cuOccupancyMaxActiveBlocksPerMultiprocessor")
	if (!d.functions.count(f)) return CUDA_ERROR_INVALID_HANDLE;
	if (block <= 0) return CUDA_ERROR_INVALID_VALUE;
	*to = block > maxThreads ? 0 : 2048 / block < 32 ? 2048 / block : 32;
	return CUDA_SUCCESS;
}

API CUresult cuLaunchKernel(CUfunction f, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz, unsigned shared, CUstream s, void** params, void** extra) {
	ENTER("cuLaunchKernel")
	if (!d.functions.count(f)) return CUDA_ERROR_INVALID_HANDLE;
	s = d.resolve(s);
	if (!s) return CUDA_ERROR_INVALID_HANDLE;
	if (extra || shared) { // arguments in one buffer, and __shared__ memory sized by the launch
		fprintf(stderr, "emulator: kernel %s: extra arguments and dynamic shared memory are not emulated\n", f->kernel->name.c_str());
		return CUDA_ERROR_NOT_SUPPORTED;
	}
	const EmuKernel* code = f->kernel->code;
	unsigned long threads = (unsigned long)bx * by * bz;
	if (!gx || !gy || !gz || gy > 65535 || gz > 65535 || gx > 2147483647u || !threads || threads > maxThreads || bz > 64 || (code->params && !params))
		return CUDA_ERROR_INVALID_VALUE;
	if (code->bound && threads > code->bound) return CUDA_ERROR_INVALID_VALUE;
	if (f->kernel->sharedBytes > 48 << 10) return CUDA_ERROR_INVALID_VALUE;
	std::string values; // of the arguments, each at a multiple of 16 bytes
	std::vector<size_t> at;
	for (int i = 0; i < code->params; i++) {
		at.push_back(values.size());
		values.append(static_cast<const char*>(params[i]), code->sizes[i]);
		values.resize((values.size() + 15) / 16 * 16);
	}
	return d.add(s, f->kernel->name.c_str(), CU_GRAPH_NODE_TYPE_KERNEL, [=]() -> CUresult {
		Driver& d = driver();
		if (!d.functions.count(f)) return d.lose(CUDA_ERROR_INVALID_HANDLE, "a kernel runs whose module was unloaded");
		std::vector<std::max_align_t> copy(values.size() / sizeof(std::max_align_t) + 1);
		memcpy(copy.data(), values.data(), values.size());
		std::vector<void*> pointers;
		for (size_t a : at) pointers.push_back(reinterpret_cast<char*>(copy.data()) + a);
		std::string fault = theDevice.run({f->owner->module, f->kernel, {gx, gy, gz}, {bx, by, bz}, pointers.data()});
		return fault.empty() ? CUDA_SUCCESS : d.lose(CUDA_ERROR_LAUNCH_FAILED, fault);
	});
}
