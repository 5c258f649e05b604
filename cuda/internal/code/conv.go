package code

import (
	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/lower"
)

// Convolutions are implicit products, without an unfolded image (im2col): an
// operand's element is read from the image when it is needed, and is zero
// outside the image.

// convolution is y[n,o,p,q] as the product of the kernels [O, C KH KW] and the
// windows [C KH KW, N P Q].
func convolution(c lower.Conv, x, w plan.Layout, shape lower.Shape) placed {
	var p placed
	p.group, p.shape = 1, shape
	p.extents = extents{rows: {shape[1]}, columns: {shape[0], shape[2], shape[3]}, depth: w.Shape[1:]}
	p.a = operand{{at: RefOf(w), form: form{of: [roles][]int{rows: {w.Strides[0]}, depth: w.Strides[1:]}}}}
	row := tap(c.Geometry, 0, columns, 1, depth, 1)
	column := tap(c.Geometry, 1, columns, 2, depth, 2)
	pixel := []form{positionOf(columns, 0), positionOf(depth, 0), row, column}
	p.b = operand{inside(x, pixel)}
	p.place = []form{positionOf(columns, 0), positionOf(rows, 0), positionOf(columns, 1), positionOf(columns, 2)}
	return p
}

// convolutionFilter is the gradient of the kernels [O, C KH KW] as the product
// of the result's gradient [O, N P Q] and the windows [N P Q, C KH KW]. Each
// pixel of a window is read once for each tap, so with stride 1 and fewer results
// than channels the two change places: the product is that of the images
// [C, N H W] and the windows of the result's gradient that read a pixel,
// [N H W, O KH KW].
func convolutionFilter(c lower.ConvFilter, x, dy plan.Layout, shape lower.Shape) placed {
	if c.Stride == [2]int{1, 1} && shape[0] < shape[1] {
		return convolutionFilterByPixels(c, x, dy, shape)
	}
	var p placed
	p.group, p.shape = 1, shape
	p.extents = extents{rows: {shape[0]}, columns: shape[1:], depth: {dy.Shape[0], dy.Shape[2], dy.Shape[3]}}
	p.a = operand{inside(dy, []form{positionOf(depth, 0), positionOf(rows, 0), positionOf(depth, 1), positionOf(depth, 2)})}
	row := tap(c.Geometry, 0, depth, 1, columns, 1)
	column := tap(c.Geometry, 1, depth, 2, columns, 2)
	p.b = operand{inside(x, []form{positionOf(depth, 0), positionOf(columns, 0), row, column})}
	p.place = []form{positionOf(rows, 0), positionOf(columns, 0), positionOf(columns, 1), positionOf(columns, 2)}
	return p
}

// convolutionFilterByPixels is convolutionFilter with stride 1 as a sum over the pixels
// of the images: tap i of window p reads row y = p + i d - top, so p = y - i d + top.
func convolutionFilterByPixels(c lower.ConvFilter, x, dy plan.Layout, shape lower.Shape) placed {
	var p placed
	p.group, p.shape = 1, shape
	p.extents = extents{rows: {shape[1]}, columns: {shape[0], shape[2], shape[3]}, depth: {x.Shape[0], x.Shape[2], x.Shape[3]}}
	p.a = operand{inside(x, []form{positionOf(depth, 0), positionOf(rows, 0), positionOf(depth, 1), positionOf(depth, 2)})}
	window := []form{positionOf(depth, 0), positionOf(columns, 0)}
	for axis, before := range []int{c.Pad.Top, c.Pad.Left} {
		window = append(window, through([]form{positionOf(depth, 1+axis), positionOf(columns, 1+axis), {plus: 1}}, []int{1, -c.Dilation[axis], before}))
	}
	p.b = operand{inside(dy, window)}
	p.place = []form{positionOf(columns, 0), positionOf(rows, 0), positionOf(columns, 1), positionOf(columns, 2)}
	return p
}

// convolutionData is the gradient of the images: each element is gathered from
// the windows that contain it.
//
// With stride s and dilation d, tap i of window p reads row y = p s + i d -
// top. If s > 1, only some of the taps can read a given row, so rows are
// grouped by the taps that can. Let g be the greatest common divisor of s and
// d, and t = s/g. Write the tap as i = j + t u with j < t, and the row as y = v
// s + j d + r - top with r < g. Tap i reads row y if and only if r = 0, in
// window p = v - u d/g. Each pair of j and r is one product of a batch, with u
// as its depth, and every y has exactly one v, j and r. Columns work the same
// way.
func convolutionData(c lower.ConvData, dy, w plan.Layout, shape lower.Shape) placed {
	var p placed
	p.group, p.shape = 1, shape
	p.extents = extents{rows: {shape[1]}, columns: {shape[0]}, depth: {w.Shape[0]}}
	p.place = []form{positionOf(columns, 0), positionOf(rows, 0)}
	kernel := []form{positionOf(depth, 0), positionOf(rows, 0)}
	window := []form{positionOf(columns, 0), positionOf(depth, 0)}
	zero := make([]bound, 0, 2)
	for axis, before := range []int{c.Pad.Top, c.Pad.Left} {
		s, d := c.Stride[axis], c.Dilation[axis]
		g := divisor(s, d)
		t := s / g
		first := floorDiv(before-(t-1)*d-(g-1)+s-1, s) // the least v
		last := (shape[2+axis] - 1 + before) / s

		j, r := positionOf(batch, 2*axis), positionOf(batch, 2*axis+1)
		u, v := positionOf(depth, 1+axis), positionOf(columns, 1+axis)
		p.extents[batch] = append(p.extents[batch], t, g)
		p.extents[depth] = append(p.extents[depth], ceil(w.Shape[2+axis], t))
		p.extents[columns] = append(p.extents[columns], last-first+1)

		p.place = append(p.place, through([]form{v, j, r, {plus: 1}}, []int{s, d, 1, first*s - before}))
		kernel = append(kernel, through([]form{j, u}, []int{1, t}))
		window = append(window, through([]form{v, u, {plus: 1}}, []int{1, -d / g, first}))
		zero = append(zero, bound{r, 1})
	}
	p.a = operand{inside(w, kernel)}
	p.a[0].within = append(p.a[0].within, zero...)
	p.b = operand{inside(dy, window)}
	return p
}

// tap is the row (axis 0) or the column of an image that a tap of a window
// reads. Window and tap are positions along axes of a product.
func tap(g lower.Geometry, axis int, window role, i int, tap role, k int) form {
	before := [2]int{g.Pad.Top, g.Pad.Left}[axis]
	return through([]form{positionOf(window, i), positionOf(tap, k), {plus: 1}}, []int{g.Stride[axis], g.Dilation[axis], -before})
}

// inside is the access to an array at a place; outside the array it means zero.
func inside(l plan.Layout, place []form) access {
	a := access{at: RefOf(l), form: through(place, l.Strides)}
	for i := range place {
		a.within = append(a.within, bound{through(place[i:i+1], []int{1}), l.Shape[i]})
	}
	return a
}

// divisor is the greatest common divisor.
func divisor(a, b int) int {
	for b > 0 {
		a, b = b, a%b
	}
	return a
}

// floorDiv is a/b rounded down.
func floorDiv(a, b int) int {
	if a < 0 {
		return -((-a + b - 1) / b)
	}
	return a / b
}
