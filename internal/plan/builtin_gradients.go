package plan

import (
	"math"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/lower"
)

// Patterns of gradients that Gorgonia writes wrongly. A user may write the same nodes
// by hand. The first operand tells the two apart: in a gradient it is the derivative
// of the very node that the gradient goes through.

// log2Grad matches the gradient through a logarithm to base 2, which Gorgonia writes
// as g / (x / ln 2).
func (k *Matcher) log2Grad(n *gorgonia.Node) *match {
	g, quotient := k.elementwise(n, "÷ false")
	x, ln2 := k.elementwise(quotient, "÷ false")
	if x == nil || k.functionOf(g, x, "log2") == nil {
		return nil
	}
	if c, ok := directConstant(ln2); !ok || math.Abs(c-math.Ln2) > 1e-6 {
		return nil
	}
	return &match{
		from: []*gorgonia.Node{g, x},
		build: func(f *lower.Func) lower.Value {
			return f.Map(lower.Arg(0).Div(lower.Arg(1).Mul(lower.Num(math.Ln2))), f.In(0), f.In(1))
		},
		fault: "the gradient of log2 is ln(2)^2 of what it should be",
	}
}

// inverseSqrtGrad matches the gradient through y = 1/sqrt(x), which Gorgonia writes
// as -(g / (2*y^3)).
func (k *Matcher) inverseSqrtGrad(n *gorgonia.Node) *match {
	g, double := k.elementwise(k.unary(n, "neg"), "÷ false")
	two, cube := k.elementwise(double, "⊙ false")
	y := k.unary(cube, "cube")
	if y == nil || k.functionOf(g, k.unary(y, "invSqrt"), "invSqrt") != y {
		return nil
	}
	if c, ok := directConstant(two); !ok || c != 2 {
		return nil
	}
	return &match{
		from: []*gorgonia.Node{g, y},
		build: func(f *lower.Func) lower.Value {
			y := lower.Arg(1)
			return f.Map(lower.Arg(0).Mul(lower.Num(-0.5)).Mul(y.Mul(y).Mul(y)), f.In(0), f.In(1))
		},
		fault: "the gradient of the inverse square root divides by the cube of the result instead of multiplying",
	}
}

// powerBaseGrad matches the gradient through z = x^y with respect to x, which
// Gorgonia writes as g*y * x^(y-1). That is NaN where x and y are 0.
func (k *Matcher) powerBaseGrad(n *gorgonia.Node) *match {
	gy, power := k.elementwise(n, "⊙ false")
	g, y := k.elementwise(gy, "⊙ false")
	x, less := k.elementwise(power, "^ false")
	if of, _ := k.elementwise(less, "- false"); g == nil || x == nil || of != y || k.powerOf(g, x, y) == nil {
		return nil
	}
	grad := lower.Arg(0).Mul(lower.Arg(2)).Mul(lower.Pow(lower.Arg(1), lower.Arg(2).Sub(lower.Num(1))))
	grad = lower.Where(lower.Arg(2), grad, lower.Num(0))
	if c, ok := constantOf(y); ok && c == 0 {
		grad = lower.Num(0)
	} else if ok {
		return nil // Gorgonia's gradient is right
	}
	return matchMap3(n, g, x, y, grad, "for x and y of 0 the gradient of x^y is NaN")
}

// powerExponentGrad matches the gradient through z = x^y with respect to y, which
// Gorgonia writes as g*z * ln x. That is NaN where x is 0.
func (k *Matcher) powerExponentGrad(n *gorgonia.Node) *match {
	gz, log := k.elementwise(n, "⊙ false")
	g, z := k.elementwise(gz, "⊙ false")
	x := k.unary(log, "ln")
	if g == nil || x == nil || k.powerOf(g, x, nil) != z {
		return nil
	}
	grad := lower.Arg(0).Mul(lower.Arg(2)).Mul(lower.Log(lower.Arg(1)))
	grad = lower.Where(lower.Arg(1), grad, lower.Num(0))
	return matchMap3(n, g, x, z, grad, "for x of 0 the gradient of x^y with respect to y is NaN")
}

