package plan

import (
	"fmt"
	"slices"

	"github.com/stheno-ml/stheno/graph"
)

// Checks for wrong gradients: Gorgonia's Grad skips nodes that already have a
// gradient.

// secondGrad checks for a cost that was differentiated after another cost that
// depends on the same inputs.
func (x *graphFacts) secondGrad(n *graph.Node) string {
	for _, first := range x.costs[:max(0, slices.Index(x.costs, n))] {
		if both := x.differentiated(n, first); len(both) > 0 && x.gradOfGrad(n) == "" {
			return fmt.Sprintf("it was differentiated after %s in one graph: %s, on which both depend, keep the gradients of the first; use package graph's Grad, or one graph for each", first.Name(), names(both))
		}
	}
	return ""
}

// gradOfGrad checks for a differentiated cost that depends on gradients.
func (x *graphFacts) gradOfGrad(n *graph.Node) string {
	if !slices.Contains(x.costs, n) {
		return ""
	}
	for g := range x.ancestors(n) {
		if IsConstant(g) || len(g.DerivOf()) == 0 || slices.Contains(g.DerivOf(), n) {
			continue
		}
		if both := x.differentiated(n, g.DerivOf()...); len(both) > 0 {
			return fmt.Sprintf("it depends on gradients of the same graph and was differentiated: the second derivatives with respect to %s miss some paths; use package graph's Grad", names(both))
		}
	}
	return ""
}

// differentiated returns the inputs with a gradient that both the cost and one of the
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
