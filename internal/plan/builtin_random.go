package plan

import (
	"fmt"
	"math"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/lower"
)

// Ops that draw random numbers. Gorgonia seeds them with the time of day. Here the
// numbers depend only on the node and the clock, so that a gradient can draw them
// again.

// keyOf returns the key of a node's stream of random numbers.
func keyOf(n *gorgonia.Node) uint64 {
	return lower.RandomKey(0, fmt.Sprintf("gorgonia node %d", n.ID()))
}

// mask reads the fields of a dropout or its gradient and draws the numbers u of the
// dropout's node. expr applies the dropout by u to x. If drops is false, nothing is
// dropped and u is not drawn.
func (s *opContext) mask(node *gorgonia.Node) (expr func(x, u lower.Expr) lower.Expr, u lower.Value, drops bool) {
	rate := s.float("probability")
	training, stale := s.trains()
	s.m.Stale = stale
	if s.err != nil || !training || rate == 0 {
		return nil, 0, false
	}
	if len(s.in[0]) == 0 {
		s.host("it drops a scalar")
		return nil, 0, false
	}
	clock := s.start(OpState{Clock: true})
	u = s.f.Apply(lower.Random{Kind: lower.RandomUniform, Key: keyOf(node), Shape: s.in[0]}, clock[0])[0]
	// Uniforms are multiples of 2^-24. So is the bound, which is therefore exact in
	// float32.
	bound := lower.Num(math.Ceil(rate*0x1p24) * 0x1p-24)
	return func(x, u lower.Expr) lower.Expr {
		return lower.Where(u.Less(bound), lower.Num(0), x.Mul(lower.Num(1/(1-rate))))
	}, u, true
}

func builtinDropout(s *opContext) lower.Value {
	if !s.hasOperands(1) {
		return 0
	}
	e, u, drops := s.mask(s.node)
	if !drops {
		return s.f.In(0)
	}
	return s.f.Map(e(lower.Arg(0), lower.Arg(1)), s.f.In(0), u)
}

// builtinDropoutGrad has the operands x, y and g: the dropout's operand, its result
// and the result's gradient. It draws the dropout's mask again.
func builtinDropoutGrad(s *opContext) lower.Value {
	if !s.hasOperands(3) {
		return 0
	}
	s.m.Fault = "the gradient is divided by the probability of dropping, not of keeping, is 0 where the input is 0, and is masked outside of training"
	e, u, drops := s.mask(s.operands[1])
	if !drops {
		return s.f.In(2)
	}
	return s.f.Map(e(lower.Arg(0), lower.Arg(1)), s.f.In(2), u)
}

// builtinRandom draws the numbers of a random node.
func builtinRandom(s *opContext) lower.Value {
	which, a, b := s.code("which"), s.float("a"), s.float("b")
	if s.err != nil {
		return 0
	}
	shape := s.out
	if len(shape) == 0 {
		shape = lower.Shape{1}
	}
	kind, x, e := lower.RandomUniform, lower.Arg(0), lower.Expr{}
	switch which {
	case 0:
		e = x.Mul(lower.Num(b - a)).Add(lower.Num(a))
	case 1:
		kind, e = lower.RandomNormal, x.Mul(lower.Num(b)).Add(lower.Num(a))
	default:
		if a != 1 {
			return s.host("package lower does not draw a binomial of several trials")
		}
		e = x.Less(lower.Num(math.Ceil(b*0x1p24) * 0x1p-24))
	}
	clock := s.start(OpState{Clock: true})
	return s.f.Map(e, s.f.Apply(lower.Random{Kind: kind, Key: keyOf(s.node), Shape: shape}, clock[0])[0])
}
