package plan

import (
	"slices"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/lower"
)

// StockConv sees a convolution, or one of its gradients, in the nodes that
// Gorgonia makes of it, and returns what the last of these nodes means as a
// function of other operands, from: those further up that the first reads. The
// nodes between need not be computed for it.
//
//	y  = transpose(reshape(matmul(reshape(im2col(x)), reshape(w)^T)))
//	dw = matmul(reshape(transpose(dy))^T, reshape(im2col(x))), of which the filter's gradient is a reshape
//	dx = col2im(reshape(matmul(reshape(transpose(dy)), reshape(w))))
//
// The operands are x [N,C,H,W], w [O,C,KH,KW] and dy [N,O,P,Q]. If a node is
// none of these, ok is false, and Stock has its meaning.
func StockConv(n *gorgonia.Node, operandsOf func(*gorgonia.Node) []*gorgonia.Node) (m *Meaning, from []*gorgonia.Node, ok bool, err error) {
	c := &convSeeker{operandsOf: operandsOf}
	var prim lower.Prim
	switch kindOf(n.Op()) {
	case "transposeOp":
		prim, from = c.forward(n)
	case "linAlgBinOp":
		prim, from = c.filter(n)
	case "col2imOp":
		prim, from = c.data(n)
	}
	if prim == nil || c.err != nil {
		return nil, nil, false, c.err
	}
	shapes := make([]lower.Shape, len(from))
	for i, x := range from {
		shapes[i] = shapeOf(x)
	}
	f, shape := lower.NewFunc(shapes...), shapeOf(n)
	y := f.Apply(prim, f.In(0), f.In(1))[0]
	if _, filter := prim.(lower.ConvFilter); filter && len(shape) == 2 && len(f.Shape(y)) == 4 && shape[0] == f.Shape(y)[0] {
		y = f.Reshape(y, shape...)
	}
	f.Return(y)
	if f.Err() != nil || !f.Shape(y).Equal(shape) {
		return nil, nil, false, nil // some reshape is another than a convolution's
	}
	return &Meaning{Func: f}, from, true, nil
}

// convSeeker follows nodes from a convolution's last to its first. Its methods
// take and return nil for a node that is not as in a convolution.
type convSeeker struct {
	operandsOf func(*gorgonia.Node) []*gorgonia.Node
	err        error
}

// site reads the fields of a node's op of a kind.
func (c *convSeeker) site(n *gorgonia.Node, kind string) *site {
	if n == nil || kindOf(n.Op()) != kind {
		return nil
	}
	if s := newSite(n, kind, c.operandsOf(n)); s.m.Host == "" && len(s.in) > 0 {
		return s
	}
	return nil
}

// through returns the operand of a node of a kind.
func (c *convSeeker) through(n *gorgonia.Node, kind string) *gorgonia.Node {
	if s := c.site(n, kind); s != nil {
		return s.operands[0]
	}
	return nil
}

// transposed returns the operand of a transpose by a pattern.
func (c *convSeeker) transposed(n *gorgonia.Node, pattern ...int) *gorgonia.Node {
	s := c.site(n, "transposeOp")
	if s == nil {
		return nil
	}
	same := slices.Equal(s.ints("pattern"), pattern)
	c.note(s)
	if !same {
		return nil
	}
	return s.operands[0]
}

// product returns the operands of a product of matrices with these transposes.
func (c *convSeeker) product(n *gorgonia.Node, transA, transB bool) (a, b *gorgonia.Node) {
	s := c.site(n, "linAlgBinOp")
	if s == nil || len(s.operands) != 2 {
		return nil, nil
	}
	same := s.code("āBinaryOperator") == productMatMul && s.bool("transA") == transA && s.bool("transB") == transB
	c.note(s)
	if !same {
		return nil, nil
	}
	return s.operands[0], s.operands[1]
}

// unfolded returns the operand of an im2col.
func (c *convSeeker) unfolded(n *gorgonia.Node) (x *gorgonia.Node, u Unfold) {
	s := c.site(n, "im2colOp")
	if s == nil || !s.images(0) {
		return nil, u
	}
	u, _, ok := s.readUnfold([2]int{s.in[0][2], s.in[0][3]}, false)
	c.note(s)
	if !ok {
		return nil, u
	}
	return s.operands[0], u
}

func (c *convSeeker) note(s *site) {
	if c.err == nil {
		c.err = s.err
	}
}

// forward is y.
func (c *convSeeker) forward(n *gorgonia.Node) (lower.Prim, []*gorgonia.Node) {
	patch, filter := c.product(c.through(c.transposed(n, 0, 3, 1, 2), "reshapeOp"), false, true)
	x, u := c.unfolded(c.through(patch, "reshapeOp"))
	w := c.through(filter, "reshapeOp")
	if x == nil || !isFilter(w, u.Kernel, shapeOf(x)[1]) {
		return nil, nil
	}
	return lower.Conv{Geometry: u.Geometry}, []*gorgonia.Node{x, w}
}

// filter is dw.
func (c *convSeeker) filter(n *gorgonia.Node) (lower.Prim, []*gorgonia.Node) {
	grad, patch := c.product(n, true, false)
	x, u := c.unfolded(c.through(patch, "reshapeOp"))
	dy := c.transposed(c.through(grad, "reshapeOp"), 0, 2, 3, 1)
	if x == nil || dy == nil {
		return nil, nil
	}
	return lower.ConvFilter{Geometry: u.Geometry, Kernel: u.Kernel}, []*gorgonia.Node{x, dy}
}

// data is dx.
func (c *convSeeker) data(n *gorgonia.Node) (lower.Prim, []*gorgonia.Node) {
	grad, filter := c.product(c.through(c.through(n, "col2imOp"), "reshapeOp"), false, false)
	dy := c.transposed(c.through(grad, "reshapeOp"), 0, 2, 3, 1)
	w := c.through(filter, "reshapeOp")
	s := c.site(n, "col2imOp")
	if s == nil || dy == nil || w == nil || len(s.out) != 4 {
		return nil, nil
	}
	u, win, ok := s.readUnfold([2]int{s.out[2], s.out[3]}, true)
	c.note(s)
	windows := lower.Shape{s.out[0], win[0], win[1], s.out[1] * u.Kernel[0] * u.Kernel[1]}
	if !ok || !isFilter(w, u.Kernel, s.out[1]) || !s.in[0].Equal(windows) {
		return nil, nil
	}
	return lower.ConvData{Geometry: u.Geometry, In: u.Image}, []*gorgonia.Node{dy, w}
}

// isFilter reports whether a node is of shape [O, channels, KH, KW].
func isFilter(w *gorgonia.Node, kernel [2]int, channels int) bool {
	if w == nil {
		return false
	}
	s := shapeOf(w)
	return len(s) == 4 && s[1] == channels && [2]int{s[2], s[3]} == kernel
}
