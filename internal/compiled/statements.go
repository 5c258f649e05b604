package compiled

import (
	"fmt"
	"reflect"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/exprgraph"
	"github.com/stheno-ml/stheno/internal/plan"
)

// isStatement reports whether a node is a statement, Read or Set, which computes
// nothing.
func isStatement(n *graph.Node) bool {
	kind := plan.KindOf(n.Op())
	return kind == "readOp" || kind == "letOp"
}

// read is a statement that copies a node's value to a variable of the program.
type read struct {
	from *graph.Node
	into *gorgonia.Value
}

// set is a statement that binds another node's value to an input after each run.
type set struct{ node, to, from *graph.Node }

// newRead finds the destination of a Read statement, which Gorgonia's op does not
// export. Running the op on a TapeMachine instead would cost a locked thread and two
// goroutine switches in each run, more than the whole step of a small net.
func newRead(g *gorgonia.ExprGraph, n *graph.Node) (read, error) {
	from, err := exprgraph.Operands(g, n)
	if err != nil {
		return read{}, err
	}
	into := reflect.ValueOf(n.Op()).FieldByName("into")
	if !into.IsValid() || into.Type() != reflect.TypeFor[*gorgonia.Value]() {
		return read{}, fmt.Errorf("read of %s: unknown version of Gorgonia, want v0.9.18", from[0].Name())
	}
	if into.IsNil() {
		return read{}, fmt.Errorf("read of %s: its destination is nil", from[0].Name())
	}
	return read{from[0], (*gorgonia.Value)(into.UnsafePointer())}, nil
}

// copyOut copies the value to the destination. As in Gorgonia, the first run without a
// value there creates one, and later runs write into it.
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

// newSet finds the two nodes of a Set statement.
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
