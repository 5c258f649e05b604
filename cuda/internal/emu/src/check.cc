// What a thread may not do with memory: access what is not allocated, read what
// was never written, or access what another thread accesses when nothing orders
// the two.
#include "device.h"

static const uint32_t sets[5] = {0, 3, 0x303, 0x30303, 0x3030303}; // the state of 1 to 4 bytes that are set

// stateOf gathers the states of one to four bytes.
static uint32_t stateOf(const uint8_t* state, size_t bytes) {
	uint32_t s = 0;
	__builtin_memcpy(&s, state, bytes);
	return s;
}

// ordered says whether an access by that thread in this tick, at a stamp, comes
// before what the running thread does now.
bool Device::ordered(unsigned thread, uint32_t at) const {
	if (int(thread) == current) return true;
	if (thread / warpSize != warpOfIt) return false;
	const Warp& w = warps[thread / warpSize];
	return w.tick == tick && w.met[unsigned(current) % warpSize][thread % warpSize] > at;
}

void Device::race(uintptr_t p, bool write, bool otherWrote, int other, void* pc) {
	const char* verb = write ? "writes" : "reads";
	const char* did = otherWrote ? "wrote" : "read";
	if (other == -2)
		fault(format("race: %s %s, which another block of the launch %s", verb, place(p).c_str(), did), pc);
	if (other == -1)
		fault(format("race: %s %s, which other threads of the block %s since the last barrier", verb, place(p).c_str(), did), pc);
	fault(format("race: %s %s, which thread %s %s since the last barrier", verb, place(p).c_str(), who(other).c_str(), did), pc);
}

inline void Device::markRead(const Region& r, Cell& c, unsigned bytes, uintptr_t p, void* pc) {
	uint32_t lane = laneBit;
	uint8_t warp = uint8_t(warpOfIt);
	if (c.writeTick >= launchTick && (c.writeBytes & bytes)) {
		if (c.writeTick == tick) {
			if (!ordered(c.writeThread, c.writeStamp)) race(p, false, true, c.writeThread, pc);
		} else if (c.writeTick < blockTick && !r.shared) {
			race(p, false, true, -2, pc);
		}
	}
	if (c.earlierAtomic >= launchTick && (c.earlierAtomic == tick || (c.earlierAtomic < blockTick && !r.shared)))
		race(p, false, true, c.earlierAtomic == tick ? -1 : -2, pc);
	if (c.readTick != tick) {
		if (c.readTick >= launchTick && c.readTick < blockTick) c.earlierRead = c.readTick;
		c.readTick = tick;
		c.readStamp = stamp;
		c.readWarp = warp;
		c.readMask = lane;
		c.readBytes = uint8_t(bytes) & 15;
		return;
	}
	c.readBytes |= uint8_t(bytes) & 15;
	if (c.readWarp != warp) {
		c.readWarp = mixedWarps;
		return;
	}
	if (c.readStamp != stamp) { // reads known to come before no longer matter
		for (unsigned i = 0; i < warpSize; i++)
			if ((c.readMask >> i & 1) && ordered(warp * warpSize + i, c.readStamp)) c.readMask &= ~(1u << i);
		c.readStamp = stamp;
	}
	c.readMask |= lane;
}

inline void Device::markWrite(const Region& r, Cell& c, unsigned bytes, bool atomic, uintptr_t p, void* pc) {
	bool both = atomic && c.writeAtomic; // two atomics do not race
	if (c.writeTick >= launchTick && (c.writeBytes & bytes)) {
		if (c.writeTick == tick) {
			if (c.writeThread != unsigned(current)) {
				if (!both && !ordered(c.writeThread, c.writeStamp)) race(p, true, true, c.writeThread, pc);
				if (both) c.earlierAtomic = tick;
			}
		} else if (c.writeTick < blockTick && !r.shared) {
			if (!both) race(p, true, true, -2, pc);
			c.earlierAtomic = c.writeTick;
		}
	}
	if (!atomic && c.earlierAtomic >= launchTick && (c.earlierAtomic == tick || (c.earlierAtomic < blockTick && !r.shared)))
		race(p, true, true, c.earlierAtomic == tick ? -1 : -2, pc);
	if (!r.shared && c.earlierRead >= launchTick && c.earlierRead < blockTick) race(p, true, false, -2, pc);
	if (c.readTick >= launchTick && (c.readBytes & bytes)) {
		if (c.readTick == tick) {
			if (c.readWarp == mixedWarps) race(p, true, false, -1, pc);
			uint32_t others = c.readMask;
			if (c.readWarp == warpOfIt) others &= ~laneBit;
			while (others) {
				unsigned i = unsigned(__builtin_ctz(others));
				unsigned reader = c.readWarp * unsigned(warpSize) + i;
				if (!ordered(reader, c.readStamp)) race(p, true, false, int(reader), pc);
				others &= others - 1;
			}
		} else if (c.readTick < blockTick && !r.shared) {
			race(p, true, false, -2, pc);
		}
	}
	c.writeTick = tick;
	c.writeStamp = stamp;
	c.writeThread = uint16_t(current) & 1023;
	c.writeAtomic = atomic;
	c.writeBytes = uint8_t(bytes) & 15;
}

