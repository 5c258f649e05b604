// The driver's functions for the device, contexts and errors.
#include "driver.h"

#include <cstring>

static thread_local std::vector<CUcontext> stack;

CUcontext currentContext() {
	Driver& d = driver();
	if (stack.empty()) return nullptr;
	CUcontext c = stack.back();
	if (c == &d.primary) return d.primary.users > 0 ? c : nullptr;
	return d.contexts.count(c) ? c : nullptr;
}

// Name, value and description of each error, as in the driver.
static const struct {
	CUresult code;
	const char *name, *text;
} errors[] = {
#define ERROR(name, text) {name, #name, text}
	ERROR(CUDA_SUCCESS, "no error"),
	ERROR(CUDA_ERROR_INVALID_VALUE, "invalid argument"),
	ERROR(CUDA_ERROR_OUT_OF_MEMORY, "out of memory"),
	ERROR(CUDA_ERROR_NOT_INITIALIZED, "initialization error"),
	ERROR(CUDA_ERROR_DEINITIALIZED, "driver shutting down"),
	ERROR(CUDA_ERROR_DEVICE_UNAVAILABLE, "CUDA-capable device(s) is/are busy or unavailable"),
	ERROR(CUDA_ERROR_NO_DEVICE, "no CUDA-capable device is detected"),
	ERROR(CUDA_ERROR_INVALID_DEVICE, "invalid device ordinal"),
	ERROR(CUDA_ERROR_INVALID_IMAGE, "device kernel image is invalid"),
	ERROR(CUDA_ERROR_INVALID_CONTEXT, "invalid device context"),
	ERROR(CUDA_ERROR_NO_BINARY_FOR_GPU, "no kernel image is available for execution on the device"),
	ERROR(CUDA_ERROR_ECC_UNCORRECTABLE, "uncorrectable ECC error encountered"),
	ERROR(CUDA_ERROR_INVALID_PTX, "a PTX JIT compilation failed"),
	ERROR(CUDA_ERROR_INVALID_HANDLE, "invalid resource handle"),
	ERROR(CUDA_ERROR_NOT_FOUND, "named symbol not found"),
	ERROR(CUDA_ERROR_NOT_READY, "device not ready"),
	ERROR(CUDA_ERROR_ILLEGAL_ADDRESS, "an illegal memory access was encountered"),
	ERROR(CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES, "too many resources requested for launch"),
	ERROR(CUDA_ERROR_LAUNCH_TIMEOUT, "the launch timed out and was terminated"),
	ERROR(CUDA_ERROR_CONTEXT_IS_DESTROYED, "context is destroyed"),
	ERROR(CUDA_ERROR_ASSERT, "device-side assert triggered"),
	ERROR(CUDA_ERROR_HARDWARE_STACK_ERROR, "hardware stack error"),
	ERROR(CUDA_ERROR_ILLEGAL_INSTRUCTION, "an illegal instruction was encountered"),
	ERROR(CUDA_ERROR_MISALIGNED_ADDRESS, "misaligned address"),
	ERROR(CUDA_ERROR_INVALID_ADDRESS_SPACE, "operation not supported on global/shared address space"),
	ERROR(CUDA_ERROR_INVALID_PC, "invalid program counter"),
	ERROR(CUDA_ERROR_LAUNCH_FAILED, "unspecified launch failure"),
	ERROR(CUDA_ERROR_NOT_PERMITTED, "operation not permitted"),
	ERROR(CUDA_ERROR_NOT_SUPPORTED, "operation not supported"),
	ERROR(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, "operation not permitted when stream is capturing"),
	ERROR(CUDA_ERROR_STREAM_CAPTURE_INVALIDATED, "operation failed due to a previous error during capture"),
	ERROR(CUDA_ERROR_STREAM_CAPTURE_MERGE, "operation would result in a merge of separate capture sequences"),
	ERROR(CUDA_ERROR_STREAM_CAPTURE_UNMATCHED, "capture was not ended in the same stream as it began"),
	ERROR(CUDA_ERROR_STREAM_CAPTURE_UNJOINED, "capturing stream has unjoined work"),
	ERROR(CUDA_ERROR_STREAM_CAPTURE_ISOLATION, "dependency created on uncaptured work in another stream"),
	ERROR(CUDA_ERROR_STREAM_CAPTURE_IMPLICIT, "operation would make the legacy stream depend on a capturing blocking stream"),
	ERROR(CUDA_ERROR_CAPTURED_EVENT, "operation not permitted on an event last recorded in a capturing stream"),
	ERROR(CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD, "attempt to terminate a thread-local capture sequence from another thread"),
	ERROR(CUDA_ERROR_UNKNOWN, "unknown error"),
#undef ERROR
};

API CUresult cuGetErrorName(CUresult code, const char** to) {
	for (auto& e : errors)
		if (e.code == code) return *to = e.name, CUDA_SUCCESS;
	*to = nullptr;
	return CUDA_ERROR_INVALID_VALUE;
}

