// An ordinary program that uses the driver, NVRTC and cuBLAS; libraries_test.go runs it with the emulator's. It prints
// what went wrong.
#include <cuda.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

extern "C" {
typedef struct Program* nvrtcProgram;
int nvrtcVersion(int*, int*);
int nvrtcCreateProgram(nvrtcProgram*, const char*, const char*, int, const char* const*, const char* const*);
int nvrtcDestroyProgram(nvrtcProgram*);
int nvrtcCompileProgram(nvrtcProgram, int, const char* const*);
int nvrtcGetProgramLogSize(nvrtcProgram, size_t*);
int nvrtcGetProgramLog(nvrtcProgram, char*);
int nvrtcGetPTXSize(nvrtcProgram, size_t*);
int nvrtcGetPTX(nvrtcProgram, char*);
int nvrtcGetCUBINSize(nvrtcProgram, size_t*);
int nvrtcGetCUBIN(nvrtcProgram, char*);
typedef struct Handle* cublasHandle;
int cublasCreate_v2(cublasHandle*);
int cublasDestroy_v2(cublasHandle);
int cublasSetStream_v2(cublasHandle, CUstream);
int cublasSetWorkspace_v2(cublasHandle, void*, size_t);
int cublasSgemm_v2(cublasHandle, int, int, int, int, int, const float*, const float*, int, const float*, int, const float*, float*, int);
int cublasDgemmStridedBatched(cublasHandle, int, int, int, int, int, const double*, const double*, int, long long, const double*, int, long long, const double*, double*, int, long long, int);
// The emulator's controls.
void emuFail(const char*, int, int);
long emuCalls(const char*);
void emuLive(long*, long*, long*, long*, long*, long*, long*, long*);
void emuMemory(unsigned long);
void emuDevice(int, int, int);
int emuFault(char*, size_t);
void emuMode(int, unsigned long, int);
void emuLose(int);
void emuReset();
}

static int wrong = 0;
static const char* test;

#define EQUAL(got, want) \
	do { \
		long g_ = long(got), w_ = long(want); \
		if (g_ != w_) printf("%s, line %d: %s is %ld, not %ld\n", test, __LINE__, #got, g_, w_), wrong++; \
	} while (0)
#define GOOD(call) EQUAL(call, 0)
#define TRUE(what) EQUAL(!!(what), 1)

static std::string fault() {
	char text[2048] = "";
	emuFault(text, sizeof text);
	return text;
}
#define SAYS(what) \
	do { \
		std::string f_ = fault(); \
		if (f_.find(what) == f_.npos) printf("%s, line %d: the fault lacks \"%s\": %s\n", test, __LINE__, what, f_.c_str()), wrong++; \
	} while (0)

static CUcontext begin() {
	CUcontext context;
	CUdevice device;
	GOOD(cuInit(0));
	GOOD(cuDeviceGet(&device, 0));
	GOOD(cuDevicePrimaryCtxRetain(&context, device));
	GOOD(cuCtxSetCurrent(context));
	return context;
}

static const char* source = R"(
extern "C" __global__ void add(const float* a, const float* b, float* c, int n) {
	int i = blockIdx.x * blockDim.x + threadIdx.x;
	if (i < n) c[i] = a[i] + b[i];
}
extern "C" __global__ void astray(float* a) { a[threadIdx.x + 1] = 1; }
)";

static std::string image(const char* text, const char* arch = "--gpu-architecture=sm_90", int want = 0, std::string* log = nullptr) {
	nvrtcProgram p;
	GOOD(nvrtcCreateProgram(&p, text, "test.cu", 0, nullptr, nullptr));
	const char* options[] = {arch, "--std=c++17"};
	EQUAL(nvrtcCompileProgram(p, 2, options), want);
	size_t n;
	std::string s;
	if (log) {
		GOOD(nvrtcGetProgramLogSize(p, &n));
		log->resize(n);
		GOOD(nvrtcGetProgramLog(p, &(*log)[0]));
	}
	if (!want) {
		bool cubin = strstr(arch, "sm_");
		GOOD(cubin ? nvrtcGetCUBINSize(p, &n) : nvrtcGetPTXSize(p, &n));
		s.resize(n);
		GOOD(cubin ? nvrtcGetCUBIN(p, &s[0]) : nvrtcGetPTX(p, &s[0]));
	}
	GOOD(nvrtcDestroyProgram(&p));
	return s;
}

