// How a launch runs: blocks one after another, threads one at a time, from
// barrier to barrier.
#include "device.h"

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <pthread.h>
#include <ucontext.h>

Device theDevice;

bool Device::inThread() const { return current >= 0 && host == (unsigned long)pthread_self(); }

static uint32_t ticks = 0; // the last one given

uint32_t Device::nextTick() { return ++ticks; }

static unsigned volume(EmuIndex i) { return i.x * i.y * i.z; }

std::string Device::who(int thread) const {
	EmuIndex i = threads[size_t(thread)].index;
	if (now.block.y == 1 && now.block.z == 1) return format("%u", i.x);
	return format("(%u,%u,%u)", i.x, i.y, i.z);
}

static std::string blockName(EmuIndex grid, EmuIndex i) {
	if (grid.y == 1 && grid.z == 1) return format("%u", i.x);
	return format("(%u,%u,%u)", i.x, i.y, i.z);
}

void Device::fault(const std::string& what, void* pc, int line) {
	if (!line && pc) line = sourceLine(*now.module, uintptr_t(pc) - 1);
	failure = format("kernel %s, block %s, thread %s: %s", now.kernel->name.c_str(), blockName(now.grid, blockIndex).c_str(), who(current).c_str(), what.c_str());
	if (line) failure += format(" (line %d)", line);
	switchFiber(&threads[size_t(current)].fiber, &scheduler);
	abort(); // an ended thread does not continue
}

void Device::trap(int kind, int line, unsigned long value, void* pc) {
	switch (kind) {
	case emuTrapAlignment: fault(format("misaligned access or null at 0x%lx: %s", value, place(value).c_str()), pc, line);
	case emuTrapBounds: fault(format("out of bounds: index %ld of an array", long(value)), pc, line);
	case emuTrapDivision: fault("divides an integer by zero", pc, line);
	case emuTrapShift: fault(format("shifts by %ld, which the type is too narrow for", long(value)), pc, line);
	case emuTrapOverflow: fault("overflows a signed integer", pc, line);
	}
	fault("undefined behaviour", pc, line);
}

EmuIndex Device::where(int which) const {
	switch (which) {
	case 0: return threads[size_t(current)].index;
	case 1: return blockIndex;
	case 2: return now.block;
	}
	return now.grid;
}

void Device::setStamp() {
	laneBit = 1u << (unsigned(current) % warpSize);
	warpOfIt = unsigned(current) / warpSize;
	const Warp& w = warps[size_t(current) / warpSize];
	stamp = w.tick == tick ? w.stamp : 0;
}

// pause suspends the running thread until it is ready.
void Device::pause(At at) {
	Thread& t = threads[size_t(current)];
	t.at = at;
	switchFiber(&t.fiber, &scheduler);
	t.at = At::Running;
}

unsigned Device::barrier(int line, int predicate) {
	Thread& t = threads[size_t(current)];
	t.line = line;
	t.ready = false;
	if (ended) {
		int gone = 0;
		while (threads[size_t(gone)].at != At::End) gone++;
		fault(format("is at a barrier that thread %s never reaches: it has returned", who(gone).c_str()), nullptr, line);
	}
	if (predicate) agreed++;
	if (++waiting == count) {
		for (int i = 0; i < count; i++)
			if (threads[size_t(i)].line != line)
				fault(format("is at a barrier, but thread %s is at another, on line %d", who(i).c_str(), threads[size_t(i)].line), nullptr, line);
		released();
	}
	pause(At::Barrier);
	return unsigned(agreedLast);
}

// released ends a barrier: what follows comes after everything before it.
void Device::released() {
	for (int i = 0; i < count; i++) threads[size_t(i)].ready = true;
	waiting = 0;
	agreedLast = agreed;
	agreed = 0;
	tick = nextTick();
}

static const char* exchangeName(int kind) {
	switch (kind) {
	case emuSyncWarp: return "__syncwarp";
	case emuShuffle: return "__shfl_sync";
	case emuShuffleUp: return "__shfl_up_sync";
	case emuShuffleDown: return "__shfl_down_sync";
	case emuShuffleXor: return "__shfl_xor_sync";
	case emuBallot: return "a vote";
	}
	return "an exchange";
}

