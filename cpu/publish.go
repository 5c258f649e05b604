package cpu

import (
	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
)

// publisher tells which nodes a program can name: every node of the forward
// pass and the gradients of inputs, but not the insides of a convolution and
// of the backward pass, which a plan may then join and split.
type publisher struct {
	gradient map[*graph.Node]bool // of the backward pass
	read     map[*graph.Node]bool // by another node
	named    map[*graph.Node]bool // by a statement
}

func newPublisher(g *gorgonia.ExprGraph) (publisher, error) {
	p := publisher{map[*graph.Node]bool{}, map[*graph.Node]bool{}, map[*graph.Node]bool{}}
	order, err := graph.Order(g, g.AllNodes()...)
	if err != nil {
		return p, err
	}
	for _, o := range order {
		n := o.Node
		p.gradient[n] = len(o.Operands) > 0 && n.Deriv() == nil && len(n.DerivOf()) > 0
		for _, x := range o.Operands {
			p.read[x] = p.read[x] || !isStatement(n)
			p.gradient[n] = p.gradient[n] || n.Deriv() == nil && p.gradient[x]
		}
	}
	return p, nil
}

func (p publisher) publish(n *graph.Node) bool {
	for _, of := range n.DerivOf() {
		if of.Op() == nil {
			return true
		}
	}
	if p.named[n] {
		return true
	}
	switch kindOf(n) {
	case "gorgonia.im2colOp", "gorgonia.col2imOp":
		return !p.read[n]
	}
	return !p.gradient[n] || !p.read[n]
}
