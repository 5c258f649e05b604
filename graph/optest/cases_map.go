package optest

import (
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
)

func mapCases() []Case {
	x, y := lower.Arg(0), lower.Arg(1)
	of := func(name string, e lower.Expr, in ...graph.Shape) Case {
		return Case{Op: "map", Name: name, In: in, Build: func(b *graph.Builder, in []*graph.Node) []*graph.Node {
			return []*graph.Node{b.Map(e, in...)}
		}}
	}
	return []Case{
		of("add", x.Add(y), graph.Shape{2, 3}, graph.Shape{2, 3}),
		of("sub", x.Sub(y), graph.Shape{2, 3}, graph.Shape{2, 3}),
		of("mul", x.Mul(y), graph.Shape{7}, graph.Shape{7}),
		of("div", x.Div(y), graph.Shape{7}, graph.Shape{7}),
		of("min", lower.Min(x, y), graph.Shape{9}, graph.Shape{9}),
		of("max", lower.Max(x, y), graph.Shape{9}, graph.Shape{9}),
		of("neg", x.Neg(), graph.Shape{3, 1, 2}),
		of("abs", lower.Abs(x), graph.Shape{9}),
		of("sqrt of square", lower.Sqrt(x.Square()), graph.Shape{9}),
		of("exp", lower.Exp(x), graph.Shape{9}),
		of("expm1", lower.Expm1(x), graph.Shape{9}),
		of("log of square", lower.Log(x.Square()), graph.Shape{9}),
		of("log1p of square", lower.Log1p(x.Square()), graph.Shape{9}),
		of("tanh", lower.Tanh(x), graph.Shape{9}),
		of("sigmoid", lower.Sigmoid(x), graph.Shape{9}),
		of("softplus", lower.Softplus(x), graph.Shape{9}),
		of("erf", lower.Erf(x), graph.Shape{9}),
		of("sin", lower.Sin(x.Mul(lower.Num(9))), graph.Shape{9}),
		of("cos", lower.Cos(x.Mul(lower.Num(9))), graph.Shape{9}),
		of("floor", lower.Floor(x.Mul(lower.Num(9))).Mul(x), graph.Shape{9}),
		of("ceil", lower.Ceil(x.Mul(lower.Num(9))).Mul(x), graph.Shape{9}),
		of("power", lower.Pow(lower.Abs(x), y), graph.Shape{9}, graph.Shape{9}),
		of("where less", lower.Where(x.Less(y), x.Mul(y), y.Square()), graph.Shape{9}, graph.Shape{9}),
		of("shared subexpression", lower.Exp(x).Mul(lower.Exp(x)).Add(lower.Exp(x)), graph.Shape{5}),
		of("one argument", x, graph.Shape{5}),
		{Op: "map", Name: "second argument alone", In: shapes(graph.Shape{2, 5}, graph.Shape{5}), NoGrad: []int{0},
			Build: func(b *graph.Builder, in []*graph.Node) []*graph.Node { return []*graph.Node{b.Map(y, in...)} }},
		of("bias", x.Add(y), graph.Shape{3, 4}, graph.Shape{4}),
		of("channel bias", x.Mul(y), graph.Shape{2, 3, 2, 2}, graph.Shape{3, 1, 1}),
		of("outer", x.Mul(y), graph.Shape{4, 1}, graph.Shape{1, 3}),
		of("scalar and matrix", x.Mul(y), graph.Shape{}, graph.Shape{2, 3}),
		of("scalars", x.Div(y), graph.Shape{}, graph.Shape{}),
		of("longer than a block", x.Mul(y).Add(x), graph.Shape{5, 123}, graph.Shape{123}),
		{Op: "map", Name: "sum of four", In: shapes(graph.Shape{3}, graph.Shape{3}, graph.Shape{1}, graph.Shape{2, 3}),
			Build: func(b *graph.Builder, in []*graph.Node) []*graph.Node { return []*graph.Node{b.AddN(in...)} }},
	}
}
