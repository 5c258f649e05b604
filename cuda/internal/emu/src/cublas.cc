// The stand-in for libcublas: matrix products by plain loops, in the stream of
// the handle. Memory is checked as for kernels.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#define API extern "C" __attribute__((visibility("default")))

// From the stand-in for libcuda.
extern "C" {
int emuEnter(const char* call);
int emuHasContext();
int emuEnqueue(void* stream, const char* name, int (*run)(void*), const void* data, size_t size);
int emuReach(unsigned long p, size_t bytes, int write, const char* who);
int emuClobber(unsigned long p, size_t bytes, const char* who);
}

enum { success = 0, notInitialized = 1, allocFailed = 3, invalidValue = 7, executionFailed = 13, notSupported = 15 };

// status is cuBLAS's status for an error of the driver.
static int status(int code) {
	if (code == 0) return success;
	return code == 2 ? allocFailed : code == 801 ? notSupported : executionFailed;
}

struct Handle {
	void* stream = nullptr;
	unsigned long workspace = 0;
	size_t workspaceSize = 0;
	int mathMode = 0, pointerMode = 0, atomicsMode = 0;
};

static std::mutex guard;
static std::set<Handle*>& handles() {
	static std::set<Handle*>* all = new std::set<Handle*>;
	return *all;
}
static bool live(Handle* h) {
	std::lock_guard<std::mutex> locked(guard);
	return handles().count(h);
}

#define ENTER(name) \
	if (int failed = emuEnter(name)) return status(failed);
#define HANDLE(name, h) \
	ENTER(name) \
	if (!live(h)) return notInitialized;

API int cublasCreate_v2(Handle** to) {
	ENTER("cublasCreate_v2")
	if (!emuHasContext()) return notInitialized;
	std::lock_guard<std::mutex> locked(guard);
	*to = new Handle;
	handles().insert(*to);
	return success;
}

API int cublasDestroy_v2(Handle* h) {
	HANDLE("cublasDestroy_v2", h)
	std::lock_guard<std::mutex> locked(guard);
	handles().erase(h);
	delete h;
	return success;
}

API int cublasGetVersion_v2(Handle* h, int* to) {
	HANDLE("cublasGetVersion_v2", h)
	*to = EMU_CUDA_VERSION / 1000 * 10000 + EMU_CUDA_VERSION % 1000 * 10;
	return success;
}

API int cublasSetStream_v2(Handle* h, void* stream) {
	HANDLE("cublasSetStream_v2", h)
	h->stream = stream;
	h->workspace = 0; // as in cuBLAS, setting the stream resets the workspace
	h->workspaceSize = 0;
	return success;
}

API int cublasGetStream_v2(Handle* h, void** to) {
	HANDLE("cublasGetStream_v2", h)
	*to = h->stream;
	return success;
}

API int cublasSetWorkspace_v2(Handle* h, void* p, size_t size) {
	HANDLE("cublasSetWorkspace_v2", h)
	if (uintptr_t(p) % 256) return invalidValue;
	h->workspace = uintptr_t(p);
	h->workspaceSize = size;
	return success;
}

