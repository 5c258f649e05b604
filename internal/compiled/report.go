package compiled

import (
	"fmt"
	"slices"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/vm"
)

// Report says for each node which step of the plan computes it, where its value is,
// why it runs on the host if it does, and what Gorgonia's own machine would get wrong.
// It is nil for a closed machine.
func (m *Machine) Report() vm.Report {
	if m == nil || m.plan == nil {
		return nil
	}
	var out vm.Report
	for _, f := range m.plan.Summaries() {
		n := vm.NodeReport{Node: f.Node, Step: f.Step, Host: f.Host, Fault: f.Fault, Place: m.place(f)}
		if f.Node.Op() != nil {
			n.Layer, n.Op = m.origin.layer(f.Node), fmt.Sprint(f.Node.Op())
			n.Published = slices.Contains(m.plan.Kept, f.Node)
		}
		out = append(out, n)
	}
	out = m.withDoubts(out)
	if m.dropIn != nil {
		for i := range out {
			if _, ok := out[i].Node.Value().(notPublished); ok {
				out[i].Note = errNotPublished.Error()
			}
		}
		for _, s := range m.dropIn.sets {
			out = append(out, vm.NodeReport{Node: s.node, Op: "=", Step: -1, Place: "after the steps", Fault: "Gorgonia's machine ignores the statement"})
		}
		for _, why := range m.dropIn.ignored {
			out = append(out, vm.NodeReport{Step: -1, Note: "an option is ignored: " + why})
		}
		if kind := fmt.Sprintf("%T", gorgonia.WhichBLAS()); kind != "gonum.Implementation" {
			out = append(out, vm.NodeReport{Step: -1, Note: kind + ", which gorgonia.Use set, is not called: this machine has its own kernels for products"})
		}
	}
	return out
}

// LocMap maps each node to the place of its value, as Report does. It is nil for a
// closed machine.
func (m *Machine) LocMap() map[*graph.Node]string {
	if m == nil || m.plan == nil {
		return nil
	}
	out := map[*graph.Node]string{}
	for _, f := range m.plan.Summaries() {
		out[f.Node] = m.place(f)
	}
	return out
}

// place returns where the value of a node is.
func (m *Machine) place(f plan.NodeSummary) string {
	if d := f.Node.Dtype(); d != m.plan.Dtype && f.Node.Op() == nil {
		return fmt.Sprintf("input of %v", d)
	} else if d != m.plan.Dtype && f.Step >= 0 {
		return fmt.Sprintf("step %d, a value of %v", f.Step, d)
	}
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
