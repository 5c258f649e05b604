package lower

import (
	"fmt"
	"slices"
	"strings"
)

// Shape is the extents of an array, outermost first. The empty shape is a scalar.
type Shape []int

// Size returns the number of elements.
func (s Shape) Size() int {
	n := 1
	for _, d := range s {
		n *= d
	}
	return n
}

// Equal reports whether both shapes have the same extents.
func (s Shape) Equal(t Shape) bool { return slices.Equal(s, t) }

// Clone returns a copy.
func (s Shape) Clone() Shape { return slices.Clone(s) }

// String prints the shape as [128 1 28 28]; a scalar is [].
func (s Shape) String() string {
	parts := make([]string, len(s))
	for i, d := range s {
		parts[i] = fmt.Sprint(d)
	}
	return "[" + strings.Join(parts, " ") + "]"
}

// Check returns an error unless every extent is at least one and the number of
// elements fits an int32, the type of indices in kernels.
func (s Shape) Check() error {
	n := 1
	for i, d := range s {
		if d < 1 {
			return fmt.Errorf("shape %v has extent %d at axis %d: every extent must be at least 1", s, d, i)
		}
		if n > (1<<31-1)/d {
			return fmt.Errorf("shape %v has more than 2^31-1 elements", s)
		}
		n *= d
	}
	return nil
}

// Strides returns the row-major strides in elements.
func (s Shape) Strides() []int {
	st := make([]int, len(s))
	n := 1
	for i := len(s) - 1; i >= 0; i-- {
		st[i] = n
		n *= s[i]
	}
	return st
}

// Broadcast returns the shape to which all the shapes broadcast. The last axes are
// aligned. An extent of 1 or a missing axis takes the others' extent.
func Broadcast(shapes ...Shape) (Shape, error) {
	rank := 0
	for _, s := range shapes {
		rank = max(rank, len(s))
	}
	out := make(Shape, rank)
	for i := range out {
		out[i] = 1
	}
	for _, s := range shapes {
		for i, d := range s {
			o := &out[rank-len(s)+i]
			switch {
			case *o == 1:
				*o = d
			case d != 1 && d != *o:
				return nil, fmt.Errorf("shapes %v do not broadcast: extents %d and %d at axis %d from the right", shapes, *o, d, len(s)-i)
			}
		}
	}
	return out, nil
}

// LineAt returns the row-major position of the first element of line k along an axis.
// A line has n elements with a stride of step.
func LineAt(k, n, step int) int {
	if step == 1 { // the usual case, without a slow division
		return k * n
	}
	return k/step*n*step + k%step
}