static CUfunction function(const char* name, CUmodule* m) {
	CUfunction f = nullptr;
	GOOD(cuModuleLoadDataEx(m, image(source).data(), 0, nullptr, nullptr));
	GOOD(cuModuleGetFunction(&f, *m, name));
	return f;
}

static CUdeviceptr device(const std::vector<float>& values) {
	CUdeviceptr p = 0;
	GOOD(cuMemAlloc(&p, 4 * values.size()));
	GOOD(cuMemcpyHtoD(p, values.data(), 4 * values.size()));
	return p;
}

static void launching() {
	begin();
	CUmodule m;
	CUfunction f = function("add", &m), none;
	EQUAL(cuModuleGetFunction(&none, m, "none"), CUDA_ERROR_NOT_FOUND);
	std::vector<float> a(1000), c(1000);
	for (int i = 0; i < 1000; i++) a[size_t(i)] = float(i);
	CUdeviceptr da = device(a), dc;
	GOOD(cuMemAlloc(&dc, 4000));
	EQUAL(cuMemcpyDtoH(c.data(), dc + 8, 4000), CUDA_ERROR_INVALID_VALUE);
	int n = 1000;
	void* params[] = {&da, &da, &dc, &n};
	GOOD(cuLaunchKernel(f, 4, 1, 1, 256, 1, 1, 0, nullptr, params, nullptr));
	GOOD(cuMemcpyDtoH(c.data(), dc, 4000));
	for (int i = 0; i < 1000; i++) EQUAL(c[size_t(i)], 2 * i);
	EQUAL(cuLaunchKernel(f, 4, 1, 1, 2048, 1, 1, 0, nullptr, params, nullptr), CUDA_ERROR_INVALID_VALUE);
	EQUAL(cuLaunchKernel(f, 0, 1, 1, 256, 1, 1, 0, nullptr, params, nullptr), CUDA_ERROR_INVALID_VALUE);
	// Two modules of one source share nothing.
	CUmodule second;
	function("add", &second);
	GOOD(cuModuleUnload(m));
	EQUAL(cuLaunchKernel(f, 4, 1, 1, 256, 1, 1, 0, nullptr, params, nullptr), CUDA_ERROR_INVALID_HANDLE);
	GOOD(cuModuleUnload(second));
	GOOD(cuMemFree(da));
	EQUAL(cuMemFree(da), CUDA_ERROR_INVALID_VALUE);
	EQUAL(cuStreamSynchronize(reinterpret_cast<CUstream>(&n)), CUDA_ERROR_INVALID_HANDLE);
}

static void images() {
	begin();
	CUmodule m;
	std::string log;
	image("nonsense", "--gpu-architecture=sm_90", 6, &log);
	TRUE(log.find("kernel.cu:1") != log.npos);
	image(source, "--gpu-architecture=sm_91", 5);
	image(source, "--nonsense", 5);
	std::string good = image(source), bad = good;
	bad[bad.size() / 2] ^= 1;
	EQUAL(cuModuleLoadData(&m, bad.data()), CUDA_ERROR_INVALID_IMAGE);
	EQUAL(cuModuleLoadData(&m, good.substr(0, good.size() / 2).c_str()), CUDA_ERROR_INVALID_IMAGE);
	char said[256] = "";
	CUjit_option options[] = {CU_JIT_ERROR_LOG_BUFFER, CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES};
	void* values[] = {said, reinterpret_cast<void*>(sizeof said)};
	emuDevice(-1, 80, -1);
	EQUAL(cuModuleLoadDataEx(&m, good.data(), 2, options, values), CUDA_ERROR_NO_BINARY_FOR_GPU);
	TRUE(strstr(said, "9.0"));
	GOOD(cuModuleLoadData(&m, image(source, "--gpu-architecture=compute_75").data()));
	emuDevice(-1, 90, -1);
}

