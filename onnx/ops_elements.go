package onnx

import (
	"fmt"
	"math"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/onnxproto"
	"github.com/stheno-ml/stheno/lower"
)

type expr = lower.Expr

func num(v float64) expr { return lower.Num(v) }

// one is an op of one operand, elementwise. Its expression may read attributes.
func one(e func(c *call, x expr) expr) operation {
	return operation{1, false, func(c *call) ([]value, error) {
		x, err := c.x(0)
		if err != nil {
			return nil, err
		}
		return c.typed(c.b.Map(e(c, lower.Arg(0)), x), c.in[0].whole)
	}}
}

// two is an op of two operands, elementwise, that broadcast.
func two(e func(c *call, x, y expr) expr) operation {
	return operation{2, false, func(c *call) ([]value, error) {
		in, err := c.all(2)
		if err != nil {
			return nil, err
		}
		if c.attribute("axis") != nil { // before version 7, the second operand began there
			return nil, fmt.Errorf("broadcasting from an axis on is not supported: export it with ops of version 7 or newer")
		}
		return c.typed(c.b.Map(e(c, lower.Arg(0), lower.Arg(1)), in...), c.in[0].whole && c.in[1].whole)
	}}
}

func abs(_ *call, x expr) expr        { return lower.Abs(x) }
func ceil(_ *call, x expr) expr       { return lower.Ceil(x) }
func cos(_ *call, x expr) expr        { return lower.Cos(x) }
func erf(_ *call, x expr) expr        { return lower.Erf(x) }
func exp(_ *call, x expr) expr        { return lower.Exp(x) }
func floor(_ *call, x expr) expr      { return lower.Floor(x) }
func logarithm(_ *call, x expr) expr  { return lower.Log(x) }
func neg(_ *call, x expr) expr        { return x.Neg() }
func not(_ *call, x expr) expr        { return num(1).Sub(x) }
func reciprocal(_ *call, x expr) expr { return num(1).Div(x) }
func relu(_ *call, x expr) expr       { return lower.Max(x, num(0)) }
func sigmoid(_ *call, x expr) expr    { return lower.Sigmoid(x) }
func sin(_ *call, x expr) expr        { return lower.Sin(x) }
func softplus(_ *call, x expr) expr   { return lower.Softplus(x) }
func softsign(_ *call, x expr) expr   { return x.Div(num(1).Add(lower.Abs(x))) }
func sqrt(_ *call, x expr) expr       { return lower.Sqrt(x) }
func tan(_ *call, x expr) expr        { return lower.Sin(x).Div(lower.Cos(x)) }
func tanh(_ *call, x expr) expr       { return lower.Tanh(x) }
func mish(_ *call, x expr) expr       { return x.Mul(lower.Tanh(lower.Softplus(x))) }
func swish(c *call, x expr) expr      { return x.Mul(lower.Sigmoid(x.Mul(num(c.number("alpha", 1))))) }
func sign(_ *call, x expr) expr {
	return num(0).Less(x).Sub(x.Less(num(0)))
}

// round rounds halves to the even number.
func round(_ *call, x expr) expr {
	up := lower.Floor(x.Add(num(0.5)))
	odd := up.Sub(num(2).Mul(lower.Floor(up.Mul(num(0.5)))))
	half := same(up.Sub(x), num(0.5))
	return up.Sub(odd.Mul(half))
}

// same is 1 where x = y, else 0.
func same(x, y expr) expr {
	return num(1).Sub(x.Less(y)).Sub(y.Less(x))
}

func elu(c *call, x expr) expr {
	return lower.Max(x, num(0)).Add(num(c.number("alpha", 1)).Mul(lower.Expm1(lower.Min(num(0), x))))
}

func celu(c *call, x expr) expr {
	alpha := num(c.number("alpha", 1))
	return lower.Max(x, num(0)).Add(alpha.Mul(lower.Expm1(lower.Min(num(0), x.Div(alpha)))))
}

func selu(c *call, x expr) expr {
	alpha, gamma := c.number("alpha", 1.67326319217681884765625), c.number("gamma", 1.05070102214813232421875)
	return num(gamma).Mul(lower.Max(x, num(0)).Add(num(alpha).Mul(lower.Expm1(lower.Min(num(0), x)))))
}

func gelu(c *call, x expr) expr {
	inner := lower.Erf(x.Mul(num(1 / math.Sqrt2)))
	if c.text("approximate", "none") == "tanh" {
		inner = lower.Tanh(num(math.Sqrt(2 / math.Pi)).Mul(x.Add(num(0.044715).Mul(x.Square().Mul(x)))))
	}
	return x.Mul(num(0.5)).Mul(num(1).Add(inner))
}

func hardSigmoid(c *call, x expr) expr {
	return lower.Max(num(0), lower.Min(num(1), num(c.number("alpha", 0.2)).Mul(x).Add(num(c.number("beta", 0.5)))))
}

func hardSwish(_ *call, x expr) expr {
	return x.Mul(lower.Max(num(0), lower.Min(num(1), x.Div(num(6)).Add(num(0.5)))))
}

func leakyRelu(c *call, x expr) expr {
	return x.Mul(lower.Where(num(0).Less(x), num(1), num(c.number("alpha", 0.01))))
}

func thresholdedRelu(c *call, x expr) expr {
	return lower.Where(num(c.number("alpha", 1)).Less(x), x, num(0))
}