API CUresult cuGetErrorString(CUresult code, const char** to) {
	for (auto& e : errors)
		if (e.code == code) return *to = e.text, CUDA_SUCCESS;
	*to = nullptr;
	return CUDA_ERROR_INVALID_VALUE;
}

API CUresult cuInit(unsigned flags) {
	ENTER_ALWAYS("cuInit")
	if (flags) return CUDA_ERROR_INVALID_VALUE;
	d.ready = true;
	return d.devices ? CUDA_SUCCESS : CUDA_ERROR_NO_DEVICE;
}

API CUresult cuDriverGetVersion(int* to) {
	ENTER_ALWAYS("cuDriverGetVersion")
	*to = d.version;
	return CUDA_SUCCESS;
}

API CUresult cuDeviceGetCount(int* to) {
	ENTER_READY("cuDeviceGetCount")
	*to = d.devices;
	return CUDA_SUCCESS;
}

API CUresult cuDeviceGet(CUdevice* to, int number) {
	ENTER_READY("cuDeviceGet")
	if (number < 0 || number >= d.devices) return CUDA_ERROR_INVALID_DEVICE;
	*to = number;
	return CUDA_SUCCESS;
}

// DEVICE checks a device's number.
#define DEVICE(device) \
	if ((device) < 0 || (device) >= d.devices) return CUDA_ERROR_INVALID_DEVICE;

API CUresult cuDeviceGetName(char* to, int size, CUdevice device) {
	ENTER_READY("cuDeviceGetName")
	DEVICE(device)
	if (size < 1) return CUDA_ERROR_INVALID_VALUE;
	strncpy(to, "Emulated GPU", size_t(size));
	to[size - 1] = 0;
	return CUDA_SUCCESS;
}

API CUresult cuDeviceTotalMem(size_t* to, CUdevice device) {
	ENTER_READY("cuDeviceTotalMem")
	DEVICE(device)
	*to = theDevice.heap.total;
	return CUDA_SUCCESS;
}

API CUresult cuDeviceGetUuid(CUuuid* to, CUdevice device) {
	ENTER_READY("cuDeviceGetUuid")
	DEVICE(device)
	for (size_t i = 0; i < sizeof to->bytes; i++) to->bytes[i] = char(i + size_t(device));
	return CUDA_SUCCESS;
}

// The emulated device's attributes; all others are 0.
static const struct {
	CUdevice_attribute attribute;
	int value;
} attributes[] = {
	{CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK, 1024},
	{CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_X, 1024},
	{CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_Y, 1024},
	{CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_Z, 64},
	{CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_X, 2147483647},
	{CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_Y, 65535},
	{CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_Z, 65535},
	{CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK, 49152},
	{CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN, 49152},
	{CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_MULTIPROCESSOR, 233472},
	{CU_DEVICE_ATTRIBUTE_TOTAL_CONSTANT_MEMORY, 65536},
	{CU_DEVICE_ATTRIBUTE_WARP_SIZE, 32},
	{CU_DEVICE_ATTRIBUTE_MAX_REGISTERS_PER_BLOCK, 65536},
	{CU_DEVICE_ATTRIBUTE_MAX_REGISTERS_PER_MULTIPROCESSOR, 65536},
	{CU_DEVICE_ATTRIBUTE_CLOCK_RATE, 1980000},
	{CU_DEVICE_ATTRIBUTE_MEMORY_CLOCK_RATE, 2619000},
	{CU_DEVICE_ATTRIBUTE_GLOBAL_MEMORY_BUS_WIDTH, 5120},
	{CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT, 132},
	{CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_MULTIPROCESSOR, 2048},
	{CU_DEVICE_ATTRIBUTE_MAX_BLOCKS_PER_MULTIPROCESSOR, 32},
	{CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE, 52428800},
	{CU_DEVICE_ATTRIBUTE_ASYNC_ENGINE_COUNT, 3},
	{CU_DEVICE_ATTRIBUTE_CONCURRENT_KERNELS, 1},
	{CU_DEVICE_ATTRIBUTE_UNIFIED_ADDRESSING, 1},
	{CU_DEVICE_ATTRIBUTE_TEXTURE_ALIGNMENT, 512},
};

API CUresult cuDeviceGetAttribute(int* to, CUdevice_attribute attribute, CUdevice device) {
	ENTER_READY("cuDeviceGetAttribute")
	DEVICE(device)
	*to = 0;
	if (attribute == CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR) *to = d.major;
	if (attribute == CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR) *to = d.minor;
	for (auto& a : attributes)
		if (a.attribute == attribute) *to = a.value;
	return CUDA_SUCCESS;
}

API CUresult cuDeviceComputeCapability(int* major, int* minor, CUdevice device) {
	ENTER_READY("cuDeviceComputeCapability")
	DEVICE(device)
	*major = d.major;
	*minor = d.minor;
	return CUDA_SUCCESS;
}

