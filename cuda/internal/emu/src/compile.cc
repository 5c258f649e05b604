// From kernel source to a library: g++, with a cache on disk.
#include "module.h"

#include <atomic>
#include <cctype>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <dirent.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

// The prelude is part of this library.
#define EMBED(symbol, file) \
	asm(".section .rodata\n.global " #symbol "\n" #symbol ":\n.incbin \"" file "\"\n.byte 0\n.text\n"); \
	extern "C" __attribute__((visibility("hidden"))) const char symbol[];
EMBED(emuPreludeText, "prelude.h")
EMBED(emuTableText, "table.h")

// The compiler's options. Reads and writes are instrumented by its thread
// sanitizer, whose functions the prelude defines.
static const char* const options[] = {
	"-std=c++17", "-x", "c++", "-shared", "-fPIC", "-O1", "-g1", "-fno-exceptions", "-fno-rtti", "-fno-math-errno",
	"-fno-strict-aliasing", "-fno-if-conversion", "-fno-if-conversion2", "-fno-tree-loop-im", "-fno-threadsafe-statics", "-fno-gnu-unique",
	"-foptimize-sibling-calls", "-fstack-clash-protection",
#if __GNUC__ >= 12 // this library and kernels are built by the same compiler
	"-ftrivial-auto-var-init=pattern", // unset local variables have fixed contents
#endif
	"-Wno-attributes", "-Wl,--build-id=none", "-nodefaultlibs", "-lm", "-lc",
};
static const char* const strictOptions[] = {
	"-fsanitize=thread", "-fsanitize=alignment,bounds,integer-divide-by-zero,shift-exponent,signed-integer-overflow",
	"-fno-sanitize-recover=all",
};

// hash is the FNV-1a hash of a text, continued from h.
static uint64_t hash(const std::string& s, uint64_t h) {
	for (unsigned char c : s) h = (h ^ c) * 0x100000001b3u;
	return h;
}

static bool makeFolders(const std::string& path) {
	for (size_t i = 1; i <= path.size(); i++)
		if (i == path.size() || path[i] == '/')
			if (mkdir(path.substr(0, i).c_str(), 0777) && errno != EEXIST && errno != EISDIR && errno != EROFS) return false;
	return access(path.c_str(), W_OK) == 0;
}

// cacheFolder is where libraries are kept.
static std::string cacheFolder() {
	if (const char* s = getenv("STHENO_EMU_CACHE")) return s;
	if (const char* s = getenv("XDG_CACHE_HOME")) return std::string(s) + "/stheno-emu";
	if (const char* s = getenv("HOME")) return std::string(s) + "/.cache/stheno-emu";
	return "/tmp/stheno-emu";
}

// own is the end of a file name that no other process and no other thread uses.
static std::string own() {
	static std::atomic<unsigned> count;
	return format(".%d.%u", int(getpid()), count++);
}

static bool writeFile(const std::string& path, const std::string& text) {
	std::string temporary = path + own();
	FILE* f = fopen(temporary.c_str(), "wb");
	if (!f) return false;
	bool good = fwrite(text.data(), 1, text.size(), f) == text.size();
	good = fclose(f) == 0 && good;
	return good && rename(temporary.c_str(), path.c_str()) == 0;
}

static std::string readFile(const std::string& path) {
	std::string text;
	if (FILE* f = fopen(path.c_str(), "rb")) {
		char part[4096];
		while (size_t n = fread(part, 1, sizeof part, f)) text.append(part, n);
		fclose(f);
	}
	return text;
}

// prune removes what nothing has used for two weeks. A process does it once.
static void prune(const std::string& folder) {
	static bool done = false;
	if (done) return;
	done = true;
	DIR* d = opendir(folder.c_str());
	if (!d) return;
	time_t old = time(nullptr) - 14 * 24 * 3600;
	while (dirent* e = readdir(d)) {
		std::string path = folder + "/" + e->d_name;
		struct stat s;
		if (stat(path.c_str(), &s) == 0 && S_ISREG(s.st_mode) && s.st_mtime < old) unlink(path.c_str());
	}
	closedir(d);
}

// bare is a source with its comments and strings replaced by spaces.
static std::string bare(const std::string& s) {
	std::string t = s;
	for (size_t i = 0; i < t.size();) {
		size_t end = i + 1;
		if (s.compare(i, 2, "//") == 0) {
			end = s.find('\n', i);
		} else if (s.compare(i, 2, "/*") == 0) {
			end = s.find("*/", i + 2);
			if (end != s.npos) end += 2;
		} else if (s[i] == '"' || s[i] == '\'') {
			for (; end < s.size() && s[end] != s[i] && s[end] != '\n'; end++)
				if (s[end] == '\\') end++;
			end++;
		} else {
			i++;
			continue;
		}
		if (end > s.size()) end = s.size();
		for (; i < end; i++)
			if (t[i] != '\n') t[i] = ' ';
	}
	return t;
}

// table is the text that lists the source's kernels: what comes after each
// __global__, past its attributes and its type.
static std::string table(const std::string& source) {
	std::string s = bare(source), list;
	int count = 0;
	auto word = [](char c) { return isalnum((unsigned char)c) || c == '_'; };
	for (size_t i = s.find("__global__"); i != s.npos; i = s.find("__global__", i)) {
		i += strlen("__global__");
		std::string bound = "0", name;
		while (i < s.size() && s[i] != ';' && s[i] != '{') {
			if (!word(s[i])) {
				if (s[i] == '(') break;
				i++;
				continue;
			}
			size_t start = i;
			while (i < s.size() && word(s[i])) i++;
			std::string w = s.substr(start, i - start);
			if (w == "__launch_bounds__") {
				size_t open = s.find('(', i);
				if (open == s.npos) break;
				int depth = 0;
				size_t end = open, first = 0;
				do {
					if (s[end] == '(') depth++;
					if (s[end] == ')') depth--;
					if (!first && ((s[end] == ',' && depth == 1) || depth == 0)) first = end;
					end++;
				} while (depth && end < s.size());
				bound = s.substr(open + 1, first - open - 1);
				i = end;
			} else {
				name = w;
			}
		}
		if (i >= s.size() || s[i] != '(' || name.empty()) continue;
		// A declaration is not a kernel.
		int depth = 0;
		size_t end = i;
		do {
			if (s[end] == '(') depth++;
			if (s[end] == ')') depth--;
			end++;
		} while (depth && end < s.size());
		while (end < s.size() && isspace((unsigned char)s[end])) end++;
		if (end >= s.size() || s[end] != '{') continue;
		list += "\tEMU_KERNEL(" + name + ", " + bound + "),\n";
		count++;
	}
	return "\n#line 1 \"table\"\nstatic constexpr EmuKernel emuKernels[] = {\n" + list + "\t{0, 0, 0, 0, 0},\n};\n" +
		format("extern \"C\" __attribute__((visibility(\"default\"))) const EmuModule emuModule = {&emuTable, emuKernels, %d};\n", count);
}

// runCompiler runs g++ and returns its exit status; its messages go to said.
static int runCompiler(std::vector<std::string> args, const std::string& said) {
	std::vector<char*> argv;
	for (std::string& a : args) argv.push_back(&a[0]);
	argv.push_back(nullptr);
	posix_spawn_file_actions_t actions;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&actions, 1, said.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0666);
	posix_spawn_file_actions_adddup2(&actions, 1, 2);
	pid_t child;
	int status = posix_spawnp(&child, argv[0], &actions, nullptr, argv.data(), environ);
	posix_spawn_file_actions_destroy(&actions);
	if (status) return -1;
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR) return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

