// Allocation in a reserved range of addresses: never the same address twice
// while the range lasts, so that reads of freed memory are found.
#include "memory.h"

#include <cstring>
#include <sys/mman.h>

static const size_t page = 64 << 10; // of allocations: also the gap before each
static const size_t alignment = 256; // what CUDA guarantees
static const uint8_t poison = 0xff;  // a NaN, whatever the type

static void* reserve(size_t size, int protection) {
	void* p = mmap(nullptr, size, protection, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	return p == MAP_FAILED ? nullptr : p;
}

bool Heap::open() {
	if (region.base) return true;
	for (size_t size = size_t(64) << 30; size >= size_t(1) << 30; size /= 2) {
		void* data = reserve(size, PROT_NONE);
		void* state = reserve(size, PROT_READ | PROT_WRITE);
		void* cells = reserve(size / 4 * sizeof(Cell), PROT_READ | PROT_WRITE);
		if (data && state && cells) {
			region.base = cursor = uintptr_t(data);
			region.size = size;
			region.state = static_cast<uint8_t*>(state);
			region.cells = static_cast<Cell*>(cells);
			return true;
		}
		if (data) munmap(data, size);
		if (state) munmap(state, size);
		if (cells) munmap(cells, size / 4 * sizeof(Cell));
	}
	return false;
}

void Heap::close() {
	if (!region.base) return;
	munmap(reinterpret_cast<void*>(region.base), region.size);
	munmap(region.state, region.size);
	munmap(region.cells, region.size / 4 * sizeof(Cell));
	*this = Heap();
}

// place finds room for that many bytes, whole pages, after a gap.
uintptr_t Heap::place(size_t bytes) {
	for (int round = 0; round < 2; round++) {
		uintptr_t at = cursor;
		auto next = live.lower_bound(at);
		while (at + page + bytes <= region.base + region.size) {
			if (next == live.end() || at + 2 * page + bytes <= next->first) {
				cursor = at + page + bytes;
				return at + page;
			}
			at = (next->first + next->second.size + page - 1) / page * page;
			++next;
		}
		cursor = region.base;
	}
	return 0;
}

uintptr_t Heap::allocate(size_t size, const std::string& name) {
	if (size == 0 || size > total - used || !open()) return 0;
	size_t bytes = (size + page - 1) / page * page;
	uintptr_t at = place(bytes);
	if (!at) return 0;
	if (mprotect(reinterpret_cast<void*>(at), bytes, PROT_READ | PROT_WRITE)) return 0;
	// The end of the allocation is near the end of its last page.
	uintptr_t p = at + bytes - (size + alignment - 1) / alignment * alignment;
	memset(reinterpret_cast<void*>(p), poison, size);
	live[p] = Allocation{p, size, ++numbers, name};
	mark(p, size, stateUnset);
	used += size;
	return p;
}

bool Heap::free(uintptr_t p) {
	auto it = live.find(p);
	if (it == live.end()) return false;
	size_t size = it->second.size;
	mark(p, size, stateNone);
	uintptr_t at = p / page * page;
	size_t bytes = (p + size - at + page - 1) / page * page;
	madvise(reinterpret_cast<void*>(at), bytes, MADV_DONTNEED);
	mprotect(reinterpret_cast<void*>(at), bytes, PROT_NONE);
	size_t off = at - region.base;
	madvise(region.cells + off / 4, bytes / 4 * sizeof(Cell), MADV_DONTNEED);
	madvise(region.state + off, bytes, MADV_DONTNEED);
	used -= size;
	if (freed.size() >= 1024) freed.erase(freed.begin(), freed.begin() + 512);
	freed.push_back(it->second);
	live.erase(it);
	return true;
}

const Allocation* Heap::find(uintptr_t p) const {
	auto it = live.upper_bound(p);
	if (it == live.begin()) return nullptr;
	--it;
	return p < it->first + it->second.size ? &it->second : nullptr;
}

void Heap::mark(uintptr_t p, size_t size, uint8_t state) { memset(region.state + (p - region.base), state, size); }

void Heap::forget() {
	if (region.base) madvise(region.cells, region.size / 4 * sizeof(Cell), MADV_DONTNEED);
}

static std::string title(const Allocation& a) {
	return format("%s (%zu bytes)", a.name.empty() ? format("allocation %d", a.number).c_str() : a.name.c_str(), a.size);
}

std::string Heap::describe(uintptr_t p) const {
	if (const Allocation* a = find(p)) return format("byte %zu of %s", size_t(p - a->base), title(*a).c_str());
	if (!region.has(p)) return p < 4096 ? "a null pointer" : "memory of the host";
	for (auto it = freed.rbegin(); it != freed.rend(); ++it)
		if (p - it->base < it->size) return format("byte %zu of %s, which was freed", size_t(p - it->base), title(*it).c_str());
	auto next = live.upper_bound(p);
	const Allocation* before = nullptr;
	if (next != live.begin()) before = &std::prev(next)->second;
	if (next != live.end() && (!before || next->first - p < p - (before->base + before->size)))
		return format("%zu bytes before the start of %s", size_t(next->first - p), title(next->second).c_str());
	if (before) return format("%zu bytes past the end of %s", size_t(p - (before->base + before->size)), title(*before).c_str());
	return "memory that nothing allocated";
}
