package plan

import (
	"slices"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
)

// StockWhole sees what several nodes of Gorgonia's are together, and returns
// what the last of them means as a function of other operands, from: those
// further up that the first reads. The nodes between need not be computed for
// it. If ok is false there is no such thing at the node, and Stock has its
// meaning. It sees a convolution and its gradients in what Conv2d makes,
//
//	y  = transpose(reshape(matmul(reshape(im2col(x)), reshape(w)^T)))
//	dw = matmul(reshape(transpose(dy))^T, reshape(im2col(x))), of which the filter's gradient is a reshape
//	dx = col2im(reshape(matmul(reshape(transpose(dy)), reshape(w))))
//
// where x is [N,C,H,W], w [O,C,KH,KW] and dy [N,O,P,Q]; gradients that Gorgonia
// writes wrong, for which it returns the right ones, with a Fault; and rows taken
// by indices, which are of another type than all else.
func StockWhole(n *gorgonia.Node, operandsOf func(*gorgonia.Node) []*gorgonia.Node) (m *Meaning, from []*gorgonia.Node, ok bool, err error) {
	k := &seeker{operandsOf: operandsOf}
	for _, find := range []func(*gorgonia.Node) *finding{k.forward, k.filter, k.data, k.log2, k.inverseSqrt, k.outer, k.powerBase, k.powerExponent, k.rows} {
		w := find(n)
		if k.err != nil {
			return nil, nil, false, k.err
		}
		if w == nil {
			continue
		}
		shapes := make([]lower.Shape, len(w.from))
		for i, x := range w.from {
			shapes[i] = shapeOf(x)
		}
		for _, st := range w.state {
			shapes = append(shapes, st.shape())
		}
		f, shape := lower.NewFunc(shapes...), shapeOf(n)
		y := w.build(f)
		if got := f.Shape(y); w.matrix && len(got) > 0 { // a filter's gradient, with its rows flattened
			y = f.Reshape(y, got[0], got[1:].Size())
		}
		f.Return(y)
		if f.Err() == nil && f.Shape(y).Equal(shape) { // else some reshape is another than expected
			return &Meaning{Func: f, State: w.state, Fault: w.fault, Edge: w.edge}, w.from, true, nil
		}
	}
	return nil, nil, false, nil
}

// finding is what a seeker found.
type finding struct {
	from   []*gorgonia.Node
	build  func(f *lower.Func) lower.Value
	matrix bool // the result's axes after the first are one
	fault  string
	edge   string
	state  []OpState
}

// prim is a primitive of two operands.
func prim(p lower.Prim, a, b *gorgonia.Node) *finding {
	return &finding{
		from:  []*gorgonia.Node{a, b},
		build: func(f *lower.Func) lower.Value { return f.Apply(p, f.In(0), f.In(1))[0] },
	}
}

// seeker follows nodes from the last to the first. Its methods take and return
// nil for a node that is not as it should be.
type seeker struct {
	operandsOf func(*gorgonia.Node) []*gorgonia.Node
	texts      map[*gorgonia.Node]string // of the nodes asked for
	err        error
}

// textOf is the text of a node's op, which several findings begin with.
func (k *seeker) textOf(n *gorgonia.Node) string {
	text, ok := k.texts[n]
	if !ok {
		if k.texts == nil {
			k.texts = map[*gorgonia.Node]string{}
		}
		text = textOf(n)
		k.texts[n] = text
	}
	return text
}

// site reads the fields of a node's op of a kind.
func (k *seeker) site(n *gorgonia.Node, kind string) *site {
	if n == nil || kindOf(n.Op()) != kind {
		return nil
	}
	operands := k.operandsOf(n)
	if len(operands) == 0 { // the node is not among those that the caller needs
		var err error
		if operands, err = graph.Operands(n.Graph(), n); err != nil {
			return nil
		}
	}
	if s := newSite(n, kind, operands); s.m.Host == "" && len(s.in) > 0 {
		return s
	}
	return nil
}

// through returns the operand of a node of a kind.
func (k *seeker) through(n *gorgonia.Node, kind string) *gorgonia.Node {
	if s := k.site(n, kind); s != nil {
		return s.operands[0]
	}
	return nil
}

// transposed returns the operand of a transpose by a pattern.
func (k *seeker) transposed(n *gorgonia.Node, pattern ...int) *gorgonia.Node {
	s := k.site(n, "transposeOp")
	if s == nil {
		return nil
	}
	same := slices.Equal(s.ints("pattern"), pattern)
	k.note(s)
	if !same {
		return nil
	}
	return s.operands[0]
}

// product returns the operands of a product of matrices with these transposes.
func (k *seeker) product(n *gorgonia.Node, transA, transB bool) (a, b *gorgonia.Node) {
	s := k.site(n, "linAlgBinOp")
	if s == nil || len(s.operands) != 2 {
		return nil, nil
	}
	same := s.code("āBinaryOperator") == productMatMul && s.bool("transA") == transA && s.bool("transB") == transB
	k.note(s)
	if !same {
		return nil, nil
	}
	return s.operands[0], s.operands[1]
}

// unfolded returns the operand of an im2col.
func (k *seeker) unfolded(n *gorgonia.Node) (x *gorgonia.Node, u Unfold) {
	s := k.site(n, "im2colOp")
	if s == nil || !s.images(0) {
		return nil, u
	}
	u, _, ok := s.readUnfold([2]int{s.in[0][2], s.in[0][3]}, false)
	k.note(s)
	if !ok {
		return nil, u
	}
	return s.operands[0], u
}

func (k *seeker) note(s *site) {
	if k.err == nil {
		k.err = s.err
	}
}
