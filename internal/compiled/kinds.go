package compiled

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/exprgraph"
	"github.com/stheno-ml/stheno/internal/plan"
)

// Scalars that are tensors. In Gorgonia the value of a node of shape () is a number,
// *F64 or *F32, with three exceptions: a tensordot, whose value is a tensor of shape
// (1), an input to which the program bound a tensor, and elementwise results of these.

// tensorScalar is a node that may be an exception, and the nodes that decide it: each
// is a tensordot, or an input that may hold a tensor.
type tensorScalar struct {
	node  *graph.Node
	roots []*graph.Node
}

// tensorScalars finds such nodes among the published nodes.
func tensorScalars(order []exprgraph.Ordered, nodes []*graph.Node) (out []tensorScalar) {
	operands := make(map[*graph.Node][]*graph.Node, len(order))
	for _, o := range order {
		operands[o.Node] = o.Operands
	}
	memo := map[*graph.Node][]*graph.Node{}
	var roots func(n *graph.Node) []*graph.Node
	roots = func(n *graph.Node) (found []*graph.Node) {
		if r, ok := memo[n]; ok || n.Dims() > 0 {
			return r
		}
		defer func() { memo[n] = found }()
		for _, of := range n.DerivOf() {
			if of.Op() == nil && of.Dims() == 0 {
				found = append(found, of)
			}
		}
		if n.Op() == nil {
			return append(found, n)
		}
		switch plan.KindOf(n.Op()) {
		case "tensordotOp":
			return append(found, n)
		case "elemUnaryOp", "elemBinOp":
			for _, x := range operands[n] {
				found = append(found, roots(x)...)
			}
		}
		return found
	}
	for _, n := range nodes {
		if r := roots(n); len(r) > 0 {
			out = append(out, tensorScalar{n, r})
		}
	}
	return out
}

// bind turns the published value into a tensor if Gorgonia's would be one.
func (s tensorScalar) bind() error {
	shape, ok := s.shape()
	if !ok {
		return nil
	}
	var v *tensor.Dense
	switch x := s.node.Value().(type) {
	case *gorgonia.F64:
		v = tensor.New(tensor.FromScalar(float64(*x)))
	case *gorgonia.F32:
		v = tensor.New(tensor.FromScalar(float32(*x)))
	default:
		return nil
	}
	if err := gorgonia.UnsafeLet(s.node, v); err != nil {
		return err
	}
	return v.Reshape(shape...) // last, because Let refuses shape (1) for a node of shape ()
}

// shape returns the shape of the tensor; ok is false if the value is a number.
func (s tensorScalar) shape() (shape tensor.Shape, ok bool) {
	for _, r := range s.roots {
		if r.Op() != nil {
			return tensor.Shape{1}, true
		}
		if t, is := r.Value().(*tensor.Dense); is {
			return t.Shape(), true
		}
	}
	return nil, false
}
