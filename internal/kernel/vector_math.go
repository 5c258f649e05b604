// The functions of one float32 that the vector kernels compute, in plain Go:
// the polynomials and the order of operations that the assembly shares.
//
// Every function handles subnormal arguments and results, infinities, NaN and signed
// zeros. The polynomials are weighted minimax fits. mulAdd32 rounds once; a conversion
// to float32 keeps the compiler from fusing operations that the assembly does not fuse.

package kernel

import "math"

const (
	// roundToInt (1.5*2^23) plus a float32 below 2^22 has the nearest integer in its low
	// bits; intBits are the bits of that sum for 0.
	roundToInt = 12582912
	intBits    = 0x4b400000

	log2E   = 1.44269504
	ln2High = 0.693147182464599609375
	ln2Low  = -1.904654212132e-9

	oneBits      = 0x3f800000
	fourBits     = 0x40800000
	signBit      = 0x80000000
	sqrtHalfBits = 0x3f3504f3 // logarithms take mantissas from sqrt(1/2) to sqrt(2)
	leastNormal  = 0x1p-126
)

// Coefficients, the constant term first.
const (
	// e^r = 1 + r + r^2*(exp0 + exp1*r + ...) for |r| <= log(2)/2.
	exp0, exp1, exp2, exp3, exp4 = 0.5, 0.1666654497, 0.04166644812, 0.008366400376, 0.001393655082
	// log(1+f) = f - f^2/2 + f^3*(log0 + log1*f + ...), sqrt(1/2) <= 1+f <= sqrt(2).
	log0, log1, log2, log3 = 0.3333331645, -0.250007838, 0.2000229955, -0.166253686
	log4, log5, log6, log7 = 0.14181301, -0.1312167794, 0.1287863106, -0.07873733342
	// log(1+t) = t + t^2*(soft0 + soft1*t + ...) for t in [0, 1].
	soft0, soft1, soft2, soft3, soft4 = -0.4999993145, 0.3333047926, -0.2495829314, 0.1969402432, -0.1535171717
	soft5, soft6, soft7, soft8        = 0.1067469567, -0.05760945007, 0.02017651498, -0.003312462708
	// erf(x) = x + x*(near0 + near1*x^2 + ...) for |x| < 1.
	near0, near1, near2, near3 = 0.1283791661, -0.3761262596, 0.1128358319, -0.02685369179
	near4, near5, near6        = 0.005188073963, -0.0008007878205, 7.846108201e-05
	// erf(x) = 1 - e^-(far0 + far1*x + ...) for x in [1, 4]; erf(4) rounds to 1.
	far0, far1, far2, far3 = 0.0003535076103, 1.127040863, 0.6382243633, 0.1030384526
	far4, far5, far6       = -0.02180580609, 0.002939720405, -0.0001855845039
)

// atMost and atLeast return NaN for NaN.
func atMost[F Float](x, limit F) F {
	if limit < x {
		return limit
	}
	return x
}

func atLeast[F Float](x, limit F) F {
	if limit > x {
		return limit
	}
	return x
}

// withSign returns x with its sign bit set if y has it set.
func withSign(x, y float32) float32 {
	return math.Float32frombits(math.Float32bits(x) | math.Float32bits(y)&signBit)
}

func abs32(x float32) float32 { return math.Float32frombits(math.Float32bits(x) &^ signBit) }

// reduceExp splits x = n*log(2) + r with |r| <= log(2)/2. n is an integer, and k is n as
// an int32. |x| must be below 2^21.
func reduceExp(x float32) (r, n float32, k int32) {
	t := mulAdd32(x, log2E, roundToInt)
	n = t - roundToInt
	r = mulAdd32(-n, ln2High, x)
	return mulAdd32(-n, ln2Low, r), n, int32(math.Float32bits(t) - intBits)
}

// expQ is (e^r - 1 - r)/r^2.
func expQ(r float32) float32 {
	q := mulAdd32(exp4, r, exp3)
	q = mulAdd32(q, r, exp2)
	q = mulAdd32(q, r, exp1)
	return mulAdd32(q, r, exp0)
}

// exp32 is e^x for x in [-104, 89] and NaN. It multiplies by the power of two in two
// factors: the first product is exact, and the second rounds a subnormal once.
func exp32(x float32) float32 {
	r, _, k := reduceExp(x)
	p := mulAdd32(mulAdd32(expQ(r), r, 1), r, 1)
	half := k >> 1
	p *= math.Float32frombits(uint32(half+127) << 23)
	return float32(p * math.Float32frombits(uint32(k-half+127)<<23))
}

// expOf returns e^x.
func expOf(x float32) float32 { return exp32(atMost(atLeast(x, -104), 89)) }

