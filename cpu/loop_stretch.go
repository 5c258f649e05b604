package cpu

import (
	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/lower"
)

// minStretch is the least number of equal adjacent elements that are worth a kernel
// call.
const minStretch = 8

// stretch describes an operand that repeats each number for size adjacent elements,
// as a bias per channel does for the pixels of an image.
type stretch struct {
	size           int   // elements of one stretch
	shape, strides []int // of the stretches
}

// stretchOf finds the stretches of an operand. size is 0 if they are too short.
func stretchOf(l plan.Layout) stretch {
	n, a := 1, len(l.Shape)
	for ; a > 0 && (l.Shape[a-1] == 1 || l.Strides[a-1] == 0); a-- {
		n *= l.Shape[a-1]
	}
	if n < minStretch {
		return stretch{}
	}
	return stretch{n, l.Shape[:a], l.Strides[:a]}
}

// offset is the offset of stretch i's number.
func (s *stretch) offset(i int) int {
	at := 0
	for a := len(s.shape) - 1; a >= 0; a-- {
		at += i % s.shape[a] * s.strides[a]
		i /= s.shape[a]
	}
	return at
}

// fillStretches writes the elements from row-major position start on to dst.
func fillStretches[T lower.Float](v *kernel.Vector[T], s *stretch, x *lower.Array[T], dst []T, start int) {
	i, skip := start/s.size, start%s.size
	for len(dst) > 0 {
		n := min(s.size-skip, len(dst))
		v.Fill(dst[:n], x.Data[x.Off+s.offset(i)])
		dst = dst[n:]
		i, skip = i+1, 0
	}
}
