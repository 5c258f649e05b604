// What g++ includes before a kernel source: the words of CUDA C that our
// kernels use, and no more, so that most of what NVRTC refuses is refused here
// too. There are no headers: math functions are g++'s built-ins.
#ifndef EMU_PRELUDE
#define EMU_PRELUDE
#include "table.h"

#define EMU_HIDDEN __attribute__((visibility("hidden")))
#define EMU_UNCHECKED __attribute__((no_sanitize("thread", "undefined")))
#define EMU_INLINE inline __attribute__((always_inline))

// The module's table of the emulator's functions.
EMU_HIDDEN const EmuTable* emuTable;

// The language.

#define __global__ __attribute__((visibility("default"), noinline))
#define __device__
#define __host__
#define __constant__
#define __forceinline__ inline __attribute__((always_inline))
#define __noinline__ __attribute__((noinline))
#define __shared__ static __attribute__((section("emu_shared")))
#define __align__(n) __attribute__((aligned(n)))
#define __launch_bounds__(...)
#define __CUDACC__ 1
#define __CUDACC_RTC__ 1
#ifndef EMU_ARCH
#define EMU_ARCH 900
#endif
#define __CUDA_ARCH__ EMU_ARCH

typedef __SIZE_TYPE__ size_t;
typedef __PTRDIFF_TYPE__ ptrdiff_t;
typedef unsigned char uchar;

typedef EmuIndex uint3;
struct dim3 {
	unsigned x, y, z;
};

EMU_UNCHECKED __attribute__((noinline, const)) static EmuIndex emuIndex(int which) { return emuTable->index(which); }
#define threadIdx (emuIndex(0))
#define blockIdx (emuIndex(1))
#define blockDim (emuIndex(2))
#define gridDim (emuIndex(3))
#define warpSize 32

// What g++ calls for each memory access.

extern "C" {
#define EMU_HOOK EMU_HIDDEN EMU_UNCHECKED void
#define EMU_ACCESS(n, i) \
	EMU_HOOK __tsan_read##n(const void* p) { emuTable->read[i](p); } \
	EMU_HOOK __tsan_write##n(void* p) { emuTable->write[i](p); } \
	EMU_HOOK __tsan_unaligned_read##n(const void* p) { emuTable->read[i](p); } \
	EMU_HOOK __tsan_unaligned_write##n(void* p) { emuTable->write[i](p); } \
	EMU_HOOK __tsan_volatile_read##n(const void* p) { emuTable->read[i](p); } \
	EMU_HOOK __tsan_volatile_write##n(void* p) { emuTable->write[i](p); }
EMU_ACCESS(1, 0)
EMU_ACCESS(2, 1)
EMU_ACCESS(4, 2)
EMU_ACCESS(8, 3)
EMU_ACCESS(16, 4)
EMU_HOOK __tsan_read_range(const void* p, unsigned long n) { emuTable->readRange(p, n); }
EMU_HOOK __tsan_write_range(void* p, unsigned long n) { emuTable->writeRange(p, n); }
EMU_HOOK __tsan_vptr_update(void**, void*) {}
EMU_HOOK __tsan_vptr_read(void**) {}
EMU_HOOK __tsan_func_entry(void*) {}
EMU_HOOK __tsan_func_exit() {}
EMU_HOOK __tsan_init() {}

// What the compiler's other checks call. Their data begins with the source
// location.
struct EmuPlace {
	const char* file;
	unsigned line, column;
};
#define EMU_TRAP(name, kind, params, value) \
	EMU_HOOK __ubsan_handle_##name##_abort params { emuTable->trap(kind, int(at->line), (unsigned long)(value)); }
EMU_TRAP(type_mismatch_v1, emuTrapAlignment, (EmuPlace* at, void* p), p)
EMU_TRAP(out_of_bounds, emuTrapBounds, (EmuPlace* at, void* i), i)
EMU_TRAP(divrem_overflow, emuTrapDivision, (EmuPlace* at, void*, void*), 0)
EMU_TRAP(shift_out_of_bounds, emuTrapShift, (EmuPlace* at, void*, void* n), n)
EMU_TRAP(add_overflow, emuTrapOverflow, (EmuPlace* at, void*, void*), 0)
EMU_TRAP(sub_overflow, emuTrapOverflow, (EmuPlace* at, void*, void*), 0)
EMU_TRAP(mul_overflow, emuTrapOverflow, (EmuPlace* at, void*, void*), 0)
EMU_TRAP(negate_overflow, emuTrapOverflow, (EmuPlace* at, void*), 0)
EMU_TRAP(pointer_overflow, emuTrapOther, (EmuPlace* at, void*, void*), 0)
}