unsigned long Device::exchange(int kind, int line, unsigned mask, unsigned long value, int source, int width) {
	int first = current / warpSize * warpSize;
	int lanes = count - first < warpSize ? count - first : int(warpSize);
	unsigned exist = lanes == warpSize ? ~0u : (1u << lanes) - 1;
	Thread& me = threads[size_t(current)];
	if (kind == emuActive) {
		for (int i = 0; i < lanes; i++)
			if (threads[size_t(first + i)].at == At::End) exist &= ~(1u << i);
		return exist;
	}
	const char* name = exchangeName(kind);
	if (!(mask >> (current - first) & 1)) fault(format("calls %s with mask 0x%08x, which its own lane %d is not in", name, mask, current - first), nullptr, line);
	if (mask & ~exist) fault(format("calls %s with mask 0x%08x, but its warp has %d lanes", name, mask, lanes), nullptr, line);
	if (width < 1 || width > warpSize || (width & (width - 1))) fault(format("calls %s with width %d, which is no power of two up to 32", name, width), nullptr, line);
	for (int i = 0; i < lanes; i++)
		if ((mask >> i & 1) && threads[size_t(first + i)].at == At::End)
			fault(format("calls %s with mask 0x%08x, but lane %d has returned", name, mask, i), nullptr, line);
	me.kind = kind, me.line = line, me.mask = mask, me.in = value, me.source = source, me.width = width;
	me.ready = false;
	me.at = At::Warp;
	bool all = true;
	for (int i = 0; i < lanes && all; i++) {
		const Thread& t = threads[size_t(first + i)];
		if (mask >> i & 1) all = t.at == At::Warp && !t.ready && t.kind == kind && t.mask == mask;
	}
	if (all) finishWarp(unsigned(current) / warpSize);
	pause(At::Warp);
	return me.out;
}

// finishWarp completes the exchange that the running thread has reached, which
// all lanes are at: it gives each lane its result.
void Device::finishWarp(unsigned warp) {
	Thread* lane = &threads[size_t(warp) * warpSize];
	const Thread& me = threads[size_t(current)];
	unsigned mask = me.mask, votes = 0;
	for (int i = 0; i < warpSize; i++)
		if ((mask >> i & 1) && lane[i].in) votes |= 1u << i;
	for (int i = 0; i < warpSize; i++) {
		if (!(mask >> i & 1)) continue;
		Thread& t = lane[i];
		int w = t.width, start = i / w * w, from = i;
		switch (t.kind) {
		case emuShuffle: from = start + (t.source & (w - 1)); break;
		case emuShuffleUp: from = i - t.source < start ? i : i - t.source; break;
		case emuShuffleDown: from = i + t.source >= start + w ? i : i + t.source; break;
		case emuShuffleXor: from = (i ^ t.source) >= start + w ? i : i ^ t.source; break;
		}
		if (!(mask >> from & 1))
			fault(format("in %s, lane %d reads lane %d, which mask 0x%08x lacks", exchangeName(t.kind), i, from, mask), nullptr, t.line);
		t.out = t.kind == emuBallot ? votes : lane[from].in;
	}
	if (me.kind == emuSyncWarp) {
		Warp& w = warps[warp];
		if (w.tick != tick) {
			memset(w.met, 0, sizeof w.met);
			w.tick = tick;
			w.stamp = 0;
		}
		w.stamp++;
		uint32_t known[warpSize] = {};
		for (int i = 0; i < warpSize; i++)
			for (int j = 0; (mask >> i & 1) && j < warpSize; j++)
				if (w.met[i][j] > known[j]) known[j] = w.met[i][j];
		for (int j = 0; j < warpSize; j++)
			if (mask >> j & 1) known[j] = w.stamp;
		for (int i = 0; i < warpSize; i++)
			if (mask >> i & 1) memcpy(w.met[i], known, sizeof known);
	}
	for (int i = 0; i < warpSize; i++)
		if (mask >> i & 1) lane[i].ready = true;
}