// expm1Of returns e^x - 1 as 2*(s*(e^r-1) + (s-1/2)) with s = 2^(n-1), which avoids
// 2^128.
func expm1Of(x float32) float32 {
	r, _, k := reduceExp(atMost(atLeast(x, -18), 89))
	q := mulAdd32(float32(expQ(r)*r), r, r)
	s := math.Float32frombits(uint32(k)<<23 + 126<<23)
	y := mulAdd32(q, s, s-0.5)
	return withSign(y+y, x)
}

// tanhOf returns E/(E+2) with E = e^(2|x|) - 1, and the sign of x.
func tanhOf(x float32) float32 {
	y := atMost(abs32(x), 9.1)
	r, _, k := reduceExp(y + y)
	q := mulAdd32(float32(expQ(r)*r), r, r)
	s := math.Float32frombits(uint32(k)<<23 + oneBits)
	e := mulAdd32(q, s, s-1)
	return withSign(e/(e+2), x)
}

// sigmoidOf returns 1/(1+e^-x), as e^x/(1+e^x) for negative x.
func sigmoidOf(x float32) float32 {
	t := exp32(atLeast(withSign(x, -1), -104))
	if x < 0 {
		return t / (1 + t)
	}
	return 1 / (1 + t)
}

// softplusOf returns max(x, 0) + log(1+e^-|x|).
func softplusOf(x float32) float32 {
	t := exp32(atLeast(withSign(x, -1), -104))
	p := mulAdd32(soft8, t, soft7)
	p = mulAdd32(p, t, soft6)
	p = mulAdd32(p, t, soft5)
	p = mulAdd32(p, t, soft4)
	p = mulAdd32(p, t, soft3)
	p = mulAdd32(p, t, soft2)
	p = mulAdd32(p, t, soft1)
	p = mulAdd32(p, t, soft0)
	p = mulAdd32(float32(p*t), t, t)
	return atLeast(x, 0) + p
}

// logSum returns log(1+f) + e*log(2).
func logSum(f, e float32) float32 {
	z := f * f
	p := mulAdd32(log7, f, log6)
	p = mulAdd32(p, f, log5)
	p = mulAdd32(p, f, log4)
	p = mulAdd32(p, f, log3)
	p = mulAdd32(p, f, log2)
	p = mulAdd32(p, f, log1)
	p = mulAdd32(p, f, log0)
	y := float32(float32(p*f) * z)
	y = mulAdd32(e, ln2Low, y)
	y = mulAdd32(-0.5, z, y)
	return mulAdd32(e, ln2High, f+y)
}

// logOf returns log(x): -Inf for zeros, NaN below.
func logOf(x float32) float32 {
	m, e := x, float32(0)
	if x < leastNormal {
		m, e = x*0x1p23, -23
	}
	bits := math.Float32bits(m)
	k := int32(bits-sqrtHalfBits) >> 23
	m = math.Float32frombits(bits - uint32(k)<<23)
	y := logSum(m-1, float32(k)+e)
	switch {
	case !(x >= 0):
		return float32(math.NaN())
	case x == 0:
		return float32(math.Inf(-1))
	case x > math.MaxFloat32:
		return x
	}
	return y
}

// log1pOf returns log(1+x): -Inf for -1, NaN below. It splits 1+x = 2^k*(1+f), where
// f = x/2^k + (1/2^k - 1) is rounded once.
func log1pOf(x float32) float32 {
	k := int32(math.Float32bits(1+x)-sqrtHalfBits) >> 23
	shift := uint32(k) << 23
	m := math.Float32frombits(math.Float32bits(x) - shift)
	s := math.Float32frombits(fourBits - shift)
	y := withSign(logSum(m+mulAdd32(0.25, s, -1), float32(k)), x)
	switch {
	case !(x >= -1):
		return float32(math.NaN())
	case x == -1:
		return float32(math.Inf(-1))
	case x > math.MaxFloat32:
		return x
	}
	return y
}

// erfOf returns the error function: x plus x times a polynomial in x^2 for |x| below 1,
// and one minus the exponential of a polynomial above.
func erfOf(x float32) float32 {
	a := abs32(x)
	if a < 1 {
		z := x * x
		p := mulAdd32(near6, z, near5)
		p = mulAdd32(p, z, near4)
		p = mulAdd32(p, z, near3)
		p = mulAdd32(p, z, near2)
		p = mulAdd32(p, z, near1)
		p = mulAdd32(p, z, near0)
		return mulAdd32(p, x, x)
	}
	b := atMost(a, 4)
	p := mulAdd32(far6, b, far5)
	p = mulAdd32(p, b, far4)
	p = mulAdd32(p, b, far3)
	p = mulAdd32(p, b, far2)
	p = mulAdd32(p, b, far1)
	p = mulAdd32(p, b, far0)
	return withSign(1-exp32(-p), x)
}
