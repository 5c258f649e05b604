package compiled

import (
	"fmt"
	"io"
	"slices"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/vm"
)

// withDoubts marks in a report the nodes that may not be what they look like. Nodes
// that the plan does not need come last.
func (m *Machine) withDoubts(r vm.Report) vm.Report {
	doubts, err := plan.Doubts(m.source.Graph)
	if err != nil {
		return r // nodes were removed after the graph was planned
	}
	for _, d := range doubts {
		i := slices.IndexFunc(r, func(n vm.NodeReport) bool { return n.Node == d.Node })
		if i < 0 {
			i, r = len(r), append(r, vm.NodeReport{Node: d.Node, Step: -1, Place: "not needed"})
			if d.Node.Op() != nil {
				r[i].Op = fmt.Sprint(d.Node.Op())
			}
		}
		if r[i].Doubt != "" {
			r[i].Doubt += "; "
		}
		r[i].Doubt += d.Why
	}
	return r
}

// logDoubts writes a line for each node that may not be what it looks like.
func (m *Machine) logDoubts(w io.Writer) error {
	doubts, err := plan.Doubts(m.source.Graph)
	if err != nil {
		return err
	}
	for _, d := range doubts {
		if _, err := fmt.Fprintf(w, "%s: node %s (%d): %s\n", m.backend.Name, oneLine(d.Node), d.Node.ID(), d.Why); err != nil {
			return fmt.Errorf("log: %w", err)
		}
	}
	return nil
}

// oneLine returns a node's name, or its op if the name has several lines, as that of
// a constant may.
func oneLine(n *graph.Node) string {
	if name := n.Name(); !slices.Contains([]byte(name), '\n') {
		return name
	}
	return fmt.Sprint(n.Op())
}