// forked is a graph that fills x in one stream, adds in two others and again in the first.
static void graphs() {
	begin();
	CUmodule m;
	CUfunction f = function("add", &m);
	for (unsigned long order : {0, 1, 7}) {
		emuMode(order == 7, order, 1);
		CUstream s, t;
		CUevent forked, joined;
		GOOD(cuStreamCreate(&s, CU_STREAM_NON_BLOCKING));
		GOOD(cuStreamCreate(&t, CU_STREAM_NON_BLOCKING));
		GOOD(cuEventCreate(&forked, CU_EVENT_DISABLE_TIMING));
		GOOD(cuEventCreate(&joined, CU_EVENT_DISABLE_TIMING));
		CUdeviceptr x, y, z, w;
		for (CUdeviceptr* p : {&x, &y, &z, &w}) GOOD(cuMemAlloc(p, 400));
		int n = 100;
		void *first[] = {&x, &x, &y, &n}, *second[] = {&x, &x, &z, &n}, *third[] = {&y, &z, &w, &n};
		GOOD(cuStreamBeginCapture(s, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL));
		GOOD(cuMemsetD32Async(x, 0x3f800000, 100, s));
		GOOD(cuEventRecord(forked, s));
		GOOD(cuStreamWaitEvent(t, forked, 0));
		GOOD(cuLaunchKernel(f, 1, 1, 1, 128, 1, 1, 0, s, first, nullptr));
		GOOD(cuLaunchKernel(f, 1, 1, 1, 128, 1, 1, 0, t, second, nullptr));
		GOOD(cuEventRecord(joined, t));
		GOOD(cuStreamWaitEvent(s, joined, 0));
		GOOD(cuLaunchKernel(f, 1, 1, 1, 128, 1, 1, 0, s, third, nullptr));
		EQUAL(cuEventSynchronize(joined), CUDA_ERROR_CAPTURED_EVENT);
		CUgraph g;
		GOOD(cuStreamEndCapture(s, &g));
		size_t count = 0;
		GOOD(cuGraphGetNodes(g, nullptr, &count));
		EQUAL(count, 4);
		CUgraphExec e;
		GOOD(cuGraphInstantiateWithFlags(&e, g, 0));
		GOOD(cuGraphDestroy(g));
		for (int i = 0; i < 100; i++) GOOD(cuGraphLaunch(e, s));
		GOOD(cuStreamSynchronize(s));
		float got[100];
		GOOD(cuMemcpyDtoH(got, w, 400));
		for (float v : got) EQUAL(v, 4);
		GOOD(cuGraphExecDestroy(e));
		EQUAL(cuGraphLaunch(e, s), CUDA_ERROR_INVALID_VALUE);
	}
	emuMode(0, 0, 1);
}

