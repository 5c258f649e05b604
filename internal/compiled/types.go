package compiled

import (
	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/exprgraph"
	"github.com/stheno-ml/stheno/internal/plan"
)

// sourceOf is what a Gorgonia program wants of its graph: the values of nodes. It
// returns what they depend on, too.
func sourceOf(g *gorgonia.ExprGraph, keep []*graph.Node) (plan.Source, []exprgraph.Ordered, error) {
	order, err := exprgraph.Order(g, keep...)
	return plan.Source{Graph: g, Dtype: majorityDtype(order), Keep: keep}, order, err
}

// mostOf is the type of floats that most elements are of that nodes compute and
// read: a machine's engine runs one, and values of any other are for the host.
func majorityDtype(order []exprgraph.Ordered) graph.Dtype {
	work := map[graph.Dtype]int{}
	sizes := make(map[*graph.Node]int, len(order)) // each asked for once, for to ask makes a copy of the shape
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
