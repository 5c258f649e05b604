package code

import "strings"

// preamble is what all kernels see. NVRTC has no headers and so no INFINITY.
func preamble(double bool) string {
	real, inf, nan := "float", "__int_as_float(0x7f800000)", "__int_as_float(0x7fc00000)"
	if double {
		real, inf, nan = "double", "__longlong_as_double(0x7ff0000000000000LL)", "__longlong_as_double(0x7ff8000000000000LL)"
	}
	return strings.NewReplacer("REAL", real, "INF", inf, "NAN", nan, "EXP", cName("exp", double), "LOG1P", cName("log1p", double), "FABS", cName("fabs", double)).Replace(common)
}

// cName is the name of a function of C's library for the element type.
func cName(name string, double bool) string {
	if double {
		return name
	}
	return name + "f"
}

const common = `typedef REAL real;
typedef double wide; // of sums

static __device__ inline real infinity() { return INF; }
static __device__ inline real not_a_number() { return NAN; }

// NaN if either is.
static __device__ inline real greater(real a, real b) { return a > b || a != a ? a : b; }
static __device__ inline real lesser(real a, real b) { return a < b || a != a ? a : b; }

// Both are computed from the side that does not overflow.
static __device__ inline real sigmoid(real x) {
    const real e = EXP(-FABS(x));
    return (x < 0 ? e : 1) / (1 + e);
}
static __device__ inline real softplus(real x) { return greater(x, 0) + LOG1P(EXP(-FABS(x))); }

static __device__ inline wide sum_of(wide a, wide b) { return a + b; }
static __device__ inline wide max_of(wide a, wide b) { return a > b || a != a ? a : b; }
`
