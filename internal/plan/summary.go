package plan

import (
	"slices"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
)

// Fate is what a plan made of a node of the graph.
type NodeSummary struct {
	Node *graph.Node
	// Value is the node's value in the plan's function; -1 if there is none.
	Value lower.Value
	// Step is the number of the step that computes it, or that it was fused
	// into; -1 of inputs and of what no step needs.
	Step int
	// Host is why it runs on the host, and Fault what Gorgonia's own op gets
	// wrong; "" where it does not.
	Host, Fault string
}

// Fates returns what became of every node that the plan was made for, operands
// before what reads them.
func (p *Plan) Summaries() []NodeSummary {
	made := make([]int, p.Func.Values()) // by root: 1 + its step
	for i, s := range p.Steps {
		for _, v := range s.Out {
			made[v] = i + 1
		}
	}
	out := make([]NodeSummary, len(p.order))
	for i, o := range p.order {
		out[i] = NodeSummary{Node: o.Node, Value: -1, Step: -1}
	}
	for v := range p.Func.Values() {
		for _, i := range p.Func.Tags(lower.Value(v)) {
			out[i].Value, out[i].Step = lower.Value(v), made[p.Values[v].Root]-1
		}
	}
	p.findFused(out)
	for _, note := range p.Notes {
		i := slices.IndexFunc(out, func(s NodeSummary) bool { return s.Node == note.Node })
		out[i].Host, out[i].Fault = note.Host, note.Fault
	}
	return out
}

// followFused finds the steps that nodes without a value of their own were
// fused into: those of the first that reads them.
func (p *Plan) findFused(summaries []NodeSummary) {
	at := map[*graph.Node]int{}
	for i, f := range summaries {
		at[f.Node] = i
	}
	for i := len(summaries) - 1; i >= 0; i-- {
		for _, x := range p.order[i].Operands {
			if f := &summaries[at[x]]; f.Value < 0 && summaries[i].Step >= 0 {
				f.Step = summaries[i].Step
			}
		}
	}
}
