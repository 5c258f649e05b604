package compiled

import (
	"slices"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/exprgraph"
	"github.com/stheno-ml/stheno/internal/op"
	"github.com/stheno-ml/stheno/internal/plan"
)

// publisher decides which nodes are published. A program can ask for every node of the
// forward pass and for the gradients of inputs. It cannot ask for the interior nodes
// of a convolution or a broadcast, nor for those of the backward pass, so that a plan
// may fuse them.
type publisher struct {
	gradient map[*graph.Node]bool // nodes of the backward pass
	interior map[*graph.Node]bool // inside a pattern of one Gorgonia call
	read     map[*graph.Node]bool // nodes that another node reads
	named    map[*graph.Node]bool // nodes that the program asks for
}

func newPublisher(g *gorgonia.ExprGraph) (publisher, error) {
	many := len(g.AllNodes())
	some := func() map[*graph.Node]bool { return make(map[*graph.Node]bool, many) }
	p := publisher{some(), map[*graph.Node]bool{}, some(), map[*graph.Node]bool{}}
	order, err := exprgraph.Order(g, g.AllNodes()...)
	if err != nil {
		return p, err
	}
	operands, readers := make(map[*graph.Node][]*graph.Node, many), make(map[*graph.Node][]*graph.Node, many)
	for _, o := range order {
		n := o.Node
		operands[n] = o.Operands
		for _, x := range o.Operands {
			readers[x] = append(readers[x], n)
			p.read[x] = p.read[x] || !isStatement(n)
		}
	}
	for _, o := range order {
		n := o.Node
		p.gradient[n] = len(o.Operands) > 0 && n.Deriv() == nil && (len(n.DerivOf()) > 0 || p.unusedGradient(n) ||
			slices.ContainsFunc(o.Operands, func(x *graph.Node) bool { return p.gradient[x] }))
	}
	// A node that only gradients read belongs to the backward pass too: for example the
	// derivative of an activation, which is computed from the activation's operand.
	for _, o := range slices.Backward(order) {
		n := o.Node
		if n.Op() != nil && n.Deriv() == nil && p.read[n] {
			p.gradient[n] = p.gradient[n] || !slices.ContainsFunc(readers[n], func(r *graph.Node) bool { return !p.gradient[r] })
		}
	}
	return p, p.markPatternInteriors(order, operands, readers)
}

// markPatternInteriors marks the nodes inside a pattern of several nodes that nothing
// outside the pattern reads, except the backward pass.
func (p publisher) markPatternInteriors(order []exprgraph.Ordered, operands, readers map[*graph.Node][]*graph.Node) error {
	matcher := plan.NewMatcher(len(order), func(n *graph.Node) []*graph.Node { return operands[n] })
	for i := len(order) - 1; i >= 0; i-- {
		n := order[i].Node
		if n.Op() == nil || p.gradient[n] {
			continue
		}
		if _, ours := op.At(n); ours {
			continue
		}
		_, from, ok, err := matcher.Match(n)
		if err != nil {
			return err
		}
		var interior []*graph.Node
		for walk := operands[n]; ok && len(walk) > 0; walk = walk[1:] {
			x := walk[0]
			if x.Op() == nil || slices.Contains(from, x) || slices.Contains(interior, x) {
				continue
			}
			if slices.ContainsFunc(readers[x], func(r *graph.Node) bool {
				return r != n && !slices.Contains(interior, r) && !p.gradient[r]
			}) {
				continue
			}
			interior = append(interior, x)
			walk = append(slices.Clone(walk), operands[x]...)
		}
		for _, x := range interior {
			p.interior[x] = true
		}
	}
	return nil
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
	switch plan.KindOf(n.Op()) {
	case "im2colOp", "col2imOp", "repeatOp":
		return !p.read[n]
	}
	if p.interior[n] {
		return false
	}
	return !p.gradient[n] || !p.read[n] && !p.unusedGradient(n) && !p.gradientOfInterior(n)
}

// unusedGradient reports whether Gorgonia created a node while differentiating and did not
// use it, for example for a comparison or for an input whose gradient is not wanted. It
// is no node's derivative, and Grad did not return it.
func (p publisher) unusedGradient(n *graph.Node) bool {
	return !p.read[n] && len(n.DerivOf()) == 0 && slices.Contains(gradientGroups[:], plan.GroupOf(n))
}

// gradientGroups are Gorgonia's names for the groups of nodes that it creates while
// differentiating.
var gradientGroups = [...]string{"gradients", "undifferentiated nodes"}

// gradientOfInterior reports whether a node is the gradient of interior nodes only, which
// no program can ask for. Gorgonia creates it in any case.
func (p publisher) gradientOfInterior(n *graph.Node) bool {
	of := n.DerivOf()
	return len(of) > 0 && !slices.ContainsFunc(of, func(x *graph.Node) bool { return !p.interior[x] })
}
