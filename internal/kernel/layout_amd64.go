// How images go side by side and back on amd64.

//go:build amd64 && !purego

package kernel

import "unsafe"

// transpose runs transposeGeneric by the instruction set: tiles have transposeSide
// rows and columns at most, and are as wide.
func transpose(isa ISA, a *transposeTiles) {
	p := (*uint64)(unsafe.Pointer(a))
	switch isa {
	case AVX512:
		transposeAVX512(p)
	case AVX2:
		transposeAVX2(p)
	default:
		transposeGeneric(a)
	}
}

// transposeSide is the side of the largest tiles.
func transposeSide(isa ISA) int {
	if isa == AVX2 {
		return 8
	}
	return Group
}
