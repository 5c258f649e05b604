// Which assembly turns random words into normal numbers on amd64.

//go:build amd64 && !purego

package kernel

import "unsafe"

// NormalFor returns normalGeneric for isa.
func NormalFor(isa ISA) func(dst []float32, words []uint32) {
	switch isa {
	case AVX512:
		return func(dst []float32, words []uint32) { normalAVX512(dst, sameBits(words)) }
	case AVX2:
		return func(dst []float32, words []uint32) { normalAVX2(dst, sameBits(words)) }
	default:
		return normalGeneric
	}
}

// sameBits is the words' own memory.
func sameBits(words []uint32) []float32 {
	return unsafe.Slice((*float32)(unsafe.Pointer(unsafe.SliceData(words))), len(words))
}
