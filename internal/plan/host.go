package plan

import (
	"fmt"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
)

// Host is the primitive of a node that no machine knows: its own Do, run on
// the host. Machines list it in their reports.
type Host struct {
	Node *graph.Node
	// Direct are the operands, by number, that are inputs of another type than
	// the graph's, whose values the node reads as they are; nil of the others.
	Direct []*graph.Node
}

// Infer returns the node's shape; the graph inferred it.
func (p Host) Infer([]lower.Shape) ([]lower.Shape, error) {
	return []lower.Shape{lower.Shape(p.Node.Shape())}, nil
}

// String names the node; no two are alike, for an op may hold state.
func (p Host) String() string {
	return fmt.Sprintf("host %v (node %d, %s)", p.Node.Op(), p.Node.ID(), p.Node.Name())
}
