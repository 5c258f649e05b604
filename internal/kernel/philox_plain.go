//go:build !amd64 || purego

package kernel

// philox runs philoxGeneric.
func philox(_ ISA, dst, c0, c1 []uint32, c2, c3, k0, k1 uint32) {
	philoxGeneric(dst, c0, c1, c2, c3, k0, k1)
}