// touch checks an access within a region, four bytes at a time.
inline void Device::touch(const Region& r, uintptr_t p, size_t size, bool write, bool atomic, void* pc) {
	uintptr_t off = p - r.base;
	if (size == 4 && off % 4 == 0 && stateOf(r.state + off, 4) == sets[4]) { // nearly all accesses
		Cell& c = r.cells[off / 4];
		if (write)
			markWrite(r, c, 15, atomic, p, pc);
		else
			markRead(r, c, 15, p, pc);
		return;
	}
	while (size > 0) {
		size_t in = off % 4;
		size_t n = size < 4 - in ? size : 4 - in;
		uint32_t s = stateOf(r.state + off, n);
		if (s != sets[n]) {
			for (size_t i = 0; i < n; i++)
				if (r.state[off + i] == stateNone) astray(r.base + off + i, size, write, pc);
			if (!write || atomic)
				fault(format("reads %s, which was never written", place(r.base + off).c_str()), pc);
			__builtin_memcpy(r.state + off, &sets[n], n);
		}
		unsigned bytes = ((1u << n) - 1) << in;
		Cell& c = r.cells[off / 4];
		if (write)
			markWrite(r, c, bytes, atomic, r.base + off, pc);
		else
			markRead(r, c, bytes, r.base + off, pc);
		off += n;
		size -= n;
	}
}

void Device::access(uintptr_t p, size_t size, bool write, bool atomic, void* pc) {
	if (atomic && p % size) fault(format("misaligned atomic of %zu bytes at %s", size, place(p).c_str()), pc);
	const Region& heapRegion = heap.region;
	if (heapRegion.has(p) && heapRegion.size - (p - heapRegion.base) >= size) return touch(heapRegion, p, size, write, atomic, pc);
	if (shared.has(p) && shared.size - (p - shared.base) >= size) return touch(shared, p, size, write, atomic, pc);
	if (stacks.has(p)) {
		if (stacks.of(p) == threads[size_t(current)].stack) return;
		fault(format("%s a local variable of another thread", write ? "writes" : "reads"), pc);
	}
	if (image.has(p) && image.size - (p - image.base) >= size) return touch(image, p, size, write, atomic, pc);
	astray(p, size, write, pc);
}

void Device::astray(uintptr_t p, size_t size, bool write, void* pc) {
	fault(format("out of bounds: %s %zu bytes at 0x%lx: %s", write ? "writes" : "reads", size, (unsigned long)p, place(p).c_str()), pc);
}

// place describes where an address lies.
std::string Device::place(uintptr_t p) const {
	if (shared.has(p)) {
		const Variable* before = nullptr;
		for (const Variable& v : now.kernel->shared) {
			if (p - v.base < v.size) return format("byte %zu of __shared__ %s (%zu bytes)", size_t(p - v.base), v.name.c_str(), v.size);
			if (v.base < p) before = &v;
		}
		if (before)
			return format("%zu bytes past the end of __shared__ %s (%zu bytes)", size_t(p - before->base - before->size), before->name.c_str(), before->size);
		return "before the kernel's __shared__ memory";
	}
	for (const Variable& v : now.kernel->shared) // just past the end of the section
		if (p >= v.base + v.size && p - (v.base + v.size) < 4096)
			return format("%zu bytes past the end of __shared__ %s (%zu bytes)", size_t(p - v.base - v.size), v.name.c_str(), v.size);
	if (image.has(p)) return "a variable of the module";
	return heap.describe(p);
}

std::string Device::reach(uintptr_t p, size_t bytes, bool write, const std::string& name) {
	if (bytes == 0) return "";
	const Allocation* a = heap.find(p);
	const char* verb = write ? "writes" : "reads";
	if (!a) return format("%s %s %zu bytes at 0x%lx: %s", name.c_str(), verb, bytes, (unsigned long)p, heap.describe(p).c_str());
	if (a->base + a->size - p < bytes)
		return format("%s %s %zu bytes from %s: %zu bytes past its end", name.c_str(), verb, bytes, heap.describe(p).c_str(), size_t(p + bytes - a->base - a->size));
	if (!strict || write) return "";
	const uint8_t* state = heap.region.state + (p - heap.region.base);
	for (size_t i = 0; i < bytes; i++)
		if (state[i] != stateSet) return format("%s reads %s, which was never written", name.c_str(), heap.describe(p + i).c_str());
	return "";
}

// The table through which kernels call the emulator.

// Nearly all time goes into these two, so what they call is inlined.
template <size_t bytes> __attribute__((flatten)) static void hookRead(const void* p) {
	theDevice.access(uintptr_t(p), bytes, false, false, __builtin_return_address(0));
}
template <size_t bytes> __attribute__((flatten)) static void hookWrite(void* p) {
	theDevice.access(uintptr_t(p), bytes, true, false, __builtin_return_address(0));
}
static void hookReadRange(const void* p, unsigned long bytes) {
	theDevice.access(uintptr_t(p), bytes, false, false, __builtin_return_address(0));
}
static void hookWriteRange(void* p, unsigned long bytes) {
	theDevice.access(uintptr_t(p), bytes, true, false, __builtin_return_address(0));
}
static void hookAtomic(void* p, unsigned long bytes) {
	if (theDevice.strict) theDevice.access(uintptr_t(p), bytes, true, true, __builtin_return_address(0));
}
static void hookTrap(int kind, int line, unsigned long value) {
	theDevice.trap(kind, line, value, __builtin_return_address(0));
}
static unsigned hookBarrier(int line, int predicate) { return theDevice.barrier(line, predicate); }
static unsigned long hookWarp(int kind, int line, unsigned mask, unsigned long value, int source, int width) {
	return theDevice.exchange(kind, line, mask, value, source, width);
}
static EmuIndex hookIndex(int which) { return theDevice.where(which); }

const EmuTable theTable = {
	{hookRead<1>, hookRead<2>, hookRead<4>, hookRead<8>, hookRead<16>},
	{hookWrite<1>, hookWrite<2>, hookWrite<4>, hookWrite<8>, hookWrite<16>},
	hookReadRange, hookWriteRange, hookAtomic, hookTrap, hookBarrier, hookWarp, hookIndex,
};
