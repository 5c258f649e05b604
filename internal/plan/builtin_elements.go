package plan

import (
	"fmt"
	"math"
	"strings"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/lower"
)

// unaries are Gorgonia's elementwise functions of one argument.
var unaries = map[string]func(x lower.Expr) lower.Expr{
	"abs":      lower.Abs,
	"sign":     func(x lower.Expr) lower.Expr { return lower.Where(x.Less(lower.Num(0)), lower.Num(-1), lower.Num(1)) },
	"ceil":     lower.Ceil,
	"floor":    lower.Floor,
	"sin":      lower.Sin,
	"cos":      lower.Cos,
	"exp":      lower.Exp,
	"ln":       lower.Log,
	"log2":     func(x lower.Expr) lower.Expr { return lower.Log(x).Mul(lower.Num(1 / math.Ln2)) },
	"neg":      lower.Expr.Neg,
	"square":   lower.Expr.Square,
	"sqrt":     lower.Sqrt,
	"inv":      func(x lower.Expr) lower.Expr { return lower.Num(1).Div(x) },
	"invSqrt":  func(x lower.Expr) lower.Expr { return lower.Num(1).Div(lower.Sqrt(x)) },
	"cube":     func(x lower.Expr) lower.Expr { return x.Mul(x).Mul(x) },
	"tanh":     lower.Tanh,
	"sigmoid":  lower.Sigmoid,
	"log1p":    lower.Log1p,
	"expm1":    lower.Expm1,
	"softplus": lower.Softplus,
}

// binaries are Gorgonia's elementwise functions of two arguments. Comparisons yield 1
// or 0. If an argument is NaN, != yields 1 and all others 0.
var binaries = map[string]func(a, b lower.Expr) lower.Expr{
	"+":  lower.Expr.Add,
	"-":  lower.Expr.Sub,
	"⊙":  lower.Expr.Mul,
	"÷":  lower.Expr.Div,
	"^":  lower.Pow,
	"<":  lower.Expr.Less,
	">":  func(a, b lower.Expr) lower.Expr { return b.Less(a) },
	"<=": func(a, b lower.Expr) lower.Expr { return atLeast(b, a) },
	">=": atLeast,
	"==": equal,
	"!=": func(a, b lower.Expr) lower.Expr { return lower.Num(1).Sub(equal(a, b)) },
}

// edges says where Gorgonia's elementwise functions differ from their definitions.
var edges = map[string]string{
	"sign":     "it is -1 for -0",
	"sigmoid":  "it is 1 above 19 (float32: 15) and 0 below -709 (-88)",
	"softplus": "it is x above 16 (float32: 14), off by up to 1e-7",
}

// atLeast is 1 where a >= b.
func atLeast(a, b lower.Expr) lower.Expr {
	zero, one := lower.Num(0), lower.Num(1)
	if c, ok := finite(b); ok { // if a < c is false, a is greater than some number below c, or NaN
		return lower.Where(a.Less(b), zero, lower.Num(c-max(1, math.Abs(c))).Less(a))
	}
	if c, ok := finite(a); ok {
		return lower.Where(a.Less(b), zero, b.Less(lower.Num(c+max(1, math.Abs(c)))))
	}
	return lower.Where(a.Less(b), zero, lower.Where(b.Less(a), one, isNumber(a.Add(b))))
}

// equal is 1 where a == b.
func equal(a, b lower.Expr) lower.Expr {
	// The sum of equal numbers is NaN only if both are.
	return lower.Where(lower.Max(a.Less(b), b.Less(a)), lower.Num(0), isNumber(a.Add(b)))
}

// isNumber is 0 where x is NaN, else 1.
func isNumber(x lower.Expr) lower.Expr {
	return lower.Max(x.Less(lower.Num(1)), lower.Num(0).Less(x))
}

