package vm

import (
	"fmt"
	"strings"

	"github.com/stheno-ml/stheno/graph"
)

// Report is what became of the nodes of a graph, operands before what reads
// them, and last what is to be known of the machine as a whole.
type Report []NodeReport

// NodeReport is what became of one node.
type NodeReport struct {
	Node  *graph.Node // nil of a line that is about the machine
	Layer string      // the scope it was made in, "" if no builder made it
	Op    string      // "" of an input
	// Step is the number, from 0, of the plan's step that computes the node, or
	// in which it is computed on the way to another; -1 of inputs, constants
	// and what is not needed.
	Step int
	// Place is where its value is: "input", "arena at 128" in elements, "in w"
	// of the next value of a parameter, "within step 3", or "not needed".
	Place string
	// Published says that each run binds a value of its own to the node.
	Published bool
	// Host is why it runs on the host by its own Do, "" if it does not.
	Host string
	// Fault is what Gorgonia's own machine gets wrong here and this one does
	// not, "" if nothing.
	Fault string
	// Doubt is why the node may not be what it looks like, "" if nothing is
	// suspected: Gorgonia merges nodes that it takes for equal, changes a SoftMax
	// to its logarithm, and differentiates a graph right only once.
	Doubt string
	// Note is what the machine does otherwise than a program may expect, "" if
	// nothing: an option that it does not take, a gradient that it keeps to itself.
	Note string
}

// String lists the nodes, a line each, and what is published.
func (r Report) String() string {
	var b strings.Builder
	bytes := 0
	for _, n := range r {
		if n.Node == nil {
			fmt.Fprintf(&b, "%s\n", n.Note)
			continue
		}
		name := n.Node.Name()
		if n.Op != "" {
			name = strings.TrimPrefix(n.Layer+": "+n.Op, ": ")
		}
		fmt.Fprintf(&b, "%s %v: %s", name, n.Node.Shape(), n.Place)
		if n.Published {
			bytes += graph.Shape(n.Node.Shape()).Size() * int(n.Node.Dtype().Size())
			b.WriteString(", published")
		}
		if n.Host != "" {
			fmt.Fprintf(&b, ", by its own Do on the host: %s", n.Host)
		}
		if n.Fault != "" {
			fmt.Fprintf(&b, ", right here and wrong in Gorgonia: %s", n.Fault)
		}
		if n.Doubt != "" {
			fmt.Fprintf(&b, ", doubtful: %s", n.Doubt)
		}
		if n.Note != "" {
			fmt.Fprintf(&b, ", %s", n.Note)
		}
		b.WriteByte('\n')
	}
	fmt.Fprintf(&b, "%d bytes published in each run\n", bytes)
	return b.String()
}
