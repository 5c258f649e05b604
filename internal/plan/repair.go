package plan

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/exprgraph"
)

// repairShapes corrects the shapes that Gorgonia infers wrongly: those of the
// gradients of an outer product of vectors of unequal lengths, and of the nodes
// computed from them.
func (g *gatherer) repairShapes() {
	k := g.matcher
	repaired := map[*graph.Node]bool{}
	for _, o := range g.order {
		var shape tensor.Shape
		if _, v, ok := k.outerGrad(o.Node); ok {
			shape = v.Shape() // Gorgonia multiplies by the vector whose gradient this is
		}
		for i := 0; shape == nil && i < len(o.Operands); i++ {
			if repaired[o.Operands[i]] {
				shape = inferShape(o)
			}
		}
		if shape == nil || shape.Eq(o.Node.Shape()) || shape.Dims() != o.Node.Dims() {
			continue
		}
		exprgraph.WithBuildLock(func() { gorgonia.WithShape(shape...)(o.Node) })
		k.forget(o.Node)
		repaired[o.Node] = true
	}
}

// inferShape infers a node's shape from its operands' present shapes. It returns nil
// if the operands do not fit.
func inferShape(o exprgraph.Ordered) tensor.Shape {
	if o.Node.Op() == nil {
		return nil
	}
	in := make([]gorgonia.DimSizer, len(o.Operands))
	for i, x := range o.Operands {
		if size, ok := x.Op().(gorgonia.DimSizer); ok {
			in[i] = size
		} else {
			in[i] = x.Shape()
		}
	}
	shape, err := o.Node.Op().InferShape(in...)
	if err != nil {
		return nil
	}
	return shape
}
