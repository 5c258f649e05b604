// Converting random words to normal numbers.

package kernel

import (
	"math"
	"unsafe"
)

// NormalFor returns normalGeneric for isa.
func NormalFor(isa ISA) func(dst []float32, words []uint32) { return normalFor(isa) }

// normalGeneric sets dst[i] to the normal number of mean 0 and variance 1 for word i:
// the quantile of u = (k + 1/2) 2^-23, where k is the word's upper 23 bits. It uses
// the single-precision polynomials of M. Giles, "Approximating the erfinv function",
// GPU Computing Gems 2 (2010). Every product and every sum is rounded, so all
// instruction sets have the same bits.
func normalGeneric(dst []float32, words []uint32) {
	for i, word := range words[:min(len(dst), len(words))] {
		k := float32(word>>9<<1 | 1) // odd, below 2^24: exact
		x := float32(k*0x1p-23) - 1  // exact, and so are 1-x and 1+x
		w := -cephesLog(float32((1 - x) * (1 + x)))
		var p float32
		if w < 5 {
			p = rounded(w-2.5, [9]float32{2.81022636e-08, 3.43273939e-07, -3.5233877e-06, -4.39150654e-06, 0.00021858087,
				-0.00125372503, -0.00417768164, 0.246640727, 1.50140941})
		} else {
			p = rounded(float32(math.Sqrt(float64(w)))-3, [9]float32{-0.000200214257, 0.000100950558, 0.00134934322, -0.00367342844, 0.00573950773,
				-0.0076224613, 0.00943887047, 1.00167406, 2.83297682})
		}
		dst[i] = float32(p*x) * math.Sqrt2
	}
}

// asFloats returns the memory of the words as the type that the assembly takes.
func asFloats(words []uint32) []float32 {
	return unsafe.Slice((*float32)(unsafe.Pointer(unsafe.SliceData(words))), len(words))
}

// rounded is c[0]*x^8 + ... + c[8] by Horner's rule.
func rounded(x float32, c [9]float32) float32 {
	p := c[0]
	for _, v := range c[1:] {
		p = float32(p*x) + v
	}
	return p
}

// cephesLog is the natural logarithm of a positive, normal v = m 2^e, with m in
// [sqrt(1/2), sqrt(2)), by the polynomial of Moshier's Cephes library (logf) in
// f = m-1.
func cephesLog(v float32) float32 {
	bits := math.Float32bits(v)
	e := int32(bits-sqrtHalfBits) >> 23
	f := math.Float32frombits(bits-uint32(e)<<23) - 1
	p := rounded(f, [9]float32{7.0376836292e-2, -1.1514610310e-1, 1.1676998740e-1, -1.2420140846e-1, 1.4249322787e-1,
		-1.6668057665e-1, 2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1})
	ff, n := float32(f*f), float32(e)
	p = float32(float32(p*f)*ff) + float32(n*-2.12194440e-4)
	p = f + (p + float32(ff*-0.5))
	return p + float32(n*0.693359375)
}
