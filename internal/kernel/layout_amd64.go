// How images go side by side and back on amd64: square by square.

//go:build amd64 && !purego

package kernel

// interleave is interleaveGeneric: full groups by squares of images by pixels,
// the last of which overlaps the one before.
func interleave(isa ISA, dst, src []float32, n, count, stride, step int) {
	square := squareFor(isa, n, count)
	if square == 0 {
		interleaveGeneric(dst, src, n, count, stride, step)
		return
	}
	for i := 0; i < count; i += square {
		i = min(i, count-square)
		for l := 0; l < Group; l += square {
			transpose(square, dst[i*step+l:], src[l*stride+i:], step, stride)
		}
	}
}

// deinterleave is deinterleaveGeneric, in the same way.
func deinterleave(isa ISA, dst, src []float32, n, count, stride, step int) {
	square := squareFor(isa, n, count)
	if square == 0 {
		deinterleaveGeneric(dst, src, n, count, stride, step)
		return
	}
	for i := 0; i < count; i += square {
		i = min(i, count-square)
		for l := 0; l < Group; l += square {
			transpose(square, dst[l*stride+i:], src[i*step+l:], stride, step)
		}
	}
}

// squareFor is the side of the squares for n images of count pixels, 0 for none.
func squareFor(isa ISA, n, count int) int {
	switch {
	case isa == Plain || n < Group || count < 8:
		return 0
	case isa == AVX512 && count >= 16:
		return 16
	default:
		return 8
	}
}

// transpose writes dst[i*dstStep+j] = src[j*srcStep+i] for i and j below square,
// 8 or 16.
func transpose(square int, dst, src []float32, dstStep, srcStep int) {
	if square == 16 {
		transposeAVX512(dst, src, dstStep, srcStep)
		return
	}
	transposeAVX2(dst, src, dstStep, srcStep)
}