#define SETTING(setter, getter, field, type) \
	API int setter(Handle* h, type v) { \
		HANDLE(#setter, h) \
		h->field = int(v); \
		return success; \
	} \
	API int getter(Handle* h, type* to) { \
		HANDLE(#getter, h) \
		*to = type(h->field); \
		return success; \
	}
SETTING(cublasSetMathMode, cublasGetMathMode, mathMode, int)
SETTING(cublasSetPointerMode_v2, cublasGetPointerMode_v2, pointerMode, int)
SETTING(cublasSetAtomicsMode, cublasGetAtomicsMode, atomicsMode, int)

API const char* cublasGetStatusName(int s) {
	switch (s) {
	case success: return "CUBLAS_STATUS_SUCCESS";
	case notInitialized: return "CUBLAS_STATUS_NOT_INITIALIZED";
	case allocFailed: return "CUBLAS_STATUS_ALLOC_FAILED";
	case invalidValue: return "CUBLAS_STATUS_INVALID_VALUE";
	case executionFailed: return "CUBLAS_STATUS_EXECUTION_FAILED";
	case notSupported: return "CUBLAS_STATUS_NOT_SUPPORTED";
	}
	return "CUBLAS_STATUS unknown";
}
API const char* cublasGetStatusString(int s) { return cublasGetStatusName(s); }

// Gemm is a product, C = alpha op(A) op(B) + beta C, of column-major matrices,
// for each of a batch.
struct Gemm {
	const char* name;
	int ta, tb, m, n, k, lda, ldb, ldc, batch;
	long sa, sb, sc; // elements from one of the batch to the next
	unsigned long a, b, c;
	bool wide; // float64
	double alpha, beta;
	unsigned long workspace;
	size_t workspaceSize;
};

// reach checks the columns of a matrix.
static int reach(const Gemm& g, unsigned long p, int rows, int columns, int ld, bool write, const char* which) {
	size_t element = g.wide ? 8 : 4;
	std::string who = std::string(g.name) + ", matrix " + which;
	for (int j = 0; j < columns; j++)
		if (int r = emuReach(p + size_t(j) * size_t(ld) * element, size_t(rows) * element, write, who.c_str())) return r;
	return 0;
}

template <class T> static void product(const Gemm& g, const T* a, const T* b, T* c) {
	// A, column-major, whether it is transposed or not.
	std::vector<T> packed;
	size_t lda = size_t(g.lda);
	if (g.ta && g.alpha != 0) {
		packed.resize(size_t(g.m) * size_t(g.k));
		for (size_t i = 0; i < size_t(g.m); i++)
			for (size_t p = 0; p < size_t(g.k); p++) packed[p * size_t(g.m) + i] = a[i * lda + p];
		a = packed.data();
		lda = size_t(g.m);
	}
	std::vector<T> sum((size_t(g.m)));
	T alpha = T(g.alpha), beta = T(g.beta);
	for (size_t j = 0; j < size_t(g.n); j++) {
		std::fill(sum.begin(), sum.end(), T(0));
		for (size_t p = 0; g.alpha != 0 && p < size_t(g.k); p++) {
			T v = g.tb ? b[p * size_t(g.ldb) + j] : b[j * size_t(g.ldb) + p];
			const T* column = a + p * lda;
			for (size_t i = 0; i < size_t(g.m); i++) sum[i] += column[i] * v;
		}
		T* to = c + j * size_t(g.ldc);
		for (size_t i = 0; i < size_t(g.m); i++) to[i] = beta == 0 ? alpha * sum[i] : alpha * sum[i] + beta * to[i];
	}
}

static int runGemm(void* data) {
	Gemm g;
	memcpy(&g, data, sizeof g);
	size_t element = g.wide ? 8 : 4;
	if (g.workspaceSize)
		if (int r = emuClobber(g.workspace, g.workspaceSize, g.name)) return r;
	for (long i = 0; i < g.batch; i++) {
		unsigned long a = g.a + (unsigned long)(i * g.sa) * element, b = g.b + (unsigned long)(i * g.sb) * element, c = g.c + (unsigned long)(i * g.sc) * element;
		int r = 0;
		if (g.alpha != 0) {
			r = reach(g, a, g.ta ? g.k : g.m, g.ta ? g.m : g.k, g.lda, false, "A");
			if (!r) r = reach(g, b, g.tb ? g.n : g.k, g.tb ? g.k : g.n, g.ldb, false, "B");
		}
		if (!r && g.beta != 0) r = reach(g, c, g.m, g.n, g.ldc, false, "C");
		if (!r) r = reach(g, c, g.m, g.n, g.ldc, true, "C");
		if (r) return r;
		if (g.wide)
			product(g, reinterpret_cast<const double*>(a), reinterpret_cast<const double*>(b), reinterpret_cast<double*>(c));
		else
			product(g, reinterpret_cast<const float*>(a), reinterpret_cast<const float*>(b), reinterpret_cast<float*>(c));
	}
	return 0;
}

static int gemm(const char* name, Handle* h, bool wide, int ta, int tb, int m, int n, int k, const void* alpha, const void* a, int lda, long sa,
	const void* b, int ldb, long sb, const void* beta, void* c, int ldc, long sc, int batch) {
	HANDLE(name, h)
	if (h->pointerMode) return notSupported; // alpha and beta on the device
	auto least = [](int n) { return n > 1 ? n : 1; };
	if (m < 0 || n < 0 || k < 0 || batch < 0 || ta < 0 || ta > 2 || tb < 0 || tb > 2 || !alpha || !beta) return invalidValue;
	if (lda < least(ta ? k : m) || ldb < least(tb ? n : k) || ldc < least(m)) return invalidValue;
	if (!m || !n || !batch) return success;
	Gemm g = {name, ta, tb, m, n, k, lda, ldb, ldc, batch, sa, sb, sc, uintptr_t(a), uintptr_t(b), uintptr_t(c), wide, 0, 0, h->workspace, h->workspaceSize};
	g.alpha = wide ? *static_cast<const double*>(alpha) : double(*static_cast<const float*>(alpha));
	g.beta = wide ? *static_cast<const double*>(beta) : double(*static_cast<const float*>(beta));
	return status(emuEnqueue(h->stream, name, runGemm, &g, sizeof g));
}

#define GEMM(T, letter, wide) \
	API int cublas##letter##gemm_v2(Handle* h, int ta, int tb, int m, int n, int k, const T* alpha, const T* a, int lda, const T* b, int ldb, const T* beta, T* c, int ldc) { \
		return gemm("cublas" #letter "gemm", h, wide, ta, tb, m, n, k, alpha, a, lda, 0, b, ldb, 0, beta, c, ldc, 0, 1); \
	} \
	API int cublas##letter##gemmStridedBatched(Handle* h, int ta, int tb, int m, int n, int k, const T* alpha, const T* a, int lda, long long sa, const T* b, int ldb, long long sb, \
		const T* beta, T* c, int ldc, long long sc, int batch) { \
		return gemm("cublas" #letter "gemmStridedBatched", h, wide, ta, tb, m, n, k, alpha, a, lda, sa, b, ldb, sb, beta, c, ldc, sc, batch); \
	}
GEMM(float, S, false)
GEMM(double, D, true)

// precision says whether all types are float64, or all float32; otherwise it is
// not emulated.
static bool precision(int a, int b, int c, int compute, bool* wide) {
	enum { real32 = 0, real64 = 1, compute32 = 68, compute32Pedantic = 69, compute64 = 70, compute64Pedantic = 71, compute32TF32 = 77 };
	*wide = a == real64;
	if (a != b || a != c) return false;
	if (a == real32) return compute == compute32 || compute == compute32Pedantic || compute == compute32TF32;
	return a == real64 && (compute == compute64 || compute == compute64Pedantic);
}

API int cublasGemmEx(Handle* h, int ta, int tb, int m, int n, int k, const void* alpha, const void* a, int at, int lda, const void* b, int bt, int ldb, const void* beta, void* c,
	int ct, int ldc, int compute, int) {
	bool wide;
	if (!precision(at, bt, ct, compute, &wide)) return notSupported;
	return gemm("cublasGemmEx", h, wide, ta, tb, m, n, k, alpha, a, lda, 0, b, ldb, 0, beta, c, ldc, 0, 1);
}

API int cublasGemmStridedBatchedEx(Handle* h, int ta, int tb, int m, int n, int k, const void* alpha, const void* a, int at, int lda, long long sa, const void* b, int bt, int ldb,
	long long sb, const void* beta, void* c, int ct, int ldc, long long sc, int batch, int compute, int) {
	bool wide;
	if (!precision(at, bt, ct, compute, &wide)) return notSupported;
	return gemm("cublasGemmStridedBatchedEx", h, wide, ta, tb, m, n, k, alpha, a, lda, sa, b, ldb, sb, beta, c, ldc, sc, batch);
}
