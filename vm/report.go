package vm

import (
	"fmt"
	"strings"

	"github.com/stheno-ml/stheno/graph"
)

// Report says how a machine computes each node of a graph. Operands come before
// their readers. Lines about the machine as a whole come last.
type Report []NodeReport

// NodeReport says how a machine computes one node.
type NodeReport struct {
	Node  *graph.Node // nil for a line about the machine
	Layer string      // the scope of the builder call that created the node, or ""
	Op    string      // "" for an input
	// Step is the number, from 0, of the plan's step that computes the node or in
	// which the node is fused. It is -1 for inputs, constants and nodes that are not
	// needed.
	Step int
	// Place is where its value is: "input", "arena at 128" in elements, "in w" for
	// the next value of a parameter, "within step 3", or "not needed".
	Place string
	// Published says that each run binds a new value to the node.
	Published bool
	// Host is why the node runs on the host by its own Do, "" if it does not.
	Host string
	// Fault is what Gorgonia's own machine gets wrong here and this machine gets
	// right, or "".
	Fault string
	// Doubt is why the node may not be what it looks like, or "". Gorgonia merges
	// nodes that it considers equal, changes a SoftMax to its logarithm, and
	// differentiates a graph correctly only once.
	Doubt string
	// Note is where the machine differs from what a program may expect, or "": an
	// option that it ignores, or a gradient that it does not publish.
	Note string
}

// String lists the nodes, one per line, and how many bytes are published.
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
			fmt.Fprintf(&b, ", correct here but wrong in Gorgonia: %s", n.Fault)
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
