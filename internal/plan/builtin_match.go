package plan

import (
	"slices"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/internal/exprgraph"
	"github.com/stheno-ml/stheno/lower"
)

// Match recognises a pattern of several nodes by its last node. It returns the last
// node's Lowering as a function of from, the nodes that the pattern's first node
// reads. The nodes between need not be computed. If ok is false no pattern ends at
// the node. The patterns are those of Conv2d and its gradients,
//
//	y  = transpose(reshape(matmul(reshape(im2col(x)), reshape(w)^T)))
//	dw = matmul(reshape(transpose(dy))^T, reshape(im2col(x))), of which the filter's gradient is a reshape
//	dx = col2im(reshape(matmul(reshape(transpose(dy)), reshape(w))))
//
// where x is [N,C,H,W], w [O,C,KH,KW] and dy [N,O,P,Q]; gradients that Gorgonia
// writes wrongly, for which it returns the right ones, with a Fault; and ops that
// take rows by indices, which have another type than the other nodes.
func (k *Matcher) Match(n *gorgonia.Node) (m *Lowering, from []*gorgonia.Node, ok bool, err error) {
	k.err = nil
	for _, find := range patterns[k.at(n).kind] {
		w := find(k, n)
		if k.err != nil {
			return nil, nil, false, k.err
		}
		if w == nil {
			continue
		}
		shapes := make([]lower.Shape, len(w.from))
		for i, x := range w.from {
			shapes[i] = k.at(x).shape
		}
		for _, st := range w.state {
			shapes = append(shapes, st.shape())
		}
		f, shape := lower.NewFunc(shapes...), k.at(n).shape
		y := w.build(f)
		if got := f.Shape(y); w.matrix && len(got) > 0 { // a filter's gradient, with flattened rows
			y = f.Reshape(y, got[0], got[1:].Size())
		}
		f.Return(y)
		if f.Err() == nil && f.Shape(y).Equal(shape) { // otherwise a reshape is not the expected one
			return &Lowering{Func: f, State: w.state, Fault: w.fault, Edge: w.edge}, w.from, true, nil
		}
	}
	return nil, nil, false, nil
}

// patterns has the patterns to try at a node, by the node's kind.
var patterns = map[string][]func(*Matcher, *gorgonia.Node) *match{
	"transposeOp":       {(*Matcher).conv},
	"linAlgBinOp":       {(*Matcher).convFilter, (*Matcher).outerProductGrad},
	"col2imOp":          {(*Matcher).convData},
	"elemBinOp":         {(*Matcher).log2Grad, (*Matcher).powerBaseGrad, (*Matcher).powerExponentGrad},
	"elemUnaryOp":       {(*Matcher).inverseSqrtGrad},
	"byIndicesOp":       {(*Matcher).takeRows},
	"byIndicesOpDiffOp": {(*Matcher).takeRows},
}

// match is a recognised pattern.
type match struct {
	from   []*gorgonia.Node
	build  func(f *lower.Func) lower.Value
	matrix bool // the node's shape has the result's axes after the first flattened into one
	fault  string
	edge   string
	state  []OpState
}

// matchPrim is a match of one primitive of two operands.
func matchPrim(p lower.Prim, a, b *gorgonia.Node) *match {
	return &match{
		from:  []*gorgonia.Node{a, b},
		build: func(f *lower.Func) lower.Value { return f.Apply(p, f.In(0), f.In(1))[0] },
	}
}

// Matcher recognises patterns by following nodes from the last to the first. Its
// methods accept nil, and return nil for a node that does not fit the pattern.
type Matcher struct {
	facts
	operandsOf func(*gorgonia.Node) []*gorgonia.Node
	err        error
}

// NewMatcher returns a Matcher for about that many nodes. It is invalid once a node's
// shape is changed.
func NewMatcher(nodes int, operandsOf func(*gorgonia.Node) []*gorgonia.Node) *Matcher {
	return &Matcher{
		facts:      facts{of: make(map[*gorgonia.Node]*fact, nodes), spare: make([]fact, nodes)},
		operandsOf: operandsOf,
	}
}

// operandsAt returns the operands of a node of a kind, if the node and all of them
// can be lowered.
func (k *Matcher) operandsAt(n *gorgonia.Node, kind string) []*gorgonia.Node {
	if n == nil || k.at(n).kind != kind {
		return nil
	}
	operands := k.operandsOf(n)
	if len(operands) == 0 { // the caller does not know the node
		var err error
		if operands, err = exprgraph.Operands(n.Graph(), n); err != nil {
			return nil
		}
	}
	if !k.lowers(n, operands) {
		return nil
	}
	return operands
}

// contextAt returns the context of a node of a kind.
func (k *Matcher) contextAt(n *gorgonia.Node, kind string) *opContext {
	if operands := k.operandsAt(n, kind); len(operands) > 0 {
		return k.context(n, kind, operands)
	}
	return nil
}

// operandAt returns the first operand of a node of a kind.
func (k *Matcher) operandAt(n *gorgonia.Node, kind string) *gorgonia.Node {
	if operands := k.operandsAt(n, kind); len(operands) > 0 {
		return operands[0]
	}
	return nil
}

// transposed returns the operand of a transpose with that pattern.
func (k *Matcher) transposed(n *gorgonia.Node, pattern ...int) *gorgonia.Node {
	s := k.contextAt(n, "transposeOp")
	if s == nil {
		return nil
	}
	same := slices.Equal(s.ints("pattern"), pattern)
	k.keepErr(s)
	if !same {
		return nil
	}
	return s.operands[0]
}

// product returns the operands of a matrix product with these transposes.
func (k *Matcher) product(n *gorgonia.Node, transA, transB bool) (a, b *gorgonia.Node) {
	operands := k.operandsAt(n, "linAlgBinOp")
	if len(operands) != 2 {
		return nil, nil
	}
	s := fieldsOf(n, "linAlgBinOp")
	same := s.code("āBinaryOperator") == productMatMul && s.bool("transA") == transA && s.bool("transB") == transB
	k.keepErr(&s)
	if !same {
		return nil, nil
	}
	return operands[0], operands[1]
}

// unfolded returns the operand of an im2col.
func (k *Matcher) unfolded(n *gorgonia.Node) (x *gorgonia.Node, u Unfold) {
	s := k.contextAt(n, "im2colOp")
	if s == nil || !s.isImages(0) {
		return nil, u
	}
	u, _, ok := s.readUnfold([2]int{s.in[0][2], s.in[0][3]}, false)
	k.keepErr(s)
	if !ok {
		return nil, u
	}
	return s.operands[0], u
}

func (k *Matcher) keepErr(s *opContext) {
	if k.err == nil {
		k.err = s.err
	}
}