API CUresult cuDevicePrimaryCtxRetain(CUcontext* to, CUdevice device) {
	ENTER_READY("cuDevicePrimaryCtxRetain")
	DEVICE(device)
	if (d.lost && d.primary.users == 0) d.lost = CUDA_SUCCESS;
	d.primary.users++;
	*to = &d.primary;
	return CUDA_SUCCESS;
}

API CUresult cuDevicePrimaryCtxRelease(CUdevice device) {
	ENTER_READY("cuDevicePrimaryCtxRelease")
	DEVICE(device)
	if (!d.primary.users) return CUDA_ERROR_INVALID_CONTEXT;
	if (d.primary.users == 1) d.drainAll();
	if (--d.primary.users == 0) d.discard(&d.primary);
	return CUDA_SUCCESS;
}

API CUresult cuDevicePrimaryCtxReset(CUdevice device) {
	ENTER_READY("cuDevicePrimaryCtxReset")
	DEVICE(device)
	d.drainAll();
	d.discard(&d.primary);
	return CUDA_SUCCESS;
}

API CUresult cuDevicePrimaryCtxSetFlags(CUdevice device, unsigned flags) {
	ENTER_READY("cuDevicePrimaryCtxSetFlags")
	DEVICE(device)
	d.primary.flags = flags;
	return CUDA_SUCCESS;
}

API CUresult cuDevicePrimaryCtxGetState(CUdevice device, unsigned* flags, int* active) {
	ENTER_READY("cuDevicePrimaryCtxGetState")
	DEVICE(device)
	*flags = d.primary.flags;
	*active = d.primary.users > 0;
	return CUDA_SUCCESS;
}

#undef cuCtxCreate
API CUresult cuCtxCreate_v2(CUcontext* to, unsigned flags, CUdevice device) {
	ENTER_READY("cuCtxCreate")
	DEVICE(device)
	CUcontext c = new CUctx_st;
	c->flags = flags;
	d.contexts.insert(c);
	stack.push_back(c);
	*to = c;
	return CUDA_SUCCESS;
}

API CUresult cuCtxDestroy(CUcontext context) {
	ENTER_READY("cuCtxDestroy")
	if (!d.contexts.count(context)) return CUDA_ERROR_INVALID_CONTEXT;
	d.drainAll();
	d.discard(context);
	d.contexts.erase(context);
	if (!stack.empty() && stack.back() == context) stack.pop_back();
	delete context;
	return CUDA_SUCCESS;
}

static bool known(Driver& d, CUcontext c) { return !c || c == &d.primary || d.contexts.count(c); }

API CUresult cuCtxSetCurrent(CUcontext context) {
	ENTER_READY("cuCtxSetCurrent")
	if (!known(d, context)) return CUDA_ERROR_INVALID_CONTEXT;
	if (!stack.empty()) stack.pop_back();
	if (context) stack.push_back(context);
	return CUDA_SUCCESS;
}

API CUresult cuCtxGetCurrent(CUcontext* to) {
	ENTER_READY("cuCtxGetCurrent")
	*to = currentContext();
	return CUDA_SUCCESS;
}

API CUresult cuCtxPushCurrent(CUcontext context) {
	ENTER_READY("cuCtxPushCurrent")
	if (!context || !known(d, context)) return CUDA_ERROR_INVALID_CONTEXT;
	stack.push_back(context);
	return CUDA_SUCCESS;
}

API CUresult cuCtxPopCurrent(CUcontext* to) {
	ENTER_READY("cuCtxPopCurrent")
	if (stack.empty()) return CUDA_ERROR_INVALID_CONTEXT;
	if (to) *to = stack.back();
	stack.pop_back();
	return CUDA_SUCCESS;
}

API CUresult cuCtxGetDevice(CUdevice* to) {
	ENTER("cuCtxGetDevice")
	*to = 0;
	return CUDA_SUCCESS;
}

API CUresult cuCtxGetApiVersion(CUcontext, unsigned* to) {
	ENTER_READY("cuCtxGetApiVersion")
	*to = 3020;
	return CUDA_SUCCESS;
}

API CUresult cuCtxGetFlags(unsigned* to) {
	ENTER("cuCtxGetFlags")
	*to = currentContext()->flags;
	return CUDA_SUCCESS;
}

API CUresult cuCtxGetStreamPriorityRange(int* least, int* greatest) {
	ENTER("cuCtxGetStreamPriorityRange")
	if (least) *least = 0;
	if (greatest) *greatest = -5;
	return CUDA_SUCCESS;
}

API CUresult cuCtxSetLimit(CUlimit, size_t) {
	ENTER("cuCtxSetLimit")
	return CUDA_SUCCESS;
}

API CUresult cuCtxSetCacheConfig(CUfunc_cache) {
	ENTER("cuCtxSetCacheConfig")
	return CUDA_SUCCESS;
}

API CUresult cuCtxSynchronize() {
	ENTER("cuCtxSynchronize")
	if (d.capturing()) return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
	return d.drainAll();
}
