package main

import (
	"math"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
)

// Frequency is the attribute of the activation. Attributes must be exported fields,
// so that uses with different values are different ops.
type Frequency struct{ A float64 }

// Snake is an activation, x + sin(a x)^2 / a, which suits periodic data
// (Ziyin, Hartwig and Ueda 2020, equation 3).
func Snake() graph.Op[Frequency] {
	// One scalar expression is enough: it is the lowering, and its derivative is the
	// gradient.
	snake := func(a Frequency) lower.Expr {
		x, freq := lower.Arg(0), lower.Num(a.A)
		return x.Add(lower.Sin(x.Mul(freq)).Square().Div(freq))
	}
	return graph.Op[Frequency]{
		Name:       "snake",
		Arity:      1,
		Overwrites: true,
		Shape:      func(_ Frequency, in []graph.Shape) ([]graph.Shape, error) { return in, nil },
		Define: func(a Frequency, in, out []graph.Array) {
			for i, x := range in[0].Data {
				s := math.Sin(a.A * x)
				out[0].Data[i] = x + s*s/a.A
			}
		},
		Lower: func(a Frequency, f *lower.Func, in []lower.Value) []lower.Value {
			return []lower.Value{f.Map(snake(a), in[0])}
		},
		Grad: func(a Frequency, p *graph.Pullback) []*graph.Node {
			return []*graph.Node{p.B.Map(snake(a).Pullback(0, 1), p.In[0], p.Grad[0])}
		},
	}
}

// LogCosh is a loss, the mean over all elements of log(cosh(x-target)), for x
// and target of the same shape. It is like a square near 0 and like an absolute value
// far from it. The lowering computes |r| + log(1+e^(-2|r|)) - log 2, which does not
// overflow.
func LogCosh() graph.Op[struct{}] {
	return graph.Op[struct{}]{
		Name:  "log_cosh",
		Arity: 2,
		Shape: func(_ struct{}, in []graph.Shape) ([]graph.Shape, error) {
			if !in[0].Equal(in[1]) {
				return nil, errShapes
			}
			return []graph.Shape{{}}, nil
		},
		Define: func(_ struct{}, in, out []graph.Array) {
			sum := 0.0
			for i, x := range in[0].Data {
				sum += math.Log(math.Cosh(x - in[1].Data[i]))
			}
			out[0].Data[0] = sum / float64(len(in[0].Data))
		},
		Lower: func(_ struct{}, f *lower.Func, in []lower.Value) []lower.Value {
			r := lower.Abs(lower.Arg(0).Sub(lower.Arg(1)))
			each := r.Add(lower.Log1p(lower.Exp(r.Mul(lower.Num(-2))))).Sub(lower.Num(math.Ln2))
			shape := f.Shape(in[0])
			axes := make([]int, len(shape))
			for i := range axes {
				axes[i] = i
			}
			sum := f.Sum(f.Map(each, in...), axes...)
			return []lower.Value{f.Map(lower.Arg(0).Div(lower.Num(float64(shape.Size()))), f.Reshape(sum))}
		},
		Grad: func(_ struct{}, p *graph.Pullback) []*graph.Node {
			b, x, target := p.B, p.In[0], p.In[1]
			n := lower.Num(float64(graph.Shape(x.Shape()).Size()))
			slope := lower.Tanh(lower.Arg(0).Sub(lower.Arg(1))).Mul(lower.Arg(2)).Div(n)
			g := b.Map(slope, x, target, p.Grad[0])
			return []*graph.Node{g, b.Neg(g)}
		},
	}
}
