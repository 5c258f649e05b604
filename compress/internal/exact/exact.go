// Package exact computes with float64 numbers so that every processor gets the same
// bits: functions, nets and discrete distributions. A file that was coded with these
// distributions on one machine is decoded with them on another.
//
// It uses sums, products, quotients and square roots, which IEEE 754 rounds in one way
// only, in a fixed order. Each product is converted to float64 explicitly, because Go
// may otherwise fuse it with a sum, and does so on arm64, ppc64le, riscv64 and s390x. So is
// each quotient by a power of two, which is compiled as a product.
// The functions of package math other than rounding and roots are not used, because
// some processors have their own.
//
// What a function here returns for some argument is part of the file format: a change of
// the last bit makes files unreadable. Tests pin the bits.
package exact

import "math"

const (
	log2e = 1.44269504088896340735992468100189214
	ln2Hi = 6.93147180369123816490e-01 // the upper 33 bits of the logarithm of 2
	ln2Lo = 1.90821492927058770002e-10
)

// Exp is e^x, within an ulp or two. It is 0 below -745 and infinite above 709.78.
func Exp(x float64) float64 {
	switch {
	case x != x:
		return x
	case x > 709.78:
		return math.Inf(1)
	case x < -745:
		return 0
	}
	k := math.Floor(float64(x*log2e) + 0.5)
	r := (x - float64(k*ln2Hi)) - float64(k*ln2Lo) // at most ln(2)/2
	p := 1. / 6227020800
	for _, c := range [...]float64{1. / 479001600, 1. / 39916800, 1. / 3628800, 1. / 362880, 1. / 40320, 1. / 5040, 1. / 720, 1. / 120, 1. / 24, 1. / 6, 1. / 2, 1, 1} {
		p = float64(p*r) + c
	}
	n := int(k)
	return float64(float64(p*power(n/2)) * power(n-n/2)) // in two steps: the result can be subnormal
}

// power is 2^n for n from -1022 to 1023.
func power(n int) float64 { return math.Float64frombits(uint64(n+1023) << 52) }

// Log is the natural logarithm of a finite x > 0, within an ulp or two.
func Log(x float64) float64 {
	f, n := math.Frexp(x)
	if f < math.Sqrt2/2 {
		f, n = float64(2*f), n-1
	}
	s := (f - 1) / (f + 1) // at most 0.172; log(f) = 2 atanh(s)
	square := float64(s * s)
	p := 1. / 25
	for _, c := range [...]float64{1. / 23, 1. / 21, 1. / 19, 1. / 17, 1. / 15, 1. / 13, 1. / 11, 1. / 9, 1. / 7, 1. / 5, 1. / 3, 1} {
		p = float64(p*square) + c
	}
	k := float64(n)
	return float64(k*ln2Hi) + (float64(float64(2*s)*p) + float64(k*ln2Lo))
}

// Sigmoid is 1/(1+e^-x).
func Sigmoid(x float64) float64 {
	if x >= 0 {
		return 1 / (1 + Exp(-x))
	}
	e := Exp(x)
	return e / (1 + e)
}

// Tanh is the hyperbolic tangent, with an absolute error below 1e-15.
func Tanh(x float64) float64 {
	e := Exp(float64(-2 * math.Abs(x)))
	return math.Copysign((1-e)/(1+e), x)
}

// Softplus is log(1+e^x), with an absolute error below 1e-15.
func Softplus(x float64) float64 {
	return max(x, 0) + Log(1+Exp(-math.Abs(x)))
}

// Phi is the standard normal distribution function, with an absolute error below 1e-14,
// by its power series (Abramowitz and Stegun 1964, 26.2.11).
func Phi(x float64) float64 {
	a := math.Abs(x)
	if x != x {
		return x
	}
	half := 0.5
	if a < 8.5 {
		square, term := float64(a*a), a
		sum := term
		for n := 3.; term > float64(sum*1e-17); n += 2 {
			term = float64(term*square) / n
			sum += term
		}
		half = float64(float64(sum * density(a)))
	}
	if x < 0 {
		return 0.5 - half
	}
	return 0.5 + half
}

// density is the standard normal density.
func density(x float64) float64 {
	const norm = 0.398942280401432677939946059934381868
	return float64(norm * Exp(float64(float64(x*x)*-0.5)))
}
