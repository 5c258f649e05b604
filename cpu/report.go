package cpu

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/plan"
)

// Report is what became of the nodes of a graph, operands before what reads them.
type Report []NodeReport

// NodeReport is what became of one node.
type NodeReport struct {
	Node  *graph.Node
	Layer string // the scope it was made in, "" if no builder made it
	Op    string // "" of an input
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
}

// String lists the nodes, a line each, and what is published.
func (r Report) String() string {
	var b strings.Builder
	bytes := 0
	for _, n := range r {
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
		b.WriteByte('\n')
	}
	fmt.Fprintf(&b, "%d bytes published in each run\n", bytes)
	return b.String()
}

// Report says of each node which step of the plan computes it and where its
// value lies, why it runs on the host if it does, and what Gorgonia's own
// machine would get wrong. It is nil of a machine that is closed.
func (m *Machine) Report() Report {
	if m.plan == nil {
		return nil
	}
	var out Report
	for _, f := range m.plan.Fates() {
		n := NodeReport{Node: f.Node, Step: f.Step, Host: f.Host, Fault: f.Fault, Place: m.place(f)}
		if f.Node.Op() != nil {
			n.Layer, n.Op = m.layer(f.Node), fmt.Sprint(f.Node.Op())
			n.Published = slices.Contains(m.plan.Kept, f.Node)
		}
		out = append(out, n)
	}
	if m.dropIn != nil {
		for _, s := range m.dropIn.sets {
			out = append(out, NodeReport{Node: s.node, Op: "=", Step: -1, Place: "after the steps", Fault: "its machine leaves the statement out"})
		}
	}
	return out
}

// place says where the value of a node is.
func (m *Machine) place(f plan.Fate) string {
	if f.Value < 0 {
		if f.Step < 0 {
			return "not needed"
		}
		return fmt.Sprintf("within step %d", f.Step)
	}
	l := m.plan.Values[f.Value]
	switch {
	case l.Place == plan.Input:
		return "input"
	case l.Place == plan.State:
		return fmt.Sprintf("step %d, in %s", f.Step, m.plan.Updates[l.Update].Param.Name())
	case l.Place == plan.Fresh:
		return fmt.Sprintf("step %d, in the value of %s", f.Step, m.plan.Kept[l.Kept].Name())
	}
	return fmt.Sprintf("step %d, arena at %d", f.Step, l.Base)
}