// Barriers, votes and exchanges.

#define EMU_MEMORY asm volatile("" ::: "memory")

EMU_UNCHECKED static unsigned emuBarrier(int line, int yes) {
	EMU_MEMORY;
	unsigned n = emuTable->barrier(line, yes);
	EMU_MEMORY;
	return n;
}
EMU_UNCHECKED static unsigned long emuWarp(int kind, int line, unsigned mask, unsigned long in, int source, int width) {
	EMU_MEMORY;
	unsigned long out = emuTable->warp(kind, line, mask, in, source, width);
	EMU_MEMORY;
	return out;
}
#define EMU_LINE int line = __builtin_LINE()
static EMU_INLINE void __syncthreads(EMU_LINE) { emuBarrier(line, 0); }
static EMU_INLINE int __syncthreads_count(int yes, EMU_LINE) { return int(emuBarrier(line, yes)); }
static EMU_INLINE int __syncthreads_or(int yes, EMU_LINE) { return emuBarrier(line, yes) != 0; }
static EMU_INLINE int __syncthreads_and(int yes, EMU_LINE) { return emuBarrier(line, !yes) == 0; }
static EMU_INLINE void __syncwarp(unsigned mask = ~0u, EMU_LINE) { emuWarp(emuSyncWarp, line, mask, 0, 0, 32); }
static EMU_INLINE unsigned __ballot_sync(unsigned mask, int yes, EMU_LINE) { return unsigned(emuWarp(emuBallot, line, mask, yes != 0, 0, 32)); }
static EMU_INLINE int __any_sync(unsigned mask, int yes, EMU_LINE) { return emuWarp(emuBallot, line, mask, yes != 0, 0, 32) != 0; }
static EMU_INLINE int __all_sync(unsigned mask, int yes, EMU_LINE) { return emuWarp(emuBallot, line, mask, yes != 0, 0, 32) == mask; }
static EMU_INLINE unsigned __activemask() { return unsigned(emuWarp(emuActive, 0, 0, 0, 0, 32)); }

template <class T> static EMU_INLINE unsigned long emuBits(T v) {
	unsigned long b = 0;
	__builtin_memcpy(&b, &v, sizeof v);
	return b;
}
template <class T> static EMU_INLINE T emuFrom(unsigned long b) {
	T v;
	__builtin_memcpy(&v, &b, sizeof v);
	return v;
}
#define EMU_SHUFFLE(name, kind, Source) \
	template <class T> static EMU_INLINE T name(unsigned mask, T v, Source source, int width = 32, EMU_LINE) { \
		static_assert(sizeof(T) == 4 || sizeof(T) == 8, "a shuffle moves 4 or 8 bytes"); \
		return emuFrom<T>(emuWarp(kind, line, mask, emuBits(v), int(source), width)); \
	}
EMU_SHUFFLE(__shfl_sync, emuShuffle, int)
EMU_SHUFFLE(__shfl_up_sync, emuShuffleUp, unsigned)
EMU_SHUFFLE(__shfl_down_sync, emuShuffleDown, unsigned)
EMU_SHUFFLE(__shfl_xor_sync, emuShuffleXor, int)

static EMU_INLINE void __threadfence() { EMU_MEMORY; }
static EMU_INLINE void __threadfence_block() { EMU_MEMORY; }
static EMU_INLINE void __threadfence_system() { EMU_MEMORY; }

// Atomics: threads run one at a time, so a plain access will do.

template <class T> struct EmuSame {
	typedef T type;
};
#define EMU_ATOMIC(name, next) \
	template <class T> EMU_UNCHECKED __attribute__((noinline)) static T name(T* p, typename EmuSame<T>::type v) { \
		emuTable->atomic(p, sizeof(T)); \
		EMU_MEMORY; \
		T old = *p; \
		*p = next; \
		EMU_MEMORY; \
		return old; \
	}