// matchMap3 is a match with an expression of three nodes, each of the shape of n or a
// single number.
func matchMap3(n, a, b, c *gorgonia.Node, e lower.Expr, edge string) *match {
	return &match{
		from: []*gorgonia.Node{a, b, c},
		build: func(f *lower.Func) lower.Value {
			in := make([]lower.Value, 3)
			for i := range in {
				in[i] = broadcastTo(f, f.In(i), shapeOf(n))
			}
			return f.Map(e, in...)
		},
		edge: edge,
	}
}

// powerOf returns the node that is x to the power of y, with derivative g. If y is
// nil, any exponent will do.
func (k *Matcher) powerOf(g, x, y *gorgonia.Node) *gorgonia.Node {
	for _, z := range g.DerivOf() {
		if a, b := k.elementwise(z, "^ false"); a == x && (y == nil || b == y) {
			return z
		}
	}
	return nil
}

// outerProductGrad matches the gradient through the outer product of vectors a and b,
// which Gorgonia writes as g^T a and g^T b. Right are g b and g^T a. For a vector's
// product with itself both are one node, which Gorgonia adds to itself.
func (k *Matcher) outerProductGrad(n *gorgonia.Node) *match {
	o, v, ok := k.outerGrad(n)
	if !ok {
		return nil
	}
	a, b := o.operands[0], o.operands[1]
	return &match{
		from: []*gorgonia.Node{k.operandsOf(n)[0], a, b},
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

// outerGrad returns the outer product whose gradient a node is, as Gorgonia writes
// it, and the vector by which the node multiplies.
func (k *Matcher) outerGrad(n *gorgonia.Node) (o *opContext, v *gorgonia.Node, ok bool) {
	operands := k.operandsAt(n, "linAlgBinOp")
	if len(operands) != 2 {
		return nil, nil, false
	}
	s := fieldsOf(n, "linAlgBinOp")
	same := s.code("āBinaryOperator") == productMatVec && s.bool("transA")
	k.keepErr(&s)
	if !same {
		return nil, nil, false
	}
	g, v := operands[0], operands[1]
	for _, z := range g.DerivOf() {
		if k.at(z).kind != "linAlgBinOp" {
			continue
		}
		if of := fieldsOf(z, "linAlgBinOp"); of.code("āBinaryOperator") != productOuter {
			continue
		}
		if o := k.contextAt(z, "linAlgBinOp"); o != nil && len(o.operands) == 2 && (v == o.operands[0] || v == o.operands[1]) {
			return o, v, true
		}
	}
	return nil, nil, false
}

func matVec(f *lower.Func, m, v lower.Value) lower.Value {
	y := f.MatMul(m, f.Reshape(v, f.Shape(v).Size(), 1))
	return f.Reshape(y, f.Shape(m)[0])
}

// unary returns the operand of the named elementwise function of one argument.
func (k *Matcher) unary(n *gorgonia.Node, name string) *gorgonia.Node {
	if n == nil || k.at(n).kind != "elemUnaryOp" || k.textAt(n) != name {
		return nil
	}
	return k.operandAt(n, "elemUnaryOp")
}

// elementwise returns the operands of an elementwise function of two arguments.
func (k *Matcher) elementwise(n *gorgonia.Node, text string) (a, b *gorgonia.Node) {
	if n == nil || k.at(n).kind != "elemBinOp" || k.textAt(n) != text {
		return nil, nil
	}
	if operands := k.operandsAt(n, "elemBinOp"); len(operands) == 2 {
		return operands[0], operands[1]
	}
	return nil, nil
}

// functionOf returns the node that is the named function of x and has the derivative
// g.
func (k *Matcher) functionOf(g, x *gorgonia.Node, name string) *gorgonia.Node {
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