// stuck says why no thread of the block can continue.
std::string Device::stuck() const {
	int first = -1, other = -1;
	for (int i = 0; i < count; i++) {
		const Thread& t = threads[size_t(i)];
		if (t.at == At::End) continue;
		if (first < 0)
			first = i;
		else if (other < 0 && (t.at != threads[size_t(first)].at || t.kind != threads[size_t(first)].kind || t.line != threads[size_t(first)].line || t.mask != threads[size_t(first)].mask))
			other = i;
	}
	auto tell = [this](int i) {
		const Thread& t = threads[size_t(i)];
		if (t.at == At::Barrier) return format("thread %s waits at __syncthreads (line %d)", who(i).c_str(), t.line);
		return format("thread %s waits at %s with mask 0x%08x (line %d)", who(i).c_str(), exchangeName(t.kind), t.mask, t.line);
	};
	std::string s = format("kernel %s, block %s: threads wait for one another for ever: %s", now.kernel->name.c_str(), blockName(now.grid, blockIndex).c_str(), tell(first).c_str());
	if (other >= 0) s += ", " + tell(other);
	return s;
}

// threadMain is where each fiber starts.
void Device::threadMain() {
	now.kernel->code->call(now.params);
	Thread& t = threads[size_t(current)];
	if (waiting) {
		int at = 0;
		while (threads[size_t(at)].at != At::Barrier) at++;
		fault(format("returns, but thread %s waits for it at a barrier", who(at).c_str()), nullptr, threads[size_t(at)].line);
	}
	int first = current / warpSize * warpSize;
	for (int i = first; i < first + warpSize && i < count; i++) {
		const Thread& u = threads[size_t(i)];
		if (u.at == At::Warp && !u.ready && (u.mask >> (current - first) & 1))
			fault(format("returns, but thread %s waits for it at %s with mask 0x%08x", who(i).c_str(), exchangeName(u.kind), u.mask), nullptr, u.line);
	}
	t.at = At::End;
	ended++;
	switchFiber(&t.fiber, &scheduler);
	abort();
}

static void enterThread() { theDevice.threadMain(); }

void Device::shuffle(std::vector<int>& v) {
	if (order == 1)
		for (size_t i = 0, j = v.size(); i + 1 < j; i++) std::swap(v[i], v[--j]);
	if (order < 2) return;
	for (size_t i = v.size(); i > 1; i--) {
		random ^= random << 13, random ^= random >> 7, random ^= random << 17;
		std::swap(v[i - 1], v[random % i]);
	}
}

bool Device::runBlock() {
	waiting = ended = agreed = 0;
	tick = blockTick = nextTick();
	for (const Variable& v : now.kernel->shared) {
		memset(reinterpret_cast<void*>(v.base), 0xff, v.size);
		memset(shared.state + (v.base - shared.base), stateUnset, v.size);
	}
	for (Thread& t : threads) t.at = At::Start;
	turns.resize(size_t(count));
	for (int i = 0; i < count; i++) turns[size_t(i)] = i;
	shuffle(turns);
	while (ended < count) {
		bool moved = false;
		for (int i : turns) {
			Thread& t = threads[size_t(i)];
			if (t.at == At::Start) {
				t.stack = freeStacks.back();
				freeStacks.pop_back();
				t.fiber.prepare(stacks.low(t.stack), stacks.top(t.stack), enterThread);
				t.at = At::Running;
			} else if (t.at == At::End || !t.ready) {
				continue;
			}
			moved = true;
			t.ready = false;
			current = i;
			setStamp();
			switchFiber(&scheduler, &t.fiber);
			current = -1;
			if (t.at == At::End) freeStacks.push_back(t.stack);
			if (!failure.empty()) return false;
		}
		if (!moved) {
			failure = stuck();
			return false;
		}
	}
	return true;
}

