// The interface between compiled kernels and the emulator: the functions that a
// kernel calls, and the description of a module's kernels.
#pragma once

// Kinds of an exchange between the threads of a warp.
enum EmuWarp {
	emuSyncWarp,
	emuShuffle,     // the value of lane source
	emuShuffleUp,   // of the lane source below
	emuShuffleDown, // of the lane source above
	emuShuffleXor,  // of the lane whose number differs by source
	emuBallot,
	emuActive,
};

// Kinds of fault that the compiler's own checks find.
enum EmuTrap { emuTrapAlignment, emuTrapBounds, emuTrapDivision, emuTrapShift, emuTrapOverflow, emuTrapOther };

struct EmuIndex {
	unsigned x, y, z;
};

// EmuTable is what a kernel calls.
struct EmuTable {
	void (*read[5])(const void* p); // of 1, 2, 4, 8 and 16 bytes
	void (*write[5])(void* p);
	void (*readRange)(const void* p, unsigned long bytes);
	void (*writeRange)(void* p, unsigned long bytes);
	void (*atomic)(void* p, unsigned long bytes);
	void (*trap)(int kind, int line, unsigned long value);
	unsigned (*barrier)(int line, int predicate); // how many threads have a true predicate
	unsigned long (*warp)(int kind, int line, unsigned mask, unsigned long value, int source, int width);
	EmuIndex (*index)(int which); // 0 threadIdx, 1 blockIdx, 2 blockDim, 3 gridDim
};

// EmuKernel describes a kernel that a module has.
struct EmuKernel {
	const char* name;
	void (*call)(void** params);
	int params;
	const unsigned* sizes; // bytes of each parameter
	unsigned bound;        // most threads of a block, by __launch_bounds__; 0: not given
};

// EmuModule is what a module exports under the name emuModule.
struct EmuModule {
	const EmuTable** table;
	const EmuKernel* kernels;
	int count;
};