EMU_ATOMIC(atomicAdd, old + v)
EMU_ATOMIC(atomicSub, old - v)
EMU_ATOMIC(atomicExch, v)
EMU_ATOMIC(atomicMin, v < old ? v : old)
EMU_ATOMIC(atomicMax, v > old ? v : old)
EMU_ATOMIC(atomicAnd, old & v)
EMU_ATOMIC(atomicOr, old | v)
EMU_ATOMIC(atomicXor, old ^ v)
EMU_ATOMIC(atomicInc, old >= v ? 0 : old + 1)
EMU_ATOMIC(atomicDec, old == 0 || old > v ? v : old - 1)
template <class T> EMU_UNCHECKED __attribute__((noinline)) static T atomicCAS(T* p, typename EmuSame<T>::type expect, typename EmuSame<T>::type v) {
	emuTable->atomic(p, sizeof(T));
	EMU_MEMORY;
	T old = *p;
	if (old == expect) *p = v;
	EMU_MEMORY;
	return old;
}

template <class T> static EMU_INLINE T __ldg(const T* p) { return *p; }
template <class T> static EMU_INLINE T __ldcs(const T* p) { return *p; }
template <class T> static EMU_INLINE T __ldcg(const T* p) { return *p; }
template <class T> static EMU_INLINE void __stcs(T* p, T v) { *p = v; }
template <class T> static EMU_INLINE void __stcg(T* p, T v) { *p = v; }

// Vectors.

#define EMU_VECTOR(T, name, small) \
	struct __align__(2 * sizeof(T)) name##2 { T x, y; }; \
	struct name##3 { T x, y, z; }; \
	struct __align__(small) name##4 { T x, y, z, w; }; \
	static EMU_INLINE name##2 make_##name##2(T x, T y) { return name##2{x, y}; } \
	static EMU_INLINE name##3 make_##name##3(T x, T y, T z) { return name##3{x, y, z}; } \
	static EMU_INLINE name##4 make_##name##4(T x, T y, T z, T w) { return name##4{x, y, z, w}; }
#define EMU_VECTOR_UINT \
	struct __align__(8) uint2 { unsigned x, y; }; \
	struct __align__(16) uint4 { unsigned x, y, z, w; };
EMU_VECTOR(float, float, 16)
EMU_VECTOR(double, double, 16)
EMU_VECTOR(int, int, 16)
EMU_VECTOR_UINT
static EMU_INLINE uint2 make_uint2(unsigned x, unsigned y) { return uint2{x, y}; }
static EMU_INLINE uint3 make_uint3(unsigned x, unsigned y, unsigned z) { return uint3{x, y, z}; }
static EMU_INLINE uint4 make_uint4(unsigned x, unsigned y, unsigned z, unsigned w) { return uint4{x, y, z, w}; }

// Mathematics.

