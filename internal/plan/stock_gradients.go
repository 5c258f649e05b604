package plan

import (
	"math"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/lower"
)

// Gradients that Gorgonia writes wrong. What it writes is told from the same
// nodes written by a user by its first operand: the derivative of the very node
// that it would be the gradient through.

// log2 is the gradient through a logarithm to base 2, which Gorgonia writes as
// g / (x / ln 2).
func (k *seeker) log2(n *gorgonia.Node) *finding {
	g, quotient := k.elementwise(n, "÷ false")
	x, ln2 := k.elementwise(quotient, "÷ false")
	if x == nil || k.source(g, x, "log2") == nil {
		return nil
	}
	if c, ok := directConstant(ln2); !ok || math.Abs(c-math.Ln2) > 1e-6 {
		return nil
	}
	return &finding{
		from: []*gorgonia.Node{g, x},
		build: func(f *lower.Func) lower.Value {
			return f.Map(lower.Arg(0).Div(lower.Arg(1).Mul(lower.Num(math.Ln2))), f.In(0), f.In(1))
		},
		fault: "the gradient of log2 is ln(2)^2 of what it should be",
	}
}

// inverseSqrt is the gradient through y = 1/sqrt(x), which Gorgonia writes as
// -(g / (2*y^3)).
func (k *seeker) inverseSqrt(n *gorgonia.Node) *finding {
	g, double := k.elementwise(k.unary(n, "neg"), "÷ false")
	two, cube := k.elementwise(double, "⊙ false")
	y := k.unary(cube, "cube")
	if y == nil || k.source(g, k.unary(y, "invSqrt"), "invSqrt") != y {
		return nil
	}
	if c, ok := directConstant(two); !ok || c != 2 {
		return nil
	}
	return &finding{
		from: []*gorgonia.Node{g, y},
		build: func(f *lower.Func) lower.Value {
			y := lower.Arg(1)
			return f.Map(lower.Arg(0).Mul(lower.Num(-0.5)).Mul(y.Mul(y).Mul(y)), f.In(0), f.In(1))
		},
		fault: "the gradient of the inverse square root divides by the cube of the result instead of multiplying",
	}
}

// outer is the gradient through the outer product of vectors a and b of one
// length, which Gorgonia writes as g^T a and g^T b. Theirs are g b and g^T a.
// Both of a vector's product with itself are one node, which is added to itself.
func (k *seeker) outer(n *gorgonia.Node) *finding {
	s := k.site(n, "linAlgBinOp")
	if s == nil || len(s.operands) != 2 {
		return nil
	}
	same := s.code("āBinaryOperator") == productMatVec && s.bool("transA")
	k.note(s)
	if !same {
		return nil
	}
	g, v := s.operands[0], s.operands[1]
	for _, z := range g.DerivOf() {
		o := k.site(z, "linAlgBinOp")
		if o == nil || len(o.operands) != 2 || o.code("āBinaryOperator") != productOuter {
			continue
		}
		a, b := o.operands[0], o.operands[1]
		if v != a && v != b {
			continue
		}
		return &finding{
			from: []*gorgonia.Node{g, a, b},
			build: func(f *lower.Func) lower.Value {
				byA, byB := matVec(f, f.Transpose(f.In(0), 1, 0), f.In(1)), matVec(f, f.In(0), f.In(2))
				switch {
				case a == b:
					return f.Map(lower.Arg(0).Add(lower.Arg(1)).Mul(lower.Num(0.5)), byA, byB)
				case v == a:
					return byB
				}
				return byA
			},
			fault: "the gradients of an outer product multiply by the wrong vector",
		}
	}
	return nil
}

func matVec(f *lower.Func, m, v lower.Value) lower.Value {
	y := f.MatMul(m, f.Reshape(v, f.Shape(v).Size(), 1))
	return f.Reshape(y, f.Shape(m)[0])
}

// unary returns the operand of an elementwise function.
func (k *seeker) unary(n *gorgonia.Node, name string) *gorgonia.Node {
	if n == nil || textOf(n) != name {
		return nil
	}
	return k.through(n, "elemUnaryOp")
}

// elementwise returns the operands of an elementwise function of two.
func (k *seeker) elementwise(n *gorgonia.Node, text string) (a, b *gorgonia.Node) {
	if n == nil || textOf(n) != text {
		return nil, nil
	}
	if s := k.site(n, "elemBinOp"); s != nil && len(s.operands) == 2 {
		return s.operands[0], s.operands[1]
	}
	return nil, nil
}

// source returns the node that is the named function of x and has g as its derivative.
func (k *seeker) source(g, x *gorgonia.Node, name string) *gorgonia.Node {
	if x == nil {
		return nil
	}
	for _, y := range g.DerivOf() {
		if k.unary(y, name) == x {
			return y
		}
	}
	return nil
}
