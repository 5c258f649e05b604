package plan

import (
	"fmt"
	"slices"

	"github.com/stheno-ml/stheno/graph"
)

// Gradients that may not be those of what was differentiated: Grad passes over
// nodes that have a gradient already.

// secondGrad suspects a cost that was differentiated after another with which it
// shares nodes.
func (x *graphFacts) secondGrad(n *graph.Node) string {
	for _, first := range x.costs[:max(0, slices.Index(x.costs, n))] {
		if both := x.differentiated(n, first); len(both) > 0 && x.gradOfGrad(n) == "" {
			return fmt.Sprintf("it was differentiated after %s in one graph: %s, which both depend on, have the gradients of the first; use package graph's Grad, or a graph for each", first.Name(), names(both))
		}
	}
	return ""
}

// gradOfGrad suspects a cost that depends on gradients and was differentiated.
func (x *graphFacts) gradOfGrad(n *graph.Node) string {
	if !slices.Contains(x.costs, n) {
		return ""
	}
	for g := range x.ancestors(n) {
		if IsConstant(g) || len(g.DerivOf()) == 0 || slices.Contains(g.DerivOf(), n) {
			continue
		}
		if both := x.differentiated(n, g.DerivOf()...); len(both) > 0 {
			return fmt.Sprintf("it depends on gradients of the same graph and was differentiated: the second derivatives with respect to %s leave out paths; use package graph's Grad", names(both))
		}
	}
	return ""
}

// differentiated returns the inputs with a gradient that a cost and one of
// others depend on.
func (x *graphFacts) differentiated(cost *graph.Node, others ...*graph.Node) (both []*graph.Node) {
	for n := range x.ancestors(cost) {
		if n.Op() != nil || n.Deriv() == nil {
			continue
		}
		if slices.ContainsFunc(others, func(o *graph.Node) bool { return x.ancestors(o)[n] }) {
			both = append(both, n)
		}
	}
	slices.SortFunc(both, func(a, b *graph.Node) int { return int(a.ID() - b.ID()) })
	return both
}
