// How fibers switch: by hand on x86-64, elsewhere by ucontext.
#include "fiber.h"

#include <sys/mman.h>
#include <unistd.h>

#ifdef EMU_HAND_SWITCH

// The callee-saved registers are pushed on the old stack and popped from the
// new one.
asm(R"(
	.text
	.p2align 4
	.type emuSwitchStack, @function
emuSwitchStack:
	pushq %rbp
	pushq %rbx
	pushq %r12
	pushq %r13
	pushq %r14
	pushq %r15
	movq %rsp, (%rdi)
	movq %rsi, %rsp
	popq %r15
	popq %r14
	popq %r13
	popq %r12
	popq %rbx
	popq %rbp
	ret
	.size emuSwitchStack, .-emuSwitchStack
)");
extern "C" void emuSwitchStack(void** from, void* to) __attribute__((visibility("hidden")));

void Fiber::prepare(char*, char* top, void (*entry)()) {
	// On entry to a function, the stack pointer is 8 bytes past a multiple of
	// 16.
	void** s = reinterpret_cast<void**>(uintptr_t(top) & ~uintptr_t(15));
	*--s = nullptr;
	*--s = reinterpret_cast<void*>(entry);
	for (int i = 0; i < 6; i++) *--s = nullptr;
	sp = s;
}

void switchFiber(Fiber* from, Fiber* to) { emuSwitchStack(&from->sp, to->sp); }

#else

void Fiber::prepare(char* low, char* top, void (*entry)()) {
	getcontext(&context);
	context.uc_stack.ss_sp = low;
	context.uc_stack.ss_size = size_t(top - low) & ~size_t(15);
	context.uc_link = nullptr;
	makecontext(&context, entry, 0);
}

void switchFiber(Fiber* from, Fiber* to) { swapcontext(&from->context, &to->context); }

#endif

bool Stacks::open(int n) {
	if (base) return true;
	void* p = mmap(nullptr, size_t(n) * size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (p == MAP_FAILED) return false;
	base = static_cast<char*>(p);
	count = n;
	for (int i = 0; i < n; i++) mprotect(low(i), size_t(sysconf(_SC_PAGESIZE)), PROT_NONE);
	return true;
}
