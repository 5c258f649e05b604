package plan

import (
	"fmt"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
)

// Host is the primitive of a node that runs on the host. The node's own Do runs if no
// machine knows its op. A node also runs on the host if it or an operand has another
// type than the plan. Machines list such nodes in their reports.
//
// A value of another type is not an array of the function. It is stored in one of the
// plan's boxes. The function has a scalar in its place, which only keeps the steps in
// order.
type Host struct {
	Node *graph.Node
	// From are the node's operands.
	From []Operand
	// Box is the number of the result's box; -1 if the result is an array.
	Box int
	// Func computes the result from the operands, if all are floats of the node's
	// type. Value is the result of a node that never changes. If both are nil, the
	// node's Do runs.
	Func  *lower.Func
	Value gorgonia.Value
	// Truth marks a result that converts the one operand, an array, to truth values:
	// true for every element that is not 0.
	Truth bool
}

// Operand is an operand of a node that runs on the host. It is the value bound to
// Input, if Input is set; else the value in Box, if Box is not -1; else the step's
// next array. An operand in a box takes one of the step's arrays too.
type Operand struct {
	Input *graph.Node
	Box   int // -1 if the operand is an array
	// Back marks an array that is also a result, after the node's own. It is the
	// array as Do left it: a program's own Do may write into its operands. Of is the
	// node whose value the array is.
	Back bool
	Of   *graph.Node
}

// Infer returns the node's shape, or a scalar's if the result is in a box, and then
// the shapes of the operands with Back.
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

// String names the node. No two are equal, because an op may hold state.
func (p Host) String() string {
	return fmt.Sprintf("host %v (node %d, %s)", p.Node.Op(), p.Node.ID(), p.Node.Name())
}
