// Memory of the device and pinned memory of the host, and copies between them.
#include "driver.h"

#include <cstring>
#include <sys/mman.h>

static const size_t page = 4096;

bool Driver::hostIsPinned(uintptr_t p, size_t bytes) const {
	auto it = pinned.upper_bound(p);
	if (it == pinned.begin()) return false;
	--it;
	return p + bytes <= it->first + it->second.first;
}

static void* host(uintptr_t p) { return reinterpret_cast<void*>(p); }

#define NO_CAPTURE \
	if (d.capturing()) return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;

API CUresult cuMemAlloc(CUdeviceptr* to, size_t bytes) {
	ENTER("cuMemAlloc")
	NO_CAPTURE
	if (!bytes || !to) return CUDA_ERROR_INVALID_VALUE;
	uintptr_t p = theDevice.heap.allocate(bytes);
	if (!p) return CUDA_ERROR_OUT_OF_MEMORY;
	d.allocations[p] = currentContext();
	*to = p;
	return CUDA_SUCCESS;
}

API CUresult cuMemFree(CUdeviceptr p) {
	ENTER("cuMemFree")
	NO_CAPTURE
	if (!p) return CUDA_SUCCESS;
	if (!d.allocations.count(p)) return CUDA_ERROR_INVALID_VALUE;
	CUresult r = d.drainAll();
	theDevice.heap.free(p);
	d.allocations.erase(p);
	return r;
}

API CUresult cuMemGetInfo(size_t* free, size_t* total) {
	ENTER("cuMemGetInfo")
	const Heap& h = theDevice.heap;
	if (total) *total = h.total;
	if (free) *free = h.used < h.total ? h.total - h.used : 0;
	return CUDA_SUCCESS;
}

API CUresult cuMemGetAddressRange(CUdeviceptr* base, size_t* size, CUdeviceptr p) {
	ENTER("cuMemGetAddressRange")
	const Allocation* a = theDevice.heap.find(p);
	if (!a) return CUDA_ERROR_NOT_FOUND;
	if (base) *base = a->base;
	if (size) *size = a->size;
	return CUDA_SUCCESS;
}

