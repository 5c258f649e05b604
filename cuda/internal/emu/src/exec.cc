// A program that reads a kernel source, memory and launches, runs them, and
// writes the memory. exec.go writes what it reads.
#include "device.h"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

static void fail(const std::string& why) {
	fprintf(stderr, "%s\n", why.c_str());
	exit(1);
}

static void read(void* p, size_t n) {
	if (fread(p, 1, n, stdin) != n) fail("what was to be run ends early");
}

static uint64_t number() {
	uint64_t n;
	read(&n, sizeof n);
	return n;
}

static std::string text() {
	std::string s(number(), 0);
	read(&s[0], s.size());
	return s;
}

int main() {
	static char alternate[64 << 10];
	stack_t stack = {};
	stack.ss_sp = alternate;
	stack.ss_size = sizeof alternate;
	sigaltstack(&stack, nullptr);

	Device& d = theDevice;
	d.strict = number();
	d.order = number();
	std::string log, error;
	std::string library = compile(text(), d.strict, &log);
	if (library.empty()) fail(log);
	Module* module = load(library, &error);
	if (!module) fail(error);

	d.heap.total = size_t(1) << 40;
	std::vector<uintptr_t> buffers(number());
	std::vector<size_t> sizes;
	for (size_t i = 0; i < buffers.size(); i++) {
		size_t size = number();
		bool set = number();
		sizes.push_back(size);
		buffers[i] = d.heap.allocate(size ? size : 1, format("buffer %zu", i));
		if (!buffers[i]) fail(format("no memory for buffer %zu of %zu bytes", i, size));
		if (!size) d.heap.mark(buffers[i], 1, stateNone);
		if (!set) continue;
		read(reinterpret_cast<void*>(buffers[i]), size);
		d.heap.mark(buffers[i], size, stateSet);
	}

	size_t launches = number();
	for (size_t i = 0; i < launches; i++) {
		std::string name = text();
		Launch l = {};
		l.module = module;
		l.kernel = module->find(name);
		l.grid = {unsigned(number()), 1, 1};
		l.block = {unsigned(number()), 1, 1};
		std::vector<uint64_t> addresses(number());
		std::vector<void*> params;
		for (uint64_t& a : addresses) {
			uint64_t buffer = number();
			a = number() + (buffer < buffers.size() ? buffers[buffer] : 0);
			params.push_back(&a);
		}
		if (!l.kernel) fail(format("launch %zu: the source has no kernel %s", i, name.c_str()));
		if (l.kernel->code->params != int(params.size()))
			fail(format("launch %zu: kernel %s takes %d arguments, but %zu are given", i, name.c_str(), l.kernel->code->params, params.size()));
		for (int k = 0; k < l.kernel->code->params; k++)
			if (l.kernel->code->sizes[k] != 8) fail(format("launch %zu: kernel %s: argument %d is no pointer", i, name.c_str(), k));
		if (!l.grid.x) fail(format("launch %zu: kernel %s: a grid of no blocks", i, name.c_str()));
		l.params = params.data();
		std::string fault = d.run(l);
		if (!fault.empty()) fail(format("launch %zu: %s", i, fault.c_str()));
	}
	for (size_t i = 0; i < buffers.size(); i++) fwrite(reinterpret_cast<void*>(buffers[i]), 1, sizes[i], stdout);
	return fflush(stdout) ? 1 : 0;
}
