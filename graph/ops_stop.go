package graph

import "github.com/stheno-ml/stheno/lower"

// passOp returns its first operand. With two operands, the gradient goes to the
// second; with one, to none.
func passOp(name string, arity int) Op[none] {
	return Op[none]{
		Name:  name,
		Arity: arity,
		Shape: func(_ none, in []Shape) ([]Shape, error) { return in[:1], nil },
		Define: func(_ none, in, out []Array) {
			each(out[0].Shape, func(idx []int) { out[0].Set(in[0].At(idx...), idx...) })
		},
		Lower: func(_ none, _ *lower.Func, in []lower.Value) []lower.Value { return in[:1] },
		Grad: func(_ none, p *Pullback) []*Node {
			gs := make([]*Node, arity)
			if arity > 1 {
				gs[arity-1] = p.Grad[0]
			}
			return gs
		},
	}
}

// stopGradientOp is the identity with a gradient of 0.
func stopGradientOp() Op[none] { return passOp("stop_gradient", 1) }

// straightThroughOp is its first operand with the gradient of its second.
func straightThroughOp() Op[none] { return passOp("straight_through", 2) }

// StopGradient is x as a constant: no gradient flows through it.
func (b *Builder) StopGradient(x *Node) *Node { return stopGradientOp().Apply(b, none{}, x) }

// StraightThrough is exactly value, but its gradient goes to x, as if the result were
// x. It is the estimator of Bengio et al. (2013) for a value without a useful
// derivative, such as the nearest code or x rounded. Both have the same shape.
func (b *Builder) StraightThrough(value, x *Node) *Node {
	if !b.sameShapeOrFail("straight-through", value, x) {
		return nil
	}
	return straightThroughOp().Apply(b, none{}, value, x)
}
