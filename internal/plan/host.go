package plan

import (
	"fmt"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
)

// Host is the primitive of a node that runs on the host: by its own Do where no
// machine knows its op, and where it or an operand is of another type than the
// plan's. Machines list it in their reports.
//
// A value of another type is no array of the function's. It lies in a box, one
// of the plan's, and in the function stands a scalar in its place, which says
// what has to run first.
type Host struct {
	Node *graph.Node
	// From are the node's operands.
	From []Operand
	// Box is the number of the box that the result is put into; -1 if it is an
	// array.
	Box int
	// Func computes the result from the operands, all of the node's own type of
	// floats, and Value is the result of a node that never changes. Without
	// either the node's Do is called.
	Func  *lower.Func
	Value gorgonia.Value
	// Truth says that the result is the truth of the one operand, an array: true
	// where it is not 0.
	Truth bool
}

// Operand is an operand of a node that runs on the host: the value bound to
// Input, if there is one, else what is in a box, else the step's next array. To
// a box belongs one of the step's arrays, too.
type Operand struct {
	Input *graph.Node
	Box   int // -1 if it is an array
	// Back says that the array is a result, too, after the node's own: as Do left
	// it, for the Do of a program's own op may write into its operands. Of is the
	// node that it is the value of.
	Back bool
	Of   *graph.Node
}

// Infer returns the node's shape, as the graph inferred it, or a scalar's, and
// those of the operands that are results.
func (p Host) Infer(in []lower.Shape) ([]lower.Shape, error) {
	out := []lower.Shape{{}}
	if p.Box < 0 {
		out[0] = lower.Shape(p.Node.Shape())
	}
	for _, x := range p.From {
		if x.Input != nil {
			continue
		}
		if x.Back {
			out = append(out, in[0])
		}
		in = in[1:]
	}
	return out, nil
}

// String names the node; no two are alike, for an op may hold state.
func (p Host) String() string {
	return fmt.Sprintf("host %v (node %d, %s)", p.Node.Op(), p.Node.ID(), p.Node.Name())
}