func finite(e lower.Expr) (float64, bool) {
	if e.Fn() != lower.FnNum || math.IsInf(e.Value(), 0) || math.IsNaN(e.Value()) {
		return 0, false
	}
	return e.Value(), true
}

func builtinUnary(s *opContext) lower.Value {
	name := s.opText()
	e, ok := unaries[name]
	if !ok {
		return s.host("package lower has no function " + name)
	}
	if !s.hasOperands(1) {
		return 0
	}
	s.m.Edge = edges[name]
	return s.f.Map(e(lower.Arg(0)), s.f.In(0))
}

func builtinBinary(s *opContext) lower.Value {
	name, same, ok := strings.Cut(s.opText(), " ")
	if !ok || same != "true" && same != "false" {
		s.err = fmt.Errorf("plan: Gorgonia's elementwise op calls itself %q, not \"op bool\" as in version 0.9.18: use that version", s.node.Op())
	}
	if !s.hasOperands(2) {
		return 0
	}
	if name == "^" {
		if c, constant := constantOf(s.operands[1]); constant {
			return s.f.Map(powerOf(lower.Arg(0), c), s.broadcast(0))
		}
	}
	e, known := binaries[name]
	if !known {
		return s.host("package lower has no operator " + name)
	}
	// A constant scalar becomes part of the expression.
	args, xs := make([]lower.Expr, 2), []lower.Value{}
	for i, x := range s.operands {
		c, constant := directConstant(x)
		if constant && (i == 0 || len(xs) > 0) {
			args[i] = lower.Num(c)
			continue
		}
		args[i] = lower.Arg(len(xs))
		xs = append(xs, s.broadcast(i))
	}
	return s.f.Map(e(args[0], args[1]), xs...)
}

func (s *opContext) between(e func(a, b lower.Expr) lower.Expr) lower.Value {
	if !s.hasOperands(2) {
		return 0
	}
	s.m.Edge = "NaN counts as neither greater nor less"
	return s.f.Map(e(lower.Arg(0), lower.Arg(1)), s.broadcast(0), s.broadcast(1))
}

// opText returns the op's String.
func (s *opContext) opText() string { return s.facts.textAt(s.node) }

func textOf(n *gorgonia.Node) string {
	if t, ok := n.Op().(fmt.Stringer); ok {
		return t.String()
	}
	return ""
}

// broadcast reads operand i in the node's shape. An operand of one element is
// broadcast; any other has as many elements as the node.
func (s *opContext) broadcast(i int) lower.Value { return broadcastTo(s.f, s.f.In(i), s.out) }

func broadcastTo(f *lower.Func, x lower.Value, shape lower.Shape) lower.Value {
	if f.Shape(x).Size() == 1 {
		return f.Broadcast(f.Reshape(x), shape...)
	}
	return f.Reshape(x, shape...)
}

// powerOf is x^c: by multiplications for whole and half exponents up to 64, else by
// exponential and logarithm.
func powerOf(x lower.Expr, c float64) lower.Expr {
	whole, part := math.Modf(math.Abs(c))
	if whole > 64 || part != 0 && part != 0.5 {
		y := lower.Exp(lower.Log(x).Mul(lower.Num(c)))
		if part == 0 {
			y = lower.Exp(lower.Log(lower.Abs(x)).Mul(lower.Num(c)))
			if math.Mod(whole, 2) == 1 {
				y = lower.Where(x.Less(lower.Num(0)), y.Neg(), y)
			}
		}
		return y
	}
	y := lower.Num(1)
	for i, square := int(whole), x; i > 0; i, square = i/2, square.Mul(square) {
		if i%2 == 1 {
			y = times(y, square)
		}
	}
	if part == 0.5 {
		y = times(y, lower.Sqrt(x))
	}
	if c < 0 {
		y = lower.Num(1).Div(y)
	}
	return y
}

func times(a, b lower.Expr) lower.Expr {
	if c, ok := finite(a); ok && c == 1 {
		return b
	}
	return a.Mul(b)
}