std::string Device::run(const Launch& launch) {
	now = launch;
	failure.clear();
	unsigned n = volume(launch.block);
	const std::string& name = launch.kernel->name;
	if (n == 0 || n > maxThreads) return format("kernel %s: a block of %u threads: from 1 to %d are allowed", name.c_str(), n, int(maxThreads));
	if (launch.kernel->code->bound && n > launch.kernel->code->bound)
		return format("kernel %s: a block of %u threads, but __launch_bounds__ promises at most %u", name.c_str(), n, launch.kernel->code->bound);
	if (launch.kernel->sharedBytes > 48 << 10)
		return format("kernel %s: %zu bytes of __shared__ memory: at most 49152 are allowed", name.c_str(), launch.kernel->sharedBytes);
	if (!stacks.open(maxThreads)) return "no memory for the stacks of a block's threads";
	catchSignals();
	Module* module = const_cast<Module*>(launch.module);
	if (ticks > 0xf0000000u) { // numbers run out: forget who accessed what
		heap.forget();
		ticks = 0;
		epoch++;
	}
	if (module->epoch != epoch) {
		module->forget();
		module->epoch = epoch;
	}
	freeStacks.clear();
	for (int i = maxThreads - 1; i >= 0; i--) freeStacks.push_back(i);
	if (module->shared.size) memset(module->shared.state, stateNone, module->shared.size);
	shared = module->shared;
	image = module->image;
	host = (unsigned long)pthread_self();
	count = int(n);
	threads.resize(n);
	warps.resize((n + warpSize - 1) / warpSize);
	for (unsigned i = 0; i < n; i++) threads[i].index = {i % launch.block.x, i / launch.block.x % launch.block.y, i / launch.block.x / launch.block.y};
	random = order * 0x9e3779b97f4a7c15u + 1;
	launchTick = ticks + 1;
	unsigned blocks = volume(launch.grid);
	std::vector<int> seq;
	if (order) {
		for (unsigned b = 0; b < blocks; b++) seq.push_back(int(b));
		shuffle(seq);
	}
	for (unsigned k = 0; k < blocks; k++) {
		unsigned b = order ? unsigned(seq[k]) : k;
		blockIndex = {b % launch.grid.x, b / launch.grid.x % launch.grid.y, b / launch.grid.x / launch.grid.y};
		if (!runBlock()) break;
	}
	return failure;
}

// Signals.

static struct sigaction before[2];
static char landingStack[64 << 10] __attribute__((aligned(16)));

static void land() { theDevice.segfault(); }

void Device::segfault() {
	if (stacks.has(crashed)) fault("its stack is full: a local array is too large, or it calls itself", nullptr);
	fault(format("out of bounds: accesses 0x%lx: %s", (unsigned long)crashed, place(crashed).c_str()), nullptr);
}

static void onSignal(int number, siginfo_t* info, void* context) {
	if (theDevice.inThread()) {
		theDevice.crashed = uintptr_t(info->si_addr);
		ucontext_t* u = static_cast<ucontext_t*>(context);
		uintptr_t top = uintptr_t(landingStack) + sizeof landingStack;
#if defined(__x86_64__)
		u->uc_mcontext.gregs[REG_RSP] = greg_t(top - 8);
		u->uc_mcontext.gregs[REG_RIP] = greg_t(uintptr_t(land));
#elif defined(__aarch64__)
		u->uc_mcontext.sp = top;
		u->uc_mcontext.pc = uintptr_t(land);
#else
		abort();
#endif
		return;
	}
	struct sigaction& old = before[number == SIGBUS];
	if (old.sa_flags & SA_SIGINFO) {
		old.sa_sigaction(number, info, context);
	} else if (old.sa_handler == SIG_DFL || old.sa_handler == SIG_IGN) {
		sigaction(number, &old, nullptr); // the access is repeated, and ends the process
	} else {
		old.sa_handler(number);
	}
}

void catchSignals() {
	static bool done = false;
	if (done) return;
	done = true;
	struct sigaction a = {};
	a.sa_sigaction = onSignal;
	a.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART;
	sigfillset(&a.sa_mask);
	sigaction(SIGSEGV, &a, &before[0]);
	sigaction(SIGBUS, &a, &before[1]);
}
