// The emulated device: it runs the blocks of a launch one after another, and
// the threads of a block as fibers, and checks what they do.
#pragma once
#include "fiber.h"
#include "memory.h"
#include "module.h"
#include "table.h"

#include <string>
#include <vector>

enum { warpSize = 32, maxThreads = 1024 };

// Where a thread is.
enum class At : uint8_t { Start, Running, Barrier, Warp, End };

struct Thread {
	Fiber fiber;
	At at = At::Start;
	bool ready = false; // it need not wait any longer
	int stack = -1;
	EmuIndex index = {};
	int line = 0; // of the barrier or exchange it is at
	// The exchange it is at, with its input and its result.
	int kind = 0, source = 0, width = 0;
	unsigned mask = 0;
	unsigned long in = 0, out = 0;
};

// Warp records which lanes have synchronized by __syncwarp since the last
// barrier.
struct Warp {
	uint32_t tick = 0, stamp = 0;
	uint32_t met[warpSize][warpSize]; // the stamp of the last __syncwarp that orders lane j before lane i
};

// Launch is a kernel to run.
struct Launch {
	const Module* module;
	const Kernel* kernel;
	EmuIndex grid, block;
	void** params; // the address of each parameter
};

struct Device {
	Heap heap;
	bool strict = true;
	uint64_t order = 0; // of blocks and threads: 0 forward, 1 backward, else shuffled with this seed

	// run runs a launch to its end, and returns the fault, or "".
	std::string run(const Launch& launch);
	// reach checks memory that a library or a copy is about to use: all of it
	// must be allocated and, if it is read, written before. It returns the
	// fault, or "".
	std::string reach(uintptr_t p, size_t bytes, bool write, const std::string& who);

	// What kernels call through the table.
	void access(uintptr_t p, size_t bytes, bool write, bool atomic, void* pc);
	void trap(int kind, int line, unsigned long value, void* pc);
	unsigned barrier(int line, int predicate);
	unsigned long exchange(int kind, int line, unsigned mask, unsigned long value, int source, int width);
	EmuIndex where(int which) const;

	// fault ends the launch with that message. A thread calls it.
	[[noreturn]] void fault(const std::string& what, void* pc, int line = 0);
	// inThread says whether the caller is a thread of the launch that runs.
	bool inThread() const;
	[[noreturn]] void threadMain();
	[[noreturn]] void segfault();
	uintptr_t crashed = 0; // the address that a signal was about

private:
	Launch now = {};
	Stacks stacks;
	std::vector<int> freeStacks;
	std::vector<Thread> threads;
	std::vector<Warp> warps;
	std::vector<int> turns; // threads, in the order in which they run
	Fiber scheduler;
	int count = 0;     // threads of the block
	int current = -1;  // the thread that runs; -1: none
	int waiting = 0, ended = 0, agreed = 0, agreedLast = 0;
	EmuIndex blockIndex = {};
	uint32_t tick = 0, blockTick = 0, launchTick = 0, stamp = 0;
	uint32_t laneBit = 0;  // the running thread's bit, and its warp
	unsigned warpOfIt = 0;
	std::string failure;
	uint64_t random = 0;
	unsigned long host = 0; // the host's thread that runs it
	unsigned epoch = 0;     // how often ticks restarted

	// Checks of memory.
	Region shared, image; // those of the running kernel's module
	void touch(const Region& region, uintptr_t p, size_t bytes, bool write, bool atomic, void* pc);
	void markRead(const Region& region, Cell& cell, unsigned bytes, uintptr_t p, void* pc);
	void markWrite(const Region& region, Cell& cell, unsigned bytes, bool atomic, uintptr_t p, void* pc);
	bool ordered(unsigned thread, uint32_t at) const;
	[[noreturn, gnu::cold, gnu::noinline]] void race(uintptr_t p, bool write, bool otherWrote, int other, void* pc);
	[[noreturn, gnu::cold, gnu::noinline]] void astray(uintptr_t p, size_t bytes, bool write, void* pc);
	std::string place(uintptr_t p) const;

	bool runBlock();
	void shuffle(std::vector<int>& order);
	void pause(At at);
	void finishWarp(unsigned warp);
	void released();
	std::string stuck() const;
	uint32_t nextTick();
	void setStamp();
	std::string who(int thread) const;
};

// theDevice is the one device of the process.
extern Device theDevice;
extern const EmuTable theTable;

// catchSignals makes a thread's stray access end its launch rather than the
// process. Other signals go to the previous handler.
void catchSignals();
