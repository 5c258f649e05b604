package compiled

import (
	"fmt"
	"reflect"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/exprgraph"
	"github.com/stheno-ml/stheno/internal/plan"
)

// Statements of a Gorgonia graph: nodes that compute nothing.

// isStatement reports whether a node computes nothing.
func isStatement(n *graph.Node) bool {
	kind := plan.KindOf(n.Op())
	return kind == "readOp" || kind == "letOp"
}

// read is a statement that hands a value to the program.
type read struct {
	from *graph.Node
	into *gorgonia.Value
}

// set is a statement that an input is to hold another node's value from now on.
type set struct{ node, to, from *graph.Node }

// newRead finds where a Read statement wants the value. Gorgonia's op keeps that
// to itself; to run the op by a TapeMachine costs a locked thread and two
// goroutines' turns in each run, more than a small net's whole step.
func newRead(g *gorgonia.ExprGraph, n *graph.Node) (read, error) {
	from, err := exprgraph.Operands(g, n)
	if err != nil {
		return read{}, err
	}
	into := reflect.ValueOf(n.Op()).FieldByName("into")
	if !into.IsValid() || into.Type() != reflect.TypeFor[*gorgonia.Value]() {
		return read{}, fmt.Errorf("read of %s: this version of Gorgonia is not known, want v0.9.18", from[0].Name())
	}
	if into.IsNil() {
		return read{}, fmt.Errorf("read of %s: its destination is nil", from[0].Name())
	}
	return read{from[0], (*gorgonia.Value)(into.UnsafePointer())}, nil
}

// hand gives the program a copy of the value: the first is new, and later ones
// are written into the one that is there, as Gorgonia does.
func (r read) copyOut() error {
	v := r.from.Value()
	if *r.into != nil {
		_, err := gorgonia.Copy(*r.into, v)
		return err
	}
	v, err := gorgonia.CloneValue(v)
	if err == nil {
		*r.into = v
	}
	return err
}

// newSet reads a statement's two nodes.
func newSet(g *gorgonia.ExprGraph, n *graph.Node) (set, error) {
	of, err := exprgraph.Operands(g, n)
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
