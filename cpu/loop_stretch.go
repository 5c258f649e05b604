package cpu

import (
	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/lower"
)

// minStretch is how many equal elements in a row are worth a call of a kernel.
const minStretch = 8

// stretch is an operand that is one number for so many elements in a row, then
// another, as a bias by channel is for the pixels of images.
type stretch struct {
	size           int // elements of one number
	shape, strides []int
}

// stretchOf finds the stretches of an operand, of size 0 if there are none to
// speak of.
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

// offset is where the number of the i-th stretch lies.
func (s *stretch) offset(i int) int {
	at := 0
	for a := len(s.shape) - 1; a >= 0; a-- {
		at += i % s.shape[a] * s.strides[a]
		i /= s.shape[a]
	}
	return at
}

// fillStretches writes the elements from row-major position start on into dst.
func fillStretches[T lower.Float](v *kernel.Vector[T], s *stretch, x *lower.Array[T], dst []T, start int) {
	i, skip := start/s.size, start%s.size
	for len(dst) > 0 {
		n := min(s.size-skip, len(dst))
		v.Fill(dst[:n], x.Data[x.Off+s.offset(i)])
		dst = dst[n:]
		i, skip = i+1, 0
	}
}
