// Fibers: the threads of a block, each with its own stack, which switch
// explicitly from one to another.
#pragma once
#include <cstddef>
#include <cstdint>

#if defined(__x86_64__) && !defined(EMU_UCONTEXT)
#define EMU_HAND_SWITCH 1
#else
#include <ucontext.h>
#endif

// Fiber is a suspended thread of execution.
struct Fiber {
#ifdef EMU_HAND_SWITCH
	void* sp = nullptr;
#else
	ucontext_t context;
#endif
	// prepare makes the next switch to the fiber call entry on a stack that
	// ends at top.
	void prepare(char* low, char* top, void (*entry)());
};

// switchFiber suspends the running fiber as from and continues to.
void switchFiber(Fiber* from, Fiber* to);

// Stacks are the memory for fibers' stacks, each with a guard page below it.
struct Stacks {
	static const size_t size = 128 << 10;
	char* base = nullptr;
	int count = 0;

	bool open(int count);
	// Bounds of a stack. Tops are offset from one another, or all stacks would
	// share the same few lines of the cache.
	char* low(int i) const { return base + size_t(i) * size; }
	char* top(int i) const { return base + size_t(i + 1) * size - size_t(i % 61) * 64; }
	bool has(uintptr_t p) const { return p - uintptr_t(base) < size_t(count) * size; }
	int of(uintptr_t p) const { return int((p - uintptr_t(base)) / size); }
};
