package compiled

import (
	"fmt"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
)

// Statements of a Gorgonia graph: nodes that compute nothing.

func kindOf(n *graph.Node) string { return fmt.Sprintf("%T", n.Op()) }

// isStatement reports whether a node computes nothing.
func isStatement(n *graph.Node) bool {
	kind := kindOf(n)
	return kind == "gorgonia.readOp" || kind == "gorgonia.letOp"
}

// read is a statement that hands a value to the program.
type read struct {
	from *graph.Node
	in   *graph.Node // of the statement's own graph
	vm   gorgonia.VM
}

// set is a statement that an input is to hold another node's value from now on.
type set struct{ node, to, from *graph.Node }

// newRead prepares to run a Read statement, whose destination only Gorgonia
// knows, in a graph of its own.
func newRead(g *gorgonia.ExprGraph, n *graph.Node) (read, error) {
	from, err := graph.Operands(g, n)
	if err != nil {
		return read{}, err
	}
	r := read{from: from[0]}
	graph.Exclusive(func() {
		own := gorgonia.NewGraph()
		if shape := r.from.Shape(); len(shape) == 0 {
			r.in = gorgonia.NewScalar(own, r.from.Dtype(), gorgonia.WithName("value"))
		} else {
			r.in = gorgonia.NewTensor(own, r.from.Dtype(), len(shape), gorgonia.WithShape(shape...), gorgonia.WithName("value"))
		}
		gorgonia.NewUniqueNode(gorgonia.WithOp(n.Op()), gorgonia.WithChildren(gorgonia.Nodes{r.in}), gorgonia.In(own))
		r.vm = gorgonia.NewTapeMachine(own)
	})
	return r, nil
}

// newSet reads a statement's two nodes.
func newSet(g *gorgonia.ExprGraph, n *graph.Node) (set, error) {
	of, err := graph.Operands(g, n)
	if err != nil {
		return set{}, err
	}
	switch {
	case len(of) != 2:
		return set{}, fmt.Errorf("node %s: a Set statement has two nodes, this has %d", n.Name(), len(of))
	case of[0].Op() != nil:
		return set{}, fmt.Errorf("node %s: Set of %s, which is computed: only an input can be set", n.Name(), of[0].Name())
	case !of[0].Shape().Eq(of[1].Shape()) || of[0].Dtype() != of[1].Dtype():
		return set{}, fmt.Errorf("node %s: Set of %v %v to %v %v", n.Name(), of[0].Dtype(), of[0].Shape(), of[1].Dtype(), of[1].Shape())
	}
	return set{n, of[0], of[1]}, nil
}
