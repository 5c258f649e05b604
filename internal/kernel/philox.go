// The counter-based random generator.

package kernel

import "math/bits"

//go:generate go run -C _asm ./vector -part random -out ../philox_amd64.s -stubs ../philox_stub_amd64.go -pkg kernel
//go:generate go run -C _asm ./vector -neon -part random -out ../philox_arm64.s -stubs ../philox_stub_arm64.go -pkg kernel
//go:generate go run -C _asm ./vector -part random -dispatch ../philox_dispatch

// Philox writes the random words of counter (c0[i], c1[i], c2, c3) to dst[4*i:4*i+4].
// The low 32 bits of the key are key word 0. The generator is Philox4x32-10 of Salmon,
// Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
// c1 has len(c0) elements, dst four times as many.
func Philox(isa ISA, dst, c0, c1 []uint32, c2, c3 uint32, key uint64) {
	whole, k0, k1 := len(c0)/16*16, uint32(key), uint32(key>>32)
	runPhilox(isa, dst[:4*whole], c0[:whole], c1[:whole], c2, c3, k0, k1)
	philoxGeneric(dst[4*whole:4*len(c0)], c0[whole:], c1[whole:len(c0)], c2, c3, k0, k1)
}

func philoxGeneric(dst, c0, c1 []uint32, c2, c3, key0, key1 uint32) {
	for i := range c0 {
		a, b, c, d := c0[i], c1[i], c2, c3
		k0, k1 := key0, key1
		for range 10 {
			pHigh, pLow := bits.Mul32(0xd2511f53, a)
			qHigh, qLow := bits.Mul32(0xcd9e8d57, c)
			a, b, c, d = qHigh^b^k0, qLow, pHigh^d^k1, pLow
			k0, k1 = k0+0x9e3779b9, k1+0xbb67ae85
		}
		*(*[4]uint32)(dst[4*i:]) = [4]uint32{a, b, c, d}
	}
}
