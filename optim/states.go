package optim

import (
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
)

// stateOf returns a state with the shape of the weight, which starts at zero.
func stateOf(b *graph.Builder, what string, weight *graph.Node) *graph.Node {
	p := b.ParamOf(weight)
	return b.State(what+"/"+p.Name(), nil, p.Shape()...)
}

// scalarOf returns a state of one number for the weight, which starts at zero.
func scalarOf(b *graph.Builder, what string, weight *graph.Node) *graph.Node {
	p := b.ParamOf(weight)
	return b.State(what+"/"+p.Name(), nil, oneFor(p)...)
}

// oneFor is the shape of a number that belongs to the parameter: one element, and no axes
// if the parameter has none.
func oneFor(p *graph.Param) graph.Shape { return graph.Shape{1}[:min(1, len(p.Shape()))] }

// stepOf returns the number of the current step of the weight, from 1.
func stepOf(b *graph.Builder, optimizer string, weight *graph.Node) *graph.Node {
	steps := scalarOf(b, optimizer+"/steps", weight)
	next := b.AddConst(steps, 1)
	b.Update(steps, next)
	return next
}

// correction returns 1 - beta^t for the current step t. A state has the value of the
// step before: c = c*beta + (1-beta), which stays precise if beta^t is close to 1.
func correction(b *graph.Builder, what string, weight *graph.Node, beta float64) *graph.Node {
	c := scalarOf(b, what, weight)
	next := b.Map(runningMean(beta, lower.Num(1)), c)
	b.Update(c, next)
	return next
}

// runningMean is beta*mean + (1-beta)*x, where the mean is argument 0.
func runningMean(beta float64, x lower.Expr) lower.Expr {
	return lower.Num(beta).Mul(lower.Arg(0)).Add(lower.Num(1 - beta).Mul(x))
}

// descent returns w - rate*step.
func descent(b *graph.Builder, w, rate, step *graph.Node) *graph.Node {
	return b.Map(lower.Arg(0).Sub(lower.Arg(1).Mul(lower.Arg(2))), w, rate, step)
}
