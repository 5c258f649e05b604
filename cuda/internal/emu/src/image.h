// What the stand-in for NVRTC returns as compiled code: the source, after a
// line that says for which device and how, with a hash, so that a damaged file
// is recognised.
#pragma once
#include "format.h"

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

struct Image {
	int arch = 0; // 90 for compute capability 9.0
	bool ptx = false;
	bool contract = true; // products and sums may be contracted to fused multiply-adds
	std::string source;

	std::string head() const {
		uint64_t h = 0xcbf29ce484222325u;
		for (unsigned char c : source) h = (h ^ c) * 0x100000001b3u;
		return format("//emulated %s %d %s %zu %016lx\n", ptx ? "compute" : "sm", arch, contract ? "fma" : "apart", source.size(), (unsigned long)h);
	}
	std::string text() const { return head() + source; }
	bool parse(const char* data) {
		char kind[16], how[16];
		size_t size;
		unsigned long h;
		if (!data || strncmp(data, "//emulated ", 11)) return false;
		const char* end = strchr(data, '\n');
		if (!end || sscanf(data, "//emulated %15s %d %15s %zu %lx", kind, &arch, how, &size, &h) != 5) return false;
		if (strnlen(end + 1, size) != size) return false;
		ptx = !strcmp(kind, "compute");
		contract = !strcmp(how, "fma");
		source.assign(end + 1, size);
		return !strncmp(head().c_str(), data, size_t(end - data));
	}
	// options are additional options of the compiler.
	std::vector<std::string> options() const {
		std::vector<std::string> o = {format("-DEMU_ARCH=%d0", arch)};
		if (!contract) o.push_back("-ffp-contract=off");
		return o;
	}
};
