//go:build amd64 && !purego

package kernel

// philox runs the version of philoxGeneric for isa, for len(c0) a multiple of 16.
func philox(isa ISA, dst, c0, c1 []uint32, c2, c3, k0, k1 uint32) {
	switch isa {
	case AVX512:
		philoxAVX512(dst, c0, c1, c2, c3, k0, k1)
	case AVX2:
		philoxAVX2(dst, c0, c1, c2, c3, k0, k1)
	default:
		philoxGeneric(dst, c0, c1, c2, c3, k0, k1)
	}
}
