// The functions of one float64 that the vector kernels compute, in plain Go: those
// of vector_math.go with more terms.

package kernel

import "math"

const (
	// roundToInt64 added to a float64 of less than 2^51 leaves the nearest integer in
	// the sum's low bits.
	roundToInt64 = 0x1.8p52
	// ln2High64 has zeros below its first 32 bits: its products with integers are
	// exact (fdlibm, e_exp.c).
	ln2High64 = 6.93147180369123816490e-01
	ln2Low64  = 1.90821492927058770002e-10

	signBit64  = 1 << 63
	oneBits64  = 1023 << 52
	mantissa64 = 52
)

// reduceExp64 splits x = n*log(2) + r with |r| <= log(2)/2; n is an integer, and t
// has it in its low bits.
func reduceExp64(x float64) (r, n, t float64) {
	t = math.FMA(x, math.Log2E, roundToInt64)
	n = t - roundToInt64
	r = math.FMA(-n, ln2High64, x)
	return math.FMA(-n, ln2Low64, r), n, t
}

// expQ64 is (e^r - 1 - r)/r^2, by the first terms of its series: what is left out is
// below 2^-57 of it.
func expQ64(r float64) float64 {
	q := 1.0 / 6227020800
	for _, c := range [...]float64{1.0 / 479001600, 1.0 / 39916800, 1.0 / 3628800, 1.0 / 362880, 1.0 / 40320, 1.0 / 5040, 1.0 / 720, 1.0 / 120, 1.0 / 24, 1.0 / 6, 0.5} {
		q = math.FMA(q, r, c)
	}
	return q
}

// power64 is 2^n for the n in the low bits of t.
func power64(t float64) float64 {
	return math.Float64frombits(math.Float64bits(t)<<mantissa64 + oneBits64)
}

// exp64 returns e^x. The power of two is multiplied in as two factors: the first
// product is exact, the second rounds a subnormal once.
func exp64(x float64) float64 {
	r, n, _ := reduceExp64(atMost(atLeast(x, -746), 710))
	p := math.FMA(math.FMA(expQ64(r), r, 1), r, 1)
	half := math.FMA(n, 0.5, roundToInt64)
	rest := (n - (half - roundToInt64)) + roundToInt64
	p *= power64(half)
	return float64(p * power64(rest))
}

// tanh64 returns E/(E+2) with E = e^(2|x|) - 1, and the sign of x.
func tanh64(x float64) float64 {
	y := atMost(math.Abs(x), 19.1)
	r, _, t := reduceExp64(y + y)
	q := math.FMA(float64(expQ64(r)*r), r, r)
	s := power64(t)
	e := math.FMA(q, s, s-1)
	return math.Float64frombits(math.Float64bits(e/(e+2)) | math.Float64bits(x)&signBit64)
}

// sigmoid64 returns 1/(1+e^-x), as e^x/(1+e^x) for negative x.
func sigmoid64(x float64) float64 {
	t := exp64(math.Float64frombits(math.Float64bits(x) | signBit64))
	if x < 0 {
		return t / (1 + t)
	}
	return 1 / (1 + t)
}
