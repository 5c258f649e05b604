package compiled

import (
	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/exprgraph"
	"github.com/stheno-ml/stheno/internal/plan"
)

// sourceOf returns the source of a plan that computes the kept nodes, and the nodes
// that these depend on.
func sourceOf(g *gorgonia.ExprGraph, keep []*graph.Node) (plan.Source, []exprgraph.Ordered, error) {
	order, err := exprgraph.Order(g, keep...)
	return plan.Source{Graph: g, Dtype: majorityDtype(order), Keep: keep}, order, err
}

// majorityDtype returns the float type of most elements that nodes compute and read. A
// machine's engine runs one type; the host computes values of other types.
func majorityDtype(order []exprgraph.Ordered) graph.Dtype {
	work := map[graph.Dtype]int{}
	sizes := make(map[*graph.Node]int, len(order)) // computed once per node, because Shape returns a copy
	for _, o := range order {
		sizes[o.Node] = graph.Shape(o.Node.Shape()).Size()
		if o.Node.Op() == nil {
			continue
		}
		d := o.Node.Dtype()
		work[d] += sizes[o.Node]
		for _, x := range o.Operands {
			work[d] += sizes[x]
		}
	}
	if work[graph.Float32] > work[graph.Float64] {
		return graph.Float32
	}
	return graph.Float64
}
