package plan

import (
	"slices"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
)

// NodeSummary says how a plan computes a node of the graph.
type NodeSummary struct {
	Node *graph.Node
	// Value is the node's value in the plan's function; -1 if there is none.
	Value lower.Value
	// Step is the step that computes the node or that it was fused into; -1 for an
	// input and for a node that no step needs.
	Step int
	// Host is why the node runs on the host, and Fault what Gorgonia's own op gets
	// wrong. Either is "" if that is not so.
	Host, Fault string
}

// Summaries returns a summary of every node that the plan was made for, operands
// first.
func (p *Plan) Summaries() []NodeSummary {
	stepOf := make([]int, p.Func.Values()) // by root: 1 + the step that computes it
	for i, s := range p.Steps {
		for _, v := range s.Out {
			stepOf[v] = i + 1
		}
	}
	out := make([]NodeSummary, len(p.order))
	for i, o := range p.order {
		out[i] = NodeSummary{Node: o.Node, Value: -1, Step: -1}
	}
	for v := range p.Func.Values() {
		for _, i := range p.Func.Tags(lower.Value(v)) {
			out[i].Value, out[i].Step = lower.Value(v), stepOf[p.Values[v].Root]-1
		}
	}
	p.findFused(out)
	for _, note := range p.Notes {
		i := slices.IndexFunc(out, func(s NodeSummary) bool { return s.Node == note.Node })
		out[i].Host, out[i].Fault = note.Host, note.Fault
	}
	return out
}

// findFused finds the step of each node without a value: the step of the first node
// that reads it.
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