static void captures() {
	begin();
	CUstream s, t;
	CUevent e;
	CUgraph g;
	CUdeviceptr x;
	GOOD(cuMemAlloc(&x, 400));
	GOOD(cuStreamCreate(&s, CU_STREAM_NON_BLOCKING));
	GOOD(cuStreamCreate(&t, CU_STREAM_NON_BLOCKING));
	GOOD(cuEventCreate(&e, CU_EVENT_DISABLE_TIMING));
	// Work of another stream that nothing joins.
	GOOD(cuStreamBeginCapture(s, CU_STREAM_CAPTURE_MODE_GLOBAL));
	GOOD(cuEventRecord(e, s));
	GOOD(cuStreamWaitEvent(t, e, 0));
	GOOD(cuMemsetD8Async(x, 0, 400, t));
	EQUAL(cuStreamEndCapture(t, &g), CUDA_ERROR_STREAM_CAPTURE_UNMATCHED);
	EQUAL(cuStreamEndCapture(s, &g), CUDA_ERROR_STREAM_CAPTURE_UNJOINED);
	// Waiting, or allocating, during a capture.
	GOOD(cuStreamBeginCapture(s, CU_STREAM_CAPTURE_MODE_GLOBAL));
	CUdeviceptr y;
	EQUAL(cuMemAlloc(&y, 4), CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED);
	EQUAL(cuStreamSynchronize(s), CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED);
	EQUAL(cuMemsetD8Async(x, 0, 400, s), CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
	EQUAL(cuStreamEndCapture(s, &g), CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
	// Waiting for work that was not captured.
	GOOD(cuEventRecord(e, t));
	GOOD(cuStreamBeginCapture(s, CU_STREAM_CAPTURE_MODE_GLOBAL));
	EQUAL(cuStreamWaitEvent(s, e, 0), CUDA_ERROR_STREAM_CAPTURE_ISOLATION);
	EQUAL(cuStreamEndCapture(s, &g), CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
	GOOD(cuMemsetD8Async(x, 0, 400, s));
	GOOD(cuStreamSynchronize(s));
}

static void lateStreams() {
	begin();
	emuMode(1, 0, 1);
	CUstream s, t;
	CUevent e;
	GOOD(cuStreamCreate(&s, CU_STREAM_NON_BLOCKING));
	GOOD(cuStreamCreate(&t, CU_STREAM_NON_BLOCKING));
	GOOD(cuEventCreate(&e, 0));
	CUdeviceptr x = device({0});
	void *pinned, *to;
	GOOD(cuMemHostAlloc(&pinned, 4, 0));
	GOOD(cuMemHostAlloc(&to, 4, 0));
	float one = 1, got;
	auto write = [&](float v) { memcpy(pinned, &v, 4); };
	auto read = [&] { return memcpy(&got, to, 4), got; };
	// A copy from pinned memory reads when it runs; from other memory, at once.
	write(5);
	GOOD(cuMemcpyHtoDAsync(x, pinned, 4, s));
	write(6);
	GOOD(cuStreamSynchronize(s));
	GOOD(cuMemcpyDtoH(&got, x, 4));
	EQUAL(got, 6);
	GOOD(cuMemcpyHtoDAsync(x, &one, 4, s));
	one = 7;
	GOOD(cuStreamSynchronize(s));
	GOOD(cuMemcpyDtoH(&got, x, 4));
	EQUAL(got, 1);
	// A result is in memory after a wait for it.
	GOOD(cuMemcpyDtoHAsync(to, x, 4, s));
	TRUE(std::isnan(read()));
	EQUAL(cuStreamQuery(s), CUDA_ERROR_NOT_READY);
	GOOD(cuStreamQuery(s));
	EQUAL(read(), 1);
	// Only an event orders another stream's work before.
	GOOD(cuMemsetD32Async(x, 0x40000000, 1, s));
	GOOD(cuMemcpyDtoHAsync(to, x, 4, t));
	GOOD(cuStreamSynchronize(t));
	EQUAL(read(), 1);
	GOOD(cuEventRecord(e, s));
	GOOD(cuStreamWaitEvent(t, e, 0));
	GOOD(cuMemcpyDtoHAsync(to, x, 4, t));
	GOOD(cuStreamSynchronize(t));
	EQUAL(read(), 2);
	CUevent end;
	float ms = -1;
	GOOD(cuEventCreate(&end, 0));
	GOOD(cuEventRecord(end, s));
	EQUAL(cuEventElapsedTime(&ms, e, end), CUDA_ERROR_NOT_READY);
	GOOD(cuEventSynchronize(end));
	GOOD(cuEventElapsedTime(&ms, e, end));
	TRUE(ms >= 0);
	emuMode(0, 0, 1);
}

static void memory() {
	begin();
	emuMemory(1 << 20);
	size_t free, total;
	GOOD(cuMemGetInfo(&free, &total));
	EQUAL(free, 1 << 20);
	EQUAL(total, 1 << 20);
	CUdeviceptr p, q;
	GOOD(cuMemAlloc(&p, 700000));
	EQUAL(p % 256, 0);
	EQUAL(cuMemAlloc(&q, 700000), CUDA_ERROR_OUT_OF_MEMORY);
	GOOD(cuMemGetInfo(&free, &total));
	EQUAL(free, (1 << 20) - 700000);
	GOOD(cuMemFree(p));
	GOOD(cuMemAlloc(&q, 700000));
	long allocations, bytes, pinned, streams, events, modules, graphs, contexts;
	emuLive(&allocations, &bytes, &pinned, &streams, &events, &modules, &graphs, &contexts);
	EQUAL(allocations, 1);
	EQUAL(bytes, 700000);
	EQUAL(pinned + streams + events + modules + graphs, 0);
	EQUAL(contexts, 1);
	// What is destroyed with a context was leaked.
	void* host;
	GOOD(cuMemHostAlloc(&host, 100, 0));
	GOOD(cuDevicePrimaryCtxRelease(0));
	emuLive(&allocations, &bytes, &pinned, &streams, &events, &modules, &graphs, &contexts);
	EQUAL(allocations, 1);
	EQUAL(bytes, 700000);
	EQUAL(pinned, 1);
	EQUAL(contexts, 0);
	EQUAL(cuMemAlloc(&p, 4), CUDA_ERROR_INVALID_CONTEXT);
	emuMemory(1ul << 34);
	// The host must not read what was never written.
	begin();
	GOOD(cuMemAlloc(&p, 16));
	GOOD(cuMemsetD8(p, 0, 8));
	char got[16];
	GOOD(cuMemcpyDtoH(got, p, 8));
	EQUAL(cuMemcpyDtoH(got, p, 16), CUDA_ERROR_ILLEGAL_ADDRESS);
	SAYS("cuMemcpyDtoH reads byte 8");
}

static void failures() {
	begin();
	CUdeviceptr p;
	long before = emuCalls("cuMemAlloc_v2");
	emuFail("cuMemAlloc", 3, CUDA_ERROR_OUT_OF_MEMORY);
	GOOD(cuMemAlloc(&p, 4));
	GOOD(cuMemAlloc(&p, 4));
	EQUAL(cuMemAlloc(&p, 4), CUDA_ERROR_OUT_OF_MEMORY);
	GOOD(cuMemAlloc(&p, 4));
	EQUAL(emuCalls("cuMemAlloc") - before, 4);
	emuFail("cuMemFree", 0, CUDA_ERROR_UNKNOWN);
	EQUAL(cuMemFree(p), CUDA_ERROR_UNKNOWN);
	EQUAL(cuMemFree(p), CUDA_ERROR_UNKNOWN);
	emuFail("cuMemFree", 0, 0);
	GOOD(cuMemFree(p));
	// After an error that ends a context, all of its calls fail.
	emuFail("cuStreamCreate", 1, CUDA_ERROR_ILLEGAL_ADDRESS);
	CUstream s;
	EQUAL(cuStreamCreate(&s, 0), CUDA_ERROR_ILLEGAL_ADDRESS);
	EQUAL(cuMemAlloc(&p, 4), CUDA_ERROR_ILLEGAL_ADDRESS);
	EQUAL(cuCtxSynchronize(), CUDA_ERROR_ILLEGAL_ADDRESS);
	const char* name;
	GOOD(cuGetErrorName(CUDA_ERROR_ILLEGAL_ADDRESS, &name));
	TRUE(!strcmp(name, "CUDA_ERROR_ILLEGAL_ADDRESS"));
	GOOD(cuDevicePrimaryCtxRelease(0));
	begin();
	GOOD(cuMemAlloc(&p, 4));
	emuLose(CUDA_ERROR_DEVICE_UNAVAILABLE);
	EQUAL(cuMemFree(p), CUDA_ERROR_DEVICE_UNAVAILABLE);
	GOOD(cuDevicePrimaryCtxRelease(0));
	long allocations;
	emuLive(&allocations, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr);
	EQUAL(allocations, 0); // what a lost device held is not a leak
	begin();
	GOOD(cuCtxSynchronize());
	EQUAL(cuMemAllocManaged(&p, 4, CU_MEM_ATTACH_GLOBAL), CUDA_ERROR_NOT_SUPPORTED);
}

static void kernelFaults() {
	for (int late : {0, 1}) {
		begin();
		emuMode(late, 0, 1);
		CUmodule m;
		CUfunction f = function("astray", &m);
		CUdeviceptr p = device(std::vector<float>(32));
		void* params[] = {&p};
		CUresult r = cuLaunchKernel(f, 1, 1, 1, 32, 1, 1, 0, nullptr, params, nullptr);
		EQUAL(r, late ? CUDA_SUCCESS : CUDA_ERROR_LAUNCH_FAILED);
		EQUAL(cuCtxSynchronize(), CUDA_ERROR_LAUNCH_FAILED);
		float got;
		EQUAL(cuMemcpyDtoH(&got, p, 4), CUDA_ERROR_LAUNCH_FAILED);
		SAYS("kernel astray, block 0, thread 31: out of bounds: writes 4 bytes");
		SAYS("0 bytes past the end of allocation");
		SAYS("(line 6)");
		emuReset();
	}
	emuMode(0, 0, 1);
}

static void products() {
	begin();
	cublasHandle h;
	CUstream s;
	GOOD(cublasCreate_v2(&h));
	GOOD(cuStreamCreate(&s, CU_STREAM_NON_BLOCKING));
	GOOD(cublasSetStream_v2(h, s));
	CUdeviceptr workspace = device(std::vector<float>(64));
	GOOD(cublasSetWorkspace_v2(h, reinterpret_cast<void*>(workspace), 256));
	const int m = 5, n = 4, k = 3, ld = 7;
	std::vector<float> a(ld * ld), b(ld * ld), c(ld * ld);
	for (size_t i = 0; i < a.size(); i++) a[i] = float(i % 5), b[i] = float(i % 7) - 3, c[i] = float(i);
	CUdeviceptr da = device(a), db = device(b);
	auto f = [](CUdeviceptr p) { return reinterpret_cast<float*>(p); };
	for (int ta : {0, 1})
		for (int tb : {0, 1})
			for (float beta : {0.0f, 2.0f}) {
				float alpha = 3;
				CUdeviceptr dc = device(c);
				GOOD(cublasSgemm_v2(h, ta, tb, m, n, k, &alpha, f(da), ld, f(db), ld, &beta, f(dc), ld));
				std::vector<float> got(c.size());
				GOOD(cuStreamSynchronize(s));
				GOOD(cuMemcpyDtoH(got.data(), dc, 4 * got.size()));
				for (size_t j = 0; j < ld; j++)
					for (size_t i = 0; i < ld; i++) {
						float want = c[j * ld + i];
						if (i < m && j < n) {
							want *= beta;
							for (size_t p = 0; p < k; p++) want += alpha * a[ta ? i * ld + p : p * ld + i] * b[tb ? p * ld + j : j * ld + p];
						}
						EQUAL(got[j * ld + i], want);
					}
			}
	EQUAL(cublasSgemm_v2(h, 0, 0, m, n, k, a.data(), f(da), 4, f(db), ld, a.data(), f(da), ld), 7);
	// A batch of float64, captured: 2 by 2 times 2 by 2.
	double x[] = {1, 2, 3, 4, 5, 6, 7, 8}, one = 1, zero = 0, got[8];
	CUdeviceptr dx, dy;
	GOOD(cuMemAlloc(&dx, sizeof x));
	GOOD(cuMemAlloc(&dy, sizeof x));
	GOOD(cuMemcpyHtoD(dx, x, sizeof x));
	auto d = [](CUdeviceptr p) { return reinterpret_cast<double*>(p); };
	CUgraph g;
	CUgraphExec e;
	GOOD(cuStreamBeginCapture(s, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL));
	GOOD(cublasDgemmStridedBatched(h, 0, 0, 2, 2, 2, &one, d(dx), 2, 4, d(dx), 2, 4, &zero, d(dy), 2, 4, 2));
	GOOD(cuStreamEndCapture(s, &g));
	GOOD(cuGraphInstantiateWithFlags(&e, g, 0));
	GOOD(cuGraphLaunch(e, s));
	GOOD(cuStreamSynchronize(s));
	GOOD(cuMemcpyDtoH(got, dy, sizeof got));
	const double want[] = {7, 10, 15, 22, 67, 78, 91, 106};
	for (int i = 0; i < 8; i++) EQUAL(got[i], want[i]);
	// The workspace belongs to cuBLAS: its old content is lost.
	float w;
	EQUAL(cuMemcpyDtoH(&w, workspace, 4), CUDA_ERROR_ILLEGAL_ADDRESS);
	SAYS("never written");
	emuReset();
	begin();
	CUdeviceptr fresh;
	GOOD(cuMemAlloc(&fresh, 400));
	float alpha = 1, beta = 0;
	da = device(a);
	GOOD(cublasSetStream_v2(h, nullptr));
	EQUAL(cublasSgemm_v2(h, 0, 0, 5, 5, 5, &alpha, f(da), 5, f(fresh), 5, &beta, f(da), 5), 13);
	SAYS("cublasSgemm, matrix B reads byte 0");
	GOOD(cuDevicePrimaryCtxRelease(0));
	begin();
	da = device(a);
	EQUAL(cublasSgemm_v2(h, 0, 0, 8, 8, 8, &alpha, f(da), 8, f(da), 8, &beta, f(da), 8), 13);
	SAYS("cublasSgemm, matrix A reads 32 bytes");
	GOOD(cuDevicePrimaryCtxRelease(0));
	GOOD(cublasDestroy_v2(h));
	begin();
	EQUAL(cublasDestroy_v2(h), 1);
}

int main() {
	const struct {
		const char* name;
		std::function<void()> run;
	} tests[] = {
		{"launching", launching}, {"images", images}, {"graphs", graphs}, {"captures", captures}, {"late streams", lateStreams},
		{"memory", memory}, {"failures", failures}, {"kernel faults", kernelFaults}, {"products", products},
	};
	for (auto& t : tests) {
		test = t.name;
		emuReset();
		t.run();
	}
	emuReset();
	long counts[8];
	emuLive(counts, counts + 1, counts + 2, counts + 3, counts + 4, counts + 5, counts + 6, counts + 7);
	for (long c : counts) EQUAL(c, 0);
	if (!wrong) printf("all is well\n");
	return wrong != 0;
}
