package lower

import "math"

// All of Stheno's random numbers come from this file: functions of a counter and a
// key, without state. Every bit is fixed here. Nothing depends on a math library, on
// the processor or on the order of drawing. Every product and every sum is rounded to
// float32 separately: the conversions around products keep the compiler from fusing
// them. The square root is the correctly rounded one of IEEE 754.

// Philox4x32 is the counter-based generator Philox4x32-10: four random words for each
// counter and key. The key's low 32 bits are key word 0. Source: Salmon, Moraes, Dror
// and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
func Philox4x32(counter [4]uint32, key uint64) [4]uint32 {
	const (
		mul0, mul1   = 0xd2511f53, 0xcd9e8d57
		weyl0, weyl1 = 0x9e3779b9, 0xbb67ae85
	)
	c0, c1, c2, c3 := counter[0], counter[1], counter[2], counter[3]
	k0, k1 := uint32(key), uint32(key>>32)
	for range 10 {
		p, q := mul0*uint64(c0), mul1*uint64(c2)
		c0, c1, c2, c3 = uint32(q>>32)^c1^k0, uint32(q), uint32(p>>32)^c3^k1, uint32(p)
		k0, k1 = k0+weyl0, k1+weyl1
	}
	return [4]uint32{c0, c1, c2, c3}
}

// RandomKey is the key of the stream with that name under a seed. It mixes the seed,
// combines the result with the name's 64-bit FNV-1a hash by exclusive or, and mixes
// again. Mixing is the finaliser of splitmix64 (Steele, Lea and Flood 2014).
func RandomKey(seed uint64, name string) uint64 {
	h := uint64(0xcbf29ce484222325)
	for i := range len(name) {
		h = (h ^ uint64(name[i])) * 0x100000001b3
	}
	return splitmix(h ^ splitmix(seed))
}

func splitmix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// UniformOf converts a random word to a number uniform in [0,1): its upper 24 bits
// times 2^-24.
func UniformOf(word uint32) float32 { return float32(word>>8) * 0x1p-24 }

// NormalOf converts a random word to a normal number of mean 0 and variance 1: the
// quantile of u = (k + 1/2) 2^-23, where k is the word's upper 23 bits. It is odd
// about u = 1/2, never infinite, and at most 5.42 in magnitude.
//
// With x = 2u-1 it is sqrt(2) erfinv(x), by the single-precision polynomials of M.
// Giles, "Approximating the erfinv function", GPU Computing Gems 2 (2010). Horner's
// rule evaluates them, with a product and then a sum in each step.
func NormalOf(word uint32) float32 {
	k := float32(word>>9<<1 | 1) // odd, below 2^24: exact
	x := float32(k*0x1p-23) - 1  // exact, as are 1-x and 1+x
	w := -logOf(float32((1 - x) * (1 + x)))
	if w < 5 {
		w -= 2.5
		p := float32(2.81022636e-08)
		p = float32(p*w) + 3.43273939e-07
		p = float32(p*w) + -3.5233877e-06
		p = float32(p*w) + -4.39150654e-06
		p = float32(p*w) + 0.00021858087
		p = float32(p*w) + -0.00125372503
		p = float32(p*w) + -0.00417768164
		p = float32(p*w) + 0.246640727
		p = float32(p*w) + 1.50140941
		return float32(p*x) * math.Sqrt2
	}
	w = float32(math.Sqrt(float64(w))) - 3
	p := float32(-0.000200214257)
	p = float32(p*w) + 0.000100950558
	p = float32(p*w) + 0.00134934322
	p = float32(p*w) + -0.00367342844
	p = float32(p*w) + 0.00573950773
	p = float32(p*w) + -0.0076224613
	p = float32(p*w) + 0.00943887047
	p = float32(p*w) + 1.00167406
	p = float32(p*w) + 2.83297682
	return float32(p*x) * math.Sqrt2
}

// logOf is the natural logarithm of a positive, normal v = m 2^e with m in
// [sqrt(1/2), sqrt(2)). log m is the polynomial of Moshier's Cephes library (logf) in
// f = m-1. The last sums add these to the polynomial, in order: the low part of e log
// 2, -f*f/2, f, and the high part of e log 2.
func logOf(v float32) float32 {
	bits := math.Float32bits(v)
	const low = 0x3f3504f3 // the bits of sqrt(1/2)
	e := int32(bits-low) >> 23
	m := math.Float32frombits(bits - uint32(e)<<23)
	f := m - 1
	p := float32(7.0376836292e-2)
	p = float32(p*f) + -1.1514610310e-1
	p = float32(p*f) + 1.1676998740e-1
	p = float32(p*f) + -1.2420140846e-1
	p = float32(p*f) + 1.4249322787e-1
	p = float32(p*f) + -1.6668057665e-1
	p = float32(p*f) + 2.0000714765e-1
	p = float32(p*f) + -2.4999993993e-1
	p = float32(p*f) + 3.3333331174e-1
	ff, n := float32(f*f), float32(e)
	p = float32(float32(p*f)*ff) + float32(n*-2.12194440e-4)
	p = f + (p + float32(ff*-0.5))
	return p + float32(n*0.693359375)
}
