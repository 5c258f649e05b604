// The device's memory and what is known of each part: whether it is allocated,
// whether it was ever written, and who read and wrote it last.
#pragma once
#include "format.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

// State of a byte. A run of bytes can be read when all of them are Set.
enum : uint8_t { stateNone = 0, stateUnset = 1, stateSet = 3 };

// Cell says who last accessed four bytes. A tick is the time between two
// barriers of one block, as a number that no other block, launch or interval
// has. A stamp counts the __syncwarp of a warp within a tick.
struct Cell {
	uint32_t writeTick, writeStamp;
	uint32_t readTick, readStamp;
	uint32_t earlierRead;   // a tick of another block of the launch that read
	uint32_t earlierAtomic; // a tick in which another thread had an atomic here
	uint32_t readMask;      // the lanes of readWarp that read in readTick
	uint16_t writeThread : 10, writeAtomic : 1;
	uint8_t readWarp; // mixedWarps: lanes of several
	uint8_t writeBytes : 4, readBytes : 4;
};
static_assert(sizeof(Cell) == 32, "a cell is 32 bytes");
enum { mixedWarps = 255 };

// Region is a range of memory with what is known of it.
struct Region {
	uintptr_t base = 0;
	size_t size = 0;
	uint8_t* state = nullptr; // one each byte
	Cell* cells = nullptr;    // one each four bytes
	bool shared = false;      // memory of one block: accesses of other blocks do not count

	bool has(uintptr_t p) const { return p - base < size; }
};

// Allocation is a piece of device memory that a program asked for.
struct Allocation {
	uintptr_t base;
	size_t size;
	int number;       // in order of allocation, from 1
	std::string name; // for messages; empty: "allocation" and its number
};

// Heap is the device's memory.
struct Heap {
	Region region;
	size_t total = size_t(16) << 30; // bytes that the device has
	size_t used = 0;
	std::map<uintptr_t, Allocation> live;
	std::vector<Allocation> freed; // the last ones, for messages

	bool open(); // false: no address space
	// allocate returns 0 if there is no memory left. The memory is filled with
	// poison.
	uintptr_t allocate(size_t size, const std::string& name = "");
	bool free(uintptr_t p);
	// find returns the live allocation that holds p, or nullptr.
	const Allocation* find(uintptr_t p) const;
	// mark records that bytes are set, or not.
	void mark(uintptr_t p, size_t size, uint8_t state);
	// forget clears who accessed what, when ticks restart.
	void forget();
	// describe says where p lies: "12 bytes past the end of allocation 3 (400 bytes)".
	std::string describe(uintptr_t p) const;
	void close();

private:
	uintptr_t cursor = 0;
	int numbers = 0;
	uintptr_t place(size_t pages);
};
