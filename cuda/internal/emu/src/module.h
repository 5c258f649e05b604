// Kernels, compiled from source by g++ and loaded, and their descriptions.
#pragma once
#include "memory.h"
#include "table.h"

#include <string>
#include <vector>

// Variable is a __shared__ array or scalar.
struct Variable {
	uintptr_t base;
	size_t size;
	std::string name;
};

struct Kernel {
	const EmuKernel* code;
	std::string name;
	std::vector<Variable> shared; // by address
	size_t sharedBytes = 0;
};

// Module is a compiled source, in memory.
struct Module {
	std::string path; // of the library that it was loaded from
	void* handle = nullptr;
	int memory = -1;          // its file in memory
	uintptr_t offset = 0;     // from addresses in the file to those in memory
	Region shared, image;     // its __shared__ variables; all memory that it occupies
	unsigned epoch = 0;       // of the ticks in its cells
	std::vector<Kernel> kernels;

	const Kernel* find(const std::string& name) const;
	void forget(); // clears who accessed what
	~Module();
};

// compile makes a library of a kernel source, or finds it in the cache, and
// returns its path. On failure, the path is empty and log says why; log also
// has warnings. Extra options come after the emulator's own.
std::string compile(const std::string& source, bool strict, std::string* log, const std::vector<std::string>& extra = {});

// load opens a library that compile made. It returns nullptr and says why in error.
Module* load(const std::string& path, std::string* error);

// sourceLine is the line of the source at an address in the module, or 0.
int sourceLine(const Module& module, uintptr_t pc);