func add(_ *call, x, y expr) expr { return x.Add(y) }
func sub(_ *call, x, y expr) expr { return x.Sub(y) }
func mul(_ *call, x, y expr) expr { return x.Mul(y) }
func pow(_ *call, x, y expr) expr { return lower.Pow(x, y) }

// div of integers drops what is left.
func div(c *call, x, y expr) expr {
	q := x.Div(y)
	if c.in[0].whole && c.in[1].whole {
		q = lower.Where(q.Less(num(0)), lower.Ceil(q), lower.Floor(q))
	}
	return q
}

// mod is what is left of a division of whole numbers.
func mod(c *call) ([]value, error) {
	if !c.in[0].whole || !c.in[1].whole {
		return nil, fmt.Errorf("a remainder of numbers that are not whole is not supported")
	}
	return two(remainder).run(c)
}

// remainder has the sign of y or, with fmod, of x.
func remainder(c *call, x, y expr) expr {
	q := x.Div(y)
	down := lower.Floor(q)
	if c.int("fmod", 0) != 0 {
		down = lower.Where(q.Less(num(0)), lower.Ceil(q), down)
	}
	return x.Sub(y.Mul(down))
}

func prelu(_ *call, x, y expr) expr          { return x.Mul(lower.Where(num(0).Less(x), num(1), y)) }
func less(_ *call, x, y expr) expr           { return x.Less(y) }
func greater(_ *call, x, y expr) expr        { return y.Less(x) }
func lessOrEqual(_ *call, x, y expr) expr    { return num(1).Sub(y.Less(x)) }
func greaterOrEqual(_ *call, x, y expr) expr { return num(1).Sub(x.Less(y)) }
func equal(_ *call, x, y expr) expr          { return same(x, y) }
func and(_ *call, x, y expr) expr            { return x.Mul(y) }
func or(_ *call, x, y expr) expr             { return lower.Max(x, y) }
func xor(_ *call, x, y expr) expr            { return lower.Abs(x.Sub(y)) }
func maximum(_ *call, x, y expr) expr        { return lower.Max(x, y) }
func minimum(_ *call, x, y expr) expr        { return lower.Min(x, y) }

// fold is an op of any number of operands: the first two, then the result and the next.
func fold(e func(c *call, x, y expr) expr) func(c *call) ([]value, error) {
	return func(c *call) ([]value, error) {
		in, err := c.all(len(c.in))
		if err != nil {
			return nil, err
		}
		y, whole := in[0], c.in[0].whole
		for i, x := range in[1:] {
			y, whole = c.b.Map(e(c, lower.Arg(0), lower.Arg(1)), y, x), whole && c.in[1+i].whole
		}
		return c.typed(y, whole)
	}
}

func mean(c *call) ([]value, error) {
	out, err := fold(add)(c)
	if err != nil {
		return nil, err
	}
	return c.result(c.b.Scale(out[0].node, 1/float64(len(c.in))))
}

// cast changes the type: a number becomes a whole one by dropping what is behind the
// point, and a truth value by being other than 0.
func cast(c *call) ([]value, error) {
	x, err := c.x(0)
	if err != nil {
		return nil, err
	}
	to := int64(c.int("to", onnxproto.Float))
	a := lower.Arg(0)
	switch {
	case to == onnxproto.Bool:
		return c.typed(c.b.Map(lower.Where(a, num(1), num(0)), x), true)
	case isFloat(to) || c.in[0].whole:
		return c.typed(x, !isFloat(to))
	}
	return c.typed(c.b.Map(lower.Where(a.Less(num(0)), lower.Ceil(a), lower.Floor(a)), x), true)
}

func clip(c *call) ([]value, error) {
	x, err := c.x(0)
	if err != nil {
		return nil, err
	}
	for i, name := range []string{"min", "max"} {
		var bound *graph.Node
		if c.has(1 + i) {
			if bound, err = c.x(1 + i); err != nil {
				return nil, err
			}
		} else if a := c.attribute(name); a != nil && c.version < 11 {
			bound = c.b.Number(float64(a.F))
		} else {
			continue
		}
		e := lower.Max(lower.Arg(0), lower.Arg(1))
		if i == 1 {
			e = lower.Min(lower.Arg(0), lower.Arg(1))
		}
		x = c.b.Map(e, x, bound)
	}
	return c.typed(x, c.in[0].whole)
}

// dropout drops in training alone, whatever the file was written for.
func dropout(c *call) ([]value, error) {
	x, err := c.x(0)
	if err != nil {
		return nil, err
	}
	ratio := c.number("ratio", 0.5)
	if c.has(1) && c.in[1].isKnown() && len(c.in[1].known) == 1 {
		ratio = c.in[1].known[0]
	}
	if c.b.Training {
		x = c.b.Dropout(x, ratio)
	}
	return c.result(x)
}

func identity(c *call) ([]value, error) { return c.in[:1], nil }

func where(c *call) ([]value, error) {
	in, err := c.all(3)
	if err != nil {
		return nil, err
	}
	e := lower.Where(lower.Arg(0), lower.Arg(1), lower.Arg(2))
	return c.typed(c.b.Map(e, in...), c.in[1].whole && c.in[2].whole)
}

// need returns an error unless the condition holds.
func need(ok bool, format string, args ...any) error {
	if ok {
		return nil
	}
	return fmt.Errorf(format, args...)
}