#define EMU_MATH1(name) \
	extern "C" double name(double) noexcept; \
	extern "C" float name##f(float) noexcept; \
	static EMU_INLINE float name(float x) { return name##f(x); }
#define EMU_MATH2(name) \
	extern "C" double name(double, double) noexcept; \
	extern "C" float name##f(float, float) noexcept; \
	static EMU_INLINE float name(float x, float y) { return name##f(x, y); }
EMU_MATH1(exp) EMU_MATH1(exp2) EMU_MATH1(expm1) EMU_MATH1(log) EMU_MATH1(log2) EMU_MATH1(log10) EMU_MATH1(log1p)
EMU_MATH1(sqrt) EMU_MATH1(cbrt) EMU_MATH1(sin) EMU_MATH1(cos) EMU_MATH1(tan) EMU_MATH1(asin) EMU_MATH1(acos) EMU_MATH1(atan)
EMU_MATH1(sinh) EMU_MATH1(cosh) EMU_MATH1(tanh) EMU_MATH1(asinh) EMU_MATH1(acosh) EMU_MATH1(atanh)
EMU_MATH1(erf) EMU_MATH1(erfc) EMU_MATH1(lgamma) EMU_MATH1(tgamma)
EMU_MATH1(fabs) EMU_MATH1(floor) EMU_MATH1(ceil) EMU_MATH1(trunc) EMU_MATH1(round) EMU_MATH1(rint) EMU_MATH1(nearbyint)
EMU_MATH2(pow) EMU_MATH2(fmod) EMU_MATH2(atan2) EMU_MATH2(hypot) EMU_MATH2(fmin) EMU_MATH2(fmax) EMU_MATH2(copysign) EMU_MATH2(fdim) EMU_MATH2(remainder)
extern "C" double fma(double, double, double) noexcept;
extern "C" float fmaf(float, float, float) noexcept;
static EMU_INLINE float fma(float x, float y, float z) { return fmaf(x, y, z); }
extern "C" float ldexpf(float, int) noexcept;
extern "C" double ldexp(double, int) noexcept;
static EMU_INLINE float ldexp(float x, int n) { return ldexpf(x, n); }
extern "C" void sincosf(float, float*, float*) noexcept;
extern "C" void sincos(double, double*, double*) noexcept;
static EMU_INLINE float exp10f(float x) { return float(pow(10.0, double(x))); }
static EMU_INLINE double exp10(double x) { return pow(10.0, x); }
static EMU_INLINE float rsqrtf(float x) { return float(1 / sqrt(double(x))); }
static EMU_INLINE double rsqrt(double x) { return 1 / sqrt(x); }
static EMU_INLINE float rsqrt(float x) { return rsqrtf(x); }
static EMU_INLINE float normcdff(float x) { return float(0.5 * erfc(-double(x) * 0.70710678118654752440)); }
static EMU_INLINE double normcdf(double x) { return 0.5 * erfc(-x * 0.70710678118654752440); }
static EMU_INLINE bool isnan(float x) { return x != x; }
static EMU_INLINE bool isnan(double x) { return x != x; }
static EMU_INLINE bool isinf(float x) { return __builtin_isinf(x); }
static EMU_INLINE bool isinf(double x) { return __builtin_isinf(x); }
static EMU_INLINE bool isfinite(float x) { return __builtin_isfinite(x); }
static EMU_INLINE bool isfinite(double x) { return __builtin_isfinite(x); }
static EMU_INLINE bool signbit(float x) { return __builtin_signbit(x); }
static EMU_INLINE bool signbit(double x) { return __builtin_signbit(x); }
static EMU_INLINE int abs(int x) { return x < 0 ? -x : x; }
static EMU_INLINE long abs(long x) { return x < 0 ? -x : x; }
static EMU_INLINE long long abs(long long x) { return x < 0 ? -x : x; }
static EMU_INLINE float abs(float x) { return fabsf(x); }
static EMU_INLINE double abs(double x) { return fabs(x); }

#define EMU_MINMAX(T) \
	static EMU_INLINE T min(T a, T b) { return b < a ? b : a; } \
	static EMU_INLINE T max(T a, T b) { return a < b ? b : a; }
EMU_MINMAX(int)
EMU_MINMAX(unsigned)
EMU_MINMAX(long)
EMU_MINMAX(unsigned long)
EMU_MINMAX(long long)
EMU_MINMAX(unsigned long long)
static EMU_INLINE unsigned min(int a, unsigned b) { return min(unsigned(a), b); }
static EMU_INLINE unsigned min(unsigned a, int b) { return min(a, unsigned(b)); }
static EMU_INLINE unsigned max(int a, unsigned b) { return max(unsigned(a), b); }
static EMU_INLINE unsigned max(unsigned a, int b) { return max(a, unsigned(b)); }
static EMU_INLINE float min(float a, float b) { return fminf(a, b); }
static EMU_INLINE float max(float a, float b) { return fmaxf(a, b); }
static EMU_INLINE double min(double a, double b) { return fmin(a, b); }
static EMU_INLINE double max(double a, double b) { return fmax(a, b); }

// Arithmetic that the compiler may not merge or split.
#define EMU_APART __attribute__((optimize("fp-contract=off"), noinline))
EMU_APART static float __fadd_rn(float a, float b) { return a + b; }
EMU_APART static float __fsub_rn(float a, float b) { return a - b; }
EMU_APART static float __fmul_rn(float a, float b) { return a * b; }
EMU_APART static float __fdiv_rn(float a, float b) { return a / b; }
EMU_APART static double __dadd_rn(double a, double b) { return a + b; }
EMU_APART static double __dsub_rn(double a, double b) { return a - b; }
EMU_APART static double __dmul_rn(double a, double b) { return a * b; }
EMU_APART static double __ddiv_rn(double a, double b) { return a / b; }
static EMU_INLINE float __fmaf_rn(float a, float b, float c) { return fmaf(a, b, c); }
static EMU_INLINE double __fma_rn(double a, double b, double c) { return fma(a, b, c); }
static EMU_INLINE float __fsqrt_rn(float x) { return sqrtf(x); }
static EMU_INLINE double __dsqrt_rn(double x) { return sqrt(x); }
static EMU_INLINE float __frcp_rn(float x) { return 1 / x; }
static EMU_INLINE float __frsqrt_rn(float x) { return rsqrtf(x); }
static EMU_INLINE float __expf(float x) { return expf(x); }
static EMU_INLINE float __logf(float x) { return logf(x); }
static EMU_INLINE float __fdividef(float a, float b) { return a / b; }
static EMU_INLINE float __saturatef(float x) { return x > 0 ? (x < 1 ? x : 1) : 0; }

// Bits.
static EMU_INLINE int __float_as_int(float x) { return emuFrom<int>(emuBits(x)); }
static EMU_INLINE unsigned __float_as_uint(float x) { return emuFrom<unsigned>(emuBits(x)); }
static EMU_INLINE float __int_as_float(int x) { return emuFrom<float>(emuBits(x)); }
static EMU_INLINE float __uint_as_float(unsigned x) { return emuFrom<float>(emuBits(x)); }
static EMU_INLINE long long __double_as_longlong(double x) { return emuFrom<long long>(emuBits(x)); }
static EMU_INLINE double __longlong_as_double(long long x) { return emuFrom<double>(emuBits(x)); }
static EMU_INLINE unsigned __umulhi(unsigned a, unsigned b) { return unsigned((unsigned long long)a * b >> 32); }
static EMU_INLINE int __mulhi(int a, int b) { return int((long long)a * b >> 32); }
static EMU_INLINE unsigned long long __umul64hi(unsigned long long a, unsigned long long b) { return (unsigned long long)((unsigned __int128)a * b >> 64); }
static EMU_INLINE int __popc(unsigned x) { return __builtin_popcount(x); }
static EMU_INLINE int __popcll(unsigned long long x) { return __builtin_popcountll(x); }
static EMU_INLINE int __clz(int x) { return x ? __builtin_clz(unsigned(x)) : 32; }
static EMU_INLINE int __ffs(int x) { return __builtin_ffs(x); }
static EMU_INLINE unsigned __brev(unsigned x) {
	unsigned r = 0;
	for (int i = 0; i < 32; i++) r = r << 1 | (x >> i & 1);
	return r;
}
static EMU_INLINE unsigned __funnelshift_l(unsigned lo, unsigned hi, unsigned n) { return n & 31 ? hi << (n & 31) | lo >> (32 - (n & 31)) : hi; }
static EMU_INLINE unsigned __funnelshift_r(unsigned lo, unsigned hi, unsigned n) { return n & 31 ? lo >> (n & 31) | hi << (32 - (n & 31)) : lo; }
static EMU_INLINE int __float2int_rn(float x) { return int(nearbyintf(x)); }
static EMU_INLINE int __float2int_rz(float x) { return int(x); }
static EMU_INLINE float __int2float_rn(int x) { return float(x); }
static EMU_INLINE float __uint2float_rn(unsigned x) { return float(x); }

// How the emulator calls a kernel with any parameters.
template <int... i> struct EmuSequence {};
template <int n, int... i> struct EmuCount : EmuCount<n - 1, n - 1, i...> {};
template <int... i> struct EmuCount<0, i...> {
	typedef EmuSequence<i...> type;
};
template <class F, F kernel> struct EmuCall;
template <class... P, void (*kernel)(P...)> struct EmuCall<void (*)(P...), kernel> {
	static const int count = sizeof...(P);
	static constexpr unsigned sizes[] = {unsigned(sizeof(P))..., 0};
	template <int... i> EMU_UNCHECKED static void spread(void** params, EmuSequence<i...>) { kernel(*(P*)params[i]...); }
	EMU_UNCHECKED static void call(void** params) { spread(params, typename EmuCount<count>::type()); }
};
#define EMU_KERNEL(name, bound) {#name, EmuCall<decltype(&name), &name>::call, EmuCall<decltype(&name), &name>::count, EmuCall<decltype(&name), &name>::sizes, bound}
#endif
