package code

import "strings"

// preamble is what all kernels share. NVRTC has no headers, so it has no
// INFINITY.
func preamble(double bool) string {
	real, inf, nan := "float", "__int_as_float(0x7f800000)", "__int_as_float(0x7fc00000)"
	if double {
		real, inf, nan = "double", "__longlong_as_double(0x7ff0000000000000LL)", "__longlong_as_double(0x7ff8000000000000LL)"
	}
	return strings.NewReplacer("REAL", real, "INF", inf, "NAN", nan, "EXP", cName("exp", double), "LOG1P", cName("log1p", double), "FABS", cName("fabs", double)).Replace(common)
}

// cName is the name of a C library function for the element type.
func cName(name string, double bool) string {
	if double {
		return name
	}
	return name + "f"
}

const common = `typedef REAL real;
typedef double wide; // of sums

__device__ inline real infinity() { return INF; }
__device__ inline real not_a_number() { return NAN; }

// NaN if either is.
__device__ inline real greater(real a, real b) { return a > b || a != a ? a : b; }
__device__ inline real lesser(real a, real b) { return a < b || a != a ? a : b; }

// Both are computed from the side that does not overflow.
__device__ inline real sigmoid(real x) {
    const real e = EXP(-FABS(x));
    return (x < 0 ? e : 1) / (1 + e);
}
__device__ inline real softplus(real x) { return greater(x, 0) + LOG1P(EXP(-FABS(x))); }

__device__ inline wide sum_of(wide a, wide b) { return a + b; }
__device__ inline wide max_of(wide a, wide b) { return a > b || a != a ? a : b; }

// Combines v over the lanes of an output, threads that are step apart, in a
// tree; every lane gets the result. All threads of the block call it.
template <wide both(wide, wide)>
__device__ inline wide across(wide v, unsigned lanes, unsigned step, wide* shared) {
    const unsigned t = threadIdx.x, lane = t / step % lanes;
    unsigned least = 1;
    if (step == 1) {
        for (unsigned far = lanes < 32 ? lanes / 2 : 16; far > 0; far /= 2) v = both(v, __shfl_xor_sync(0xffffffffu, v, far));
        if (lanes <= 32) return v;
        least = 32;
    }
    __syncthreads(); // what was there before has been read
    shared[t] = v;
    for (unsigned half = lanes / 2; half >= least; half /= 2) {
        __syncthreads();
        if (lane < half) shared[t] = both(shared[t], shared[t + half * step]);
    }
    __syncthreads();
    return shared[t - lane * step];
}
`