std::string compile(const std::string& source, bool strict, std::string* log, const std::vector<std::string>& extra) {
	const char* given = getenv("CXX");
	std::string compiler = given && *given ? given : "g++";
	std::vector<std::string> args = {compiler};
	args.insert(args.end(), std::begin(options), std::end(options));
#if defined(__x86_64__)
	if (__builtin_cpu_supports("fma") && __builtin_cpu_supports("avx2")) args.insert(args.end(), {"-mavx2", "-mfma"});
#endif
	if (strict) args.insert(args.end(), std::begin(strictOptions), std::end(strictOptions));

	args.insert(args.end(), extra.begin(), extra.end());
	std::string prelude = emuPreludeText, tableText = emuTableText;
	std::string folder = cacheFolder();
	if (!makeFolders(folder)) {
		*log = "cannot write to the cache " + folder + ": set STHENO_EMU_CACHE";
		return "";
	}
	std::string key = __VERSION__;
	for (const std::string& a : args) key += '\n' + a;
	key += '\n' + prelude + tableText;
	uint64_t words = hash(key, 0xcbf29ce484222325u);
	// The headers' folder is named by their content, for all that share the
	// cache.
	std::string headers = folder + format("/prelude-%016lx", (unsigned long)words);
	std::string stem = folder + format("/%016lx%016lx", (unsigned long)hash(source, words), (unsigned long)hash(source, ~words));
	std::string library = stem + ".so", said = stem + ".log";
	if (access(library.c_str(), R_OK) == 0) {
		utimensat(AT_FDCWD, library.c_str(), nullptr, 0); // mark it as used
		*log = readFile(said);
		return library;
	}
	std::string mine = own();
	if (!makeFolders(headers) || !writeFile(headers + "/prelude.h", prelude) || !writeFile(headers + "/table.h", tableText) ||
		!writeFile(stem + mine + ".cu", "#line 1 \"kernel.cu\"\n" + source + table(source))) {
		*log = "cannot write to the cache " + folder + ": " + strerror(errno);
		return "";
	}
	args.insert(args.end(), {"-I" + headers, "-include", "prelude.h", stem + mine + ".cu", "-o", stem + mine});
	int status = runCompiler(args, said + mine);
	*log = readFile(said + mine);
	unlink((stem + mine + ".cu").c_str());
	if (status != 0) {
		unlink((said + mine).c_str());
		unlink((stem + mine).c_str());
		if (status < 0) *log = "cannot run " + compiler + ": the emulator compiles kernels with it\n" + *log;
		if (log->empty()) *log = compiler + " failed and did not say why";
		return "";
	}
	if (log->empty())
		unlink((said + mine).c_str());
	else
		rename((said + mine).c_str(), said.c_str());
	prune(folder);
	if (rename((stem + mine).c_str(), library.c_str())) {
		*log = "cannot write to the cache " + folder + ": " + strerror(errno);
		return "";
	}
	return library;
}
