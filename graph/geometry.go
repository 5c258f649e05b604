package graph

import (
	"fmt"

	"github.com/stheno-ml/stheno/lower"
)

// Pair is a number for the rows and one for the columns of an image. {n} is n
// for both; {} is the default of the field.
type Pair [2]int

// Or fills in numbers that are 0: {n} becomes {n, n}, and {} becomes {def, def}.
func (p Pair) Or(def int) [2]int {
	switch {
	case p == Pair{}:
		return [2]int{def, def}
	case p[1] == 0:
		return [2]int{p[0], p[0]}
	}
	return p
}

// Margins are rows and columns around an image: Top, Bottom, Left, Right.
type Margins = lower.Margins

// Padding is the rule for padding an image before a window moves over it.
type Padding uint8

// The rules of padding.
const (
	// Valid pads by the given Margins, which are 0 by default.
	Valid Padding = iota
	// Same pads so that there is a window for every stride-th pixel: the result
	// has ceil(in/stride) rows and columns. As in TensorFlow and Keras, an odd
	// row or column of padding goes to the bottom or to the right.
	Same
)

// ConvGeometry is how a kernel moves over an image.
type ConvGeometry struct {
	Stride   Pair    // from one window to the next; 1 by default
	Dilation Pair    // from one tap of the kernel to the next; 1 by default
	Padding  Padding // Valid by default
	Margins  Margins // of zeros, for Valid
}

// resolve returns the geometry in numbers for a kernel on an image. It leaves
// invalid numbers for the op to reject.
func (g ConvGeometry) resolve(image, kernel [2]int) (lower.Geometry, error) {
	r := lower.Geometry{Stride: g.Stride.Or(1), Dilation: g.Dilation.Or(1)}
	covers := [2]int{(kernel[0]-1)*r.Dilation[0] + 1, (kernel[1]-1)*r.Dilation[1] + 1}
	var err error
	r.Pad, err = g.Padding.resolve(g.Margins, image, covers, r.Stride)
	return r, err
}

// resolve returns the margins in numbers. Each window covers an area of the size
// covers of the image.
func (p Padding) resolve(m Margins, image, covers, stride [2]int) (Margins, error) {
	switch {
	case p > Same:
		return m, fmt.Errorf("padding %d is unknown: want Valid or Same", p)
	case p == Valid:
		return m, nil
	case m != Margins{}:
		return m, fmt.Errorf("margins %+v are given with Same padding, which computes its own: use Valid", m)
	}
	m.Top, m.Bottom = sameMargins(image[0], covers[0], stride[0])
	m.Left, m.Right = sameMargins(image[1], covers[1], stride[1])
	return m, nil
}

// sameMargins returns how many cells Same adds before and after n cells.
func sameMargins(n, covers, stride int) (before, after int) {
	if stride < 1 {
		return 0, 0
	}
	total := max(0, (ceilDiv(n, stride)-1)*stride+covers-n)
	return total / 2, total - total/2
}

func ceilDiv(a, b int) int { return (a + b - 1) / b }

// TransposeGeometry is how the kernel of a transposed convolution moves over
// its result.
type TransposeGeometry struct {
	Stride   Pair    // 1 by default
	Dilation Pair    // 1 by default
	Padding  Padding // Valid by default
	Margins  Margins // cut off the result, for Valid
	// OutputPadding, for Valid, adds rows at the bottom and columns at the
	// right of the result: fewer than Stride. 0 by default.
	OutputPadding Pair
	// Out is the size of the result. It selects one of several possible sizes:
	// all those that a convolution of this geometry takes to the operand's size.
	// By default Same gives in*stride, and Valid
	// (in-1)*stride - before - after + dilation*(kernel-1) + 1 + OutputPadding.
	Out Pair
}

// resolve returns the geometry in numbers, and the size of the result.
func (g TransposeGeometry) resolve(image, kernel [2]int) (lower.Geometry, [2]int, error) {
	conv := ConvGeometry{g.Stride, g.Dilation, g.Padding, g.Margins}
	s, d, extra := g.Stride.Or(1), g.Dilation.Or(1), g.OutputPadding.Or(0)
	if g.OutputPadding != (Pair{}) && (g.Padding == Same || g.Out != Pair{}) {
		return lower.Geometry{}, image, fmt.Errorf("output padding is for Valid padding without Out: give only Out")
	}
	if min(s[0], s[1], d[0], d[1], kernel[0], kernel[1]) < 1 || max(s[0], s[1], d[0], d[1]) > 1<<30 {
		r, err := conv.resolve(image, kernel)
		return r, image, err
	}
	out := g.Out.Or(0)
	for a := range out {
		before, after := g.Margins.Top, g.Margins.Bottom
		if a == 1 {
			before, after = g.Margins.Left, g.Margins.Right
		}
		switch {
		case g.Out != Pair{}:
		case g.Padding == Same:
			out[a] = image[a] * s[a]
		case extra[a] < 0 || extra[a] >= s[a]:
			return lower.Geometry{}, out, fmt.Errorf("output padding %d: want from 0 to the stride less one, %d", extra[a], s[a]-1)
		default:
			out[a] = (image[a]-1)*s[a] - before - after + d[a]*(kernel[a]-1) + 1 + extra[a]
		}
	}
	if min(out[0], out[1]) < 1 {
		return lower.Geometry{}, out, fmt.Errorf("the result would be %v: want at least 1 row and column", out)
	}
	r, err := conv.resolve(out, kernel)
	return r, out, err
}

// PoolGeometry is how a pooling window moves over an image.
type PoolGeometry struct {
	Size     Pair    // of the window
	Stride   Pair    // from one window to the next; Size by default
	Padding  Padding // Valid by default
	Margins  Margins // for Valid; smaller than the window
	CountPad bool    // the padding counts as zeros in average pooling; otherwise it is left out
}

// resolve returns the window in numbers for an image.
func (g PoolGeometry) resolve(image [2]int) (lower.Window, error) {
	w := lower.Window{Size: g.Size.Or(0)}
	w.Stride = w.Size
	if g.Stride != (Pair{}) {
		w.Stride = g.Stride.Or(0)
	}
	var err error
	w.Pad, err = g.Padding.resolve(g.Margins, image, w.Size, w.Stride)
	return w, err
}
