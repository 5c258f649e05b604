// The functions of one float64 that the vector kernels compute, in plain Go. They are
// like those of vector_math.go, with more terms.

package kernel

import "math"

const (
	// roundToInt64 plus a float64 below 2^51 has the nearest integer in its low bits.
	roundToInt64 = 0x1.8p52
	// ln2High64 has zeros below its first 32 bits, so its products with integers are
	// exact (fdlibm, e_exp.c).
	ln2High64 = 6.93147180369123816490e-01
	ln2Low64  = 1.90821492927058770002e-10

	signBit64  = 1 << 63
	oneBits64  = 1023 << 52
	halfBits64 = 1022 << 52
	fourBits64 = 1025 << 52
	mantissa64 = 52

	sqrtHalfBits64 = 0x3fe6a09e667f3bcd // logarithms take mantissas from sqrt(1/2) to sqrt(2)
	leastNormal64  = 0x1p-1022
	// integerBits64 are the bits of 2^52. With an integer below 2^52 in the low bits they
	// are the bits of 2^52 plus the integer.
	integerBits64 = 0x433 << 52
)

// reduceExp64 splits x = n*log(2) + r with |r| <= log(2)/2. n is an integer, which t has
// in its low bits.
func reduceExp64(x float64) (r, n, t float64) {
	t = math.FMA(x, math.Log2E, roundToInt64)
	n = t - roundToInt64
	r = math.FMA(-n, ln2High64, x)
	return math.FMA(-n, ln2Low64, r), n, t
}

// expQ64 is (e^r - 1 - r)/r^2, by the first terms of its series. The other terms are
// below 2^-57 of the result.
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

// exp64 returns e^x. It multiplies by the power of two in two factors: the first
// product is exact, and the second rounds a subnormal once.
func exp64(x float64) float64 {
	r, n, _ := reduceExp64(atMost(atLeast(x, -746), 710))
	p := math.FMA(math.FMA(expQ64(r), r, 1), r, 1)
	half := math.FMA(n, 0.5, roundToInt64)
	rest := (n - (half - roundToInt64)) + roundToInt64
	p *= power64(half)
	return float64(p * power64(rest))
}

// tanh64 returns E/(E+2) with E = e^(2|x|) - 1, and the sign of x. It computes this as
// E/2 - E/2*E/(E+2) if E is below 2, and as 1 - 2/(E+2) above. This way the rounding
// errors of the sum and of the quotient have less weight.
func tanh64(x float64) float64 {
	y := atMost(math.Abs(x), 19.1)
	y += y
	r, n, t := reduceExp64(y)
	low := math.FMA(-n, ln2Low64, math.FMA(-n, ln2High64, y)-r) // the rounding error of r
	low = math.FMA(float64(expQ64(r)*r), r, low)
	s := power64(t)
	e := math.FMA(r+low, s, s-1)
	y = atMost(e, 2)
	top := y * 0.5
	return withSign64(math.FMA(-(y/(e+2)), top, top), x)
}

// sigmoid64 returns 1/(1+e^-x). With t = e^-|x| that is 1 - t/(1+t), or t - t*t/(1+t)
// for negative x.
func sigmoid64(x float64) float64 {
	t := exp64(withSign64(x, -1))
	top := 1.0
	if x < 0 {
		top = t
	}
	return math.FMA(-(t / (t + 1)), top, top)
}

// expm164 returns e^x - 1 as 2*(s*(e^r-1) + (s-1/2)) with s = 2^(n-1), which avoids
// 2^1024.
func expm164(x float64) float64 {
	r, _, t := reduceExp64(atMost(atLeast(x, -38), 710))
	q := math.FMA(float64(expQ64(r)*r), r, r)
	s := math.Float64frombits(math.Float64bits(t)<<mantissa64 + halfBits64)
	y := math.FMA(q, s, s-0.5)
	return withSign64(y+y, x)
}

// withSign64 returns x with its sign bit set if y has it set.
func withSign64(x, y float64) float64 {
	return math.Float64frombits(math.Float64bits(x) | math.Float64bits(y)&signBit64)
}

// exponent64 splits x = 2^k*m with m from sqrt(1/2) to sqrt(2). It returns k, and the
// difference between the bits of x and of m. x must be positive and normal.
func exponent64(x float64) (k float64, shift uint64) {
	n := (math.Float64bits(x) + (oneBits64 - sqrtHalfBits64)) >> mantissa64
	k = math.Float64frombits(n|integerBits64) - (0x1p52 + 1023)
	return k, n<<mantissa64 - oneBits64
}

// logSum64 returns log(1+f) + k*log(2), for 1+f from sqrt(1/2) to sqrt(2). With
// s = f/(2+f), log(1+f) is log((1+s)/(1-s)) = 2s + 2/3 s^3 + 2/5 s^5 + ..., which is
// computed as f - (f^2/2 - s*(f^2/2 + r)). As in fdlibm's e_log.c, r/s^2 is a
// polynomial in s^2.
func logSum64(f, k float64) float64 {
	s := f / (f + 2)
	z := s * s
	p := 1.479819860511658591e-01
	for _, c := range [...]float64{1.531383769920937332e-01, 1.818357216161805012e-01, 2.222219843214978396e-01, 2.857142874366239149e-01, 3.999999999940941908e-01, 6.666666666666735130e-01} {
		p = math.FMA(p, z, c)
	}
	half := f * 0.5
	r := math.FMA(half, f, float64(p*z))
	t := math.FMA(s, r, float64(k*ln2Low64))
	d := f + math.FMA(-half, f, t)
	return math.FMA(k, ln2High64, d)
}

// log64 returns log(x): -Inf for zeros, NaN below.
func log64(x float64) float64 {
	m, e := x, 0.0
	if x < leastNormal64 {
		m, e = x*0x1p54, -54
	}
	k, shift := exponent64(m)
	m = math.Float64frombits(math.Float64bits(m) - shift)
	y := logSum64(m-1, k+e)
	switch {
	case !(x >= 0):
		return math.NaN()
	case x == 0:
		return math.Inf(-1)
	case x > math.MaxFloat64:
		return x
	}
	return y
}

// log1p64 returns log(1+x): -Inf for -1, NaN below. It splits 1+x = 2^k*(1+f), where
// f = x/2^k + (1/2^k - 1) is rounded once, unless 1/2^k is negligible against 1.
func log1p64(x float64) float64 {
	k, shift := exponent64(x + 1)
	m := math.Float64frombits(math.Float64bits(x) - shift)
	s := math.Float64frombits(fourBits64 - shift)
	y := withSign64(logSum64(m+math.FMA(s, 0.25, -1), k), x)
	switch {
	case !(x >= -1):
		return math.NaN()
	case x == -1:
		return math.Inf(-1)
	case x > math.MaxFloat64:
		return x
	}
	return y
}

// softplus64 returns max(x, 0) + log(1+t) with t = e^-|x|. With s = t/(2+t), log(1+t) is
// t - s*(t - p), where p/s^2 is a polynomial in s^2: a minimax fit for t from 0 to 1
// with an error below 2^-59.
func softplus64(x float64) float64 {
	t := exp64(withSign64(x, -1))
	s := t / (t + 2)
	z := s * s
	p := 0.1701852718649622
	for _, c := range [...]float64{0.08340130843933821, 0.12106078581626475, 0.1330097470940278, 0.1538655982244451, 0.18181743930577496, 0.2222222396953564, 0.2857142854785779, 0.40000000000157204, 0.6666666666666631} {
		p = math.FMA(p, z, c)
	}
	return atLeast(x, 0) + math.FMA(-s, t-float64(p*z), t)
}