API CUresult cuMemHostAlloc(void** to, size_t bytes, unsigned flags) {
	ENTER("cuMemHostAlloc")
	NO_CAPTURE
	if (!bytes || !to || flags & ~7u) return CUDA_ERROR_INVALID_VALUE;
	// A guard page follows it.
	size_t size = (bytes + page - 1) / page * page;
	void* start = mmap(nullptr, size + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (start == MAP_FAILED) return CUDA_ERROR_OUT_OF_MEMORY;
	uintptr_t p = uintptr_t(start) + size - (bytes + 63) / 64 * 64;
	munmap(host(uintptr_t(start) + size), page);
	mmap(host(uintptr_t(start) + size), page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	memset(host(p), 0xff, bytes);
	d.pinned[p] = {bytes, currentContext()};
	*to = host(p);
	return CUDA_SUCCESS;
}

API CUresult cuMemAllocHost(void** to, size_t bytes) {
	ENTER("cuMemAllocHost")
	CUresult r = cuMemHostAlloc(to, bytes, 0);
	d.calls["cuMemHostAlloc"]--;
	return r;
}

API CUresult cuMemFreeHost(void* p) {
	ENTER("cuMemFreeHost")
	NO_CAPTURE
	if (!d.pinned.count(uintptr_t(p))) return CUDA_ERROR_INVALID_VALUE;
	CUresult r = d.drainAll();
	d.freePinned(uintptr_t(p));
	return r;
}

// Way is the direction of a copy.
enum Way { toDevice, toHost, within };

static CUresult transfer(Way way, uintptr_t to, uintptr_t from, size_t bytes, const char* name) {
	Driver& d = driver();
	Heap& h = theDevice.heap;
	if (way != toDevice) {
		// A copy within the device may copy bytes never written; a copy to the host may not.
		std::string fault;
		bool strict = theDevice.strict;
		theDevice.strict = strict && way == toHost;
		fault = theDevice.reach(from, bytes, false, name);
		theDevice.strict = strict;
		if (!fault.empty()) return d.lose(CUDA_ERROR_ILLEGAL_ADDRESS, fault);
	}
	if (way != toHost) {
		std::string fault = theDevice.reach(to, bytes, true, name);
		if (!fault.empty()) return d.lose(CUDA_ERROR_ILLEGAL_ADDRESS, fault);
	}
	memmove(host(to), host(from), bytes);
	if (way == toDevice) h.mark(to, bytes, stateSet);
	if (way == within) memmove(h.region.state + (to - h.region.base), h.region.state + (from - h.region.base), bytes);
	return CUDA_SUCCESS;
}

// valid says whether an address is the device's; the driver checks that at once.
static bool valid(uintptr_t p, size_t bytes) {
	const Allocation* a = theDevice.heap.find(p);
	return bytes == 0 || (a && p - a->base + bytes <= a->size);
}

// copyNow is a copy that is complete when the call returns: in stream 0.
static CUresult copyNow(Way way, uintptr_t to, uintptr_t from, size_t bytes, const char* name) {
	Driver& d = driver();
	if (d.capturing(true)) return CUDA_ERROR_STREAM_CAPTURE_IMPLICIT;
	if ((way != toHost && !valid(to, bytes)) || (way != toDevice && !valid(from, bytes))) return CUDA_ERROR_INVALID_VALUE;
	CUstream s = d.resolve(nullptr);
	if (CUresult r = d.add(s, name, CU_GRAPH_NODE_TYPE_MEMCPY, [=] { return transfer(way, to, from, bytes, name); })) return r;
	return d.drain(s);
}

static CUresult copyLater(Way way, uintptr_t to, uintptr_t from, size_t bytes, const char* name, CUstream s) {
	Driver& d = driver();
	s = d.resolve(s);
	if (!s) return CUDA_ERROR_INVALID_HANDLE;
	if ((way != toHost && !valid(to, bytes)) || (way != toDevice && !valid(from, bytes))) return CUDA_ERROR_INVALID_VALUE;
	bool now = false;
	Work work = [=] { return transfer(way, to, from, bytes, name); };
	if (!s->capture && way == toDevice && !d.hostIsPinned(from, bytes)) {
		// Memory that is not pinned is read before the call returns.
		std::string copy(static_cast<const char*>(host(from)), bytes);
		work = [=] { return transfer(way, to, uintptr_t(copy.data()), bytes, name); };
	}
	if (!s->capture && way == toHost) {
		now = !d.hostIsPinned(to, bytes);
		// A program that reads the memory before the copy is done finds NaN.
		if (d.late && !now) memset(host(to), 0xff, bytes);
	}
	CUresult r = d.add(s, name, CU_GRAPH_NODE_TYPE_MEMCPY, work);
	return r || !now ? r : d.drain(s);
}

API CUresult cuMemcpyHtoD(CUdeviceptr to, const void* from, size_t bytes) {
	ENTER("cuMemcpyHtoD")
	return copyNow(toDevice, to, uintptr_t(from), bytes, "cuMemcpyHtoD");
}
API CUresult cuMemcpyDtoH(void* to, CUdeviceptr from, size_t bytes) {
	ENTER("cuMemcpyDtoH")
	return copyNow(toHost, uintptr_t(to), from, bytes, "cuMemcpyDtoH");
}
API CUresult cuMemcpyDtoD(CUdeviceptr to, CUdeviceptr from, size_t bytes) {
	ENTER("cuMemcpyDtoD")
	return copyNow(within, to, from, bytes, "cuMemcpyDtoD");
}
API CUresult cuMemcpyHtoDAsync(CUdeviceptr to, const void* from, size_t bytes, CUstream s) {
	ENTER("cuMemcpyHtoDAsync")
	return copyLater(toDevice, to, uintptr_t(from), bytes, "cuMemcpyHtoDAsync", s);
}
API CUresult cuMemcpyDtoHAsync(void* to, CUdeviceptr from, size_t bytes, CUstream s) {
	ENTER("cuMemcpyDtoHAsync")
	return copyLater(toHost, uintptr_t(to), from, bytes, "cuMemcpyDtoHAsync", s);
}
API CUresult cuMemcpyDtoDAsync(CUdeviceptr to, CUdeviceptr from, size_t bytes, CUstream s) {
	ENTER("cuMemcpyDtoDAsync")
	return copyLater(within, to, from, bytes, "cuMemcpyDtoDAsync", s);
}

// The direction of a copy between two addresses; false: host to host.
static bool wayOf(uintptr_t to, uintptr_t from, Way* way) {
	bool t = theDevice.heap.region.has(to), f = theDevice.heap.region.has(from);
	*way = t && f ? within : t ? toDevice : toHost;
	return t || f;
}
API CUresult cuMemcpy(CUdeviceptr to, CUdeviceptr from, size_t bytes) {
	ENTER("cuMemcpy")
	Way way;
	if (wayOf(to, from, &way)) return copyNow(way, to, from, bytes, "cuMemcpy");
	memmove(host(to), host(from), bytes);
	return CUDA_SUCCESS;
}
API CUresult cuMemcpyAsync(CUdeviceptr to, CUdeviceptr from, size_t bytes, CUstream s) {
	ENTER("cuMemcpyAsync")
	Way way;
	if (!wayOf(to, from, &way)) return CUDA_ERROR_NOT_SUPPORTED;
	return copyLater(way, to, from, bytes, "cuMemcpyAsync", s);
}

// fill is a run of equal values of 1, 2 or 4 bytes.
static CUresult fill(uintptr_t to, unsigned value, size_t width, size_t count, const char* name, CUstream s, bool now) {
	Driver& d = driver();
	s = d.resolve(s);
	if (!s) return CUDA_ERROR_INVALID_HANDLE;
	if (now && d.capturing(true)) return CUDA_ERROR_STREAM_CAPTURE_IMPLICIT;
	if (to % width || !valid(to, width * count)) return CUDA_ERROR_INVALID_VALUE;
	Work work = [=]() -> CUresult {
		std::string fault = theDevice.reach(to, width * count, true, name);
		if (!fault.empty()) return driver().lose(CUDA_ERROR_ILLEGAL_ADDRESS, fault);
		for (size_t i = 0; i < count; i++) memcpy(host(to + i * width), &value, width);
		theDevice.heap.mark(to, width * count, stateSet);
		return CUDA_SUCCESS;
	};
	CUresult r = d.add(s, name, CU_GRAPH_NODE_TYPE_MEMSET, work);
	return r || !now ? r : d.drain(s);
}

API CUresult cuMemsetD8(CUdeviceptr to, unsigned char value, size_t count) {
	ENTER("cuMemsetD8")
	return fill(to, value, 1, count, "cuMemsetD8", nullptr, true);
}
API CUresult cuMemsetD16(CUdeviceptr to, unsigned short value, size_t count) {
	ENTER("cuMemsetD16")
	return fill(to, value, 2, count, "cuMemsetD16", nullptr, true);
}
API CUresult cuMemsetD32(CUdeviceptr to, unsigned value, size_t count) {
	ENTER("cuMemsetD32")
	return fill(to, value, 4, count, "cuMemsetD32", nullptr, true);
}
API CUresult cuMemsetD8Async(CUdeviceptr to, unsigned char value, size_t count, CUstream s) {
	ENTER("cuMemsetD8Async")
	return fill(to, value, 1, count, "cuMemsetD8Async", s, false);
}
API CUresult cuMemsetD16Async(CUdeviceptr to, unsigned short value, size_t count, CUstream s) {
	ENTER("cuMemsetD16Async")
	return fill(to, value, 2, count, "cuMemsetD16Async", s, false);
}
API CUresult cuMemsetD32Async(CUdeviceptr to, unsigned value, size_t count, CUstream s) {
	ENTER("cuMemsetD32Async")
	return fill(to, value, 4, count, "cuMemsetD32Async", s, false);
}
