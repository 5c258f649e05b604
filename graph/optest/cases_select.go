package optest

import (
	"math/rand/v2"

	"github.com/stheno-ml/stheno/graph"
)

// halves draws multiples of 1/2 from -1 to 1, so that some elements are equal.
func halves(r *rand.Rand, _, _ int) float64 { return float64(r.IntN(5)-2) / 2 }

func selectCases() []Case {
	type B = graph.Builder
	type N = graph.Node
	rows := shapes(graph.Shape{4, 5}, graph.Shape{4, 5})
	compare := func(name string, f func(b *B, x, y *N) *N) Case {
		return Case{Op: "map", Name: name, In: rows, Build: two(f), Fill: halves, NoGrad: []int{0, 1}}
	}
	return []Case{
		compare("less", (*B).Less),
		compare("less or equal", (*B).LessEqual),
		compare("greater", (*B).Greater),
		compare("greater or equal", (*B).GreaterEqual),
		compare("equal", (*B).Equal),
		compare("not equal", (*B).NotEqual),
		{Op: "map", Name: "where", In: shapes(graph.Shape{4, 5}, graph.Shape{4, 5}, graph.Shape{5}), Build: func(b *B, in []*N) []*N {
			return []*N{b.Where(b.Less(in[0], b.Number(0)), in[1], in[2])}
		}, NoGrad: []int{0}},
		{Op: "map", Name: "minimum and maximum", In: rows, Build: func(b *B, in []*N) []*N {
			return []*N{b.Minimum(in[0], in[1]), b.Maximum(in[0], in[1])}
		}},
		{Op: "map", Name: "clip", In: shapes(graph.Shape{3, 7}), Build: one(func(b *B, x *N) *N { return b.Clip(x, -.5, .25) })},
		{Op: "map", Name: "abs and sign", In: shapes(graph.Shape{9}), Build: one(func(b *B, x *N) *N { return b.Mul(b.Sign(x), b.Square(b.Abs(x))) })},
		{Op: "map", Name: "floor and round", In: shapes(graph.Shape{9}), Build: func(b *B, in []*N) []*N { return []*N{b.Floor(in[0]), b.Round(in[0])} }},
		{Op: "map", Name: "power", In: shapes(graph.Shape{2, 3}), Build: one(func(b *B, x *N) *N { return b.Pow(x, b.Number(3)) })},
		{Op: "map", Name: "constants", In: shapes(graph.Shape{2, 3}), Build: one(func(b *B, x *N) *N {
			return b.AddN(b.Mul(x, b.Iota(3)), b.Constant([]float64{1, -2}, 2, 1), b.Number(.5))
		})},
		{Op: "stop_gradient", Name: "one factor", In: shapes(graph.Shape{2, 3}), Build: one((*B).StopGradient), NoGrad: []int{0}},
		{Op: "straight_through", Name: "rounded", In: shapes(graph.Shape{2, 3}), Build: one(func(b *B, x *N) *N { return b.StraightThrough(b.Round(x), x) }), NoGrad: []int{0}},
		{Op: "map", Name: "one-hot", In: shapes(graph.Shape{4}), Build: one(func(b *B, x *N) *N { return b.OneHot(x, 3) }), Fill: rowsOnly(0, 2, 1, 2), NoGrad: []int{0}},
		{Op: "stop_gradient", Name: "argmax", In: shapes(graph.Shape{4, 5}), Build: one(func(b *B, x *N) *N { return b.ArgMax(x, 1) }), Fill: halves, NoGrad: []int{0}},
		{Op: "stop_gradient", Name: "argmin along the middle axis", In: shapes(graph.Shape{2, 4, 3}), Build: one(func(b *B, x *N) *N { return b.ArgMin(x, 1) }), Fill: halves, NoGrad: []int{0}},
		{Op: "logsumexp", Name: "rows", In: shapes(graph.Shape{3, 5}), Build: one(func(b *B, x *N) *N { return b.LogSumExp(x, 1) })},
		{Op: "logsumexp", Name: "columns", In: shapes(graph.Shape{3, 5}), Build: one(func(b *B, x *N) *N { return b.LogSumExp(x, 0) })},
		{Op: "logsumexp", Name: "all", In: shapes(graph.Shape{2, 3, 2}), Build: one(func(b *B, x *N) *N { return b.LogSumExp(x) })},
		{Op: "logsumexp", Name: "large elements", In: shapes(graph.Shape{2, 3}), Fill: table([]float64{1000, 1, 999, -1000, -1001, -1000}), Build: one(func(b *B, x *N) *N { return b.LogMeanExp(x, 1) })},
		{Op: "map", Name: "mask", In: shapes(graph.Shape{2, 3, 2}, graph.Shape{2, 3}), Build: two((*B).Mask), Fill: maskOf(1, 0, 1, 0, 1, 1), NoGrad: []int{1}},
		{Op: "map", Name: "mask, rescaled", In: shapes(graph.Shape{2, 3, 2}, graph.Shape{2, 3}), Build: two((*B).MaskRescaled), Fill: maskOf(1, 0, 1, 0, 1, 0), NoGrad: []int{1}},
		{Op: "map", Name: "masked mean", In: shapes(graph.Shape{2, 3, 2}, graph.Shape{2, 3}), Build: two((*B).MaskedMean), Fill: maskOf(1, 0, 1, 0, 1, 1), NoGrad: []int{1}},
		{Op: "map", Name: "length mask", In: shapes(graph.Shape{4}), Build: one(func(b *B, x *N) *N { return b.LengthMask(x, 3) }), Fill: rowsOnly(0, 1, 2, 3), NoGrad: []int{0}},
	}
}

// rowsOnly takes every operand from a list, in order.
func rowsOnly(list ...float64) func(*rand.Rand, int, int) float64 {
	return func(_ *rand.Rand, _, i int) float64 { return list[i%len(list)] }
}

// maskOf takes operand 1 from a list.
func maskOf(list ...float64) func(*rand.Rand, int, int) float64 { return rowNumbers(list...) }

func selectWrongs() []Wrong {
	type B = graph.Builder
	type N = graph.Node
	s := shapes(graph.Shape{4, 3}, graph.Shape{3})
	return []Wrong{
		{"map", "clip to nothing", s, func(b *B, in []*N) { b.Clip(in[0], 1, 0) }, "range from 1 to 0 is empty"},
		{"map", "constant of another size", s, func(b *B, in []*N) { b.Constant([]float64{1, 2}, 3) }, "shape [3] has 3 elements, have 2"},
		{"map", "iota of nothing", s, func(b *B, in []*N) { b.Iota(0) }, "iota"},
		{"map", "mask of other samples", s, func(b *B, in []*N) { b.Mask(in[0], in[1]) }, "shape [3 1] does not broadcast to [4 3]"},
		{"map", "mask of more axes", s, func(b *B, in []*N) { b.Mask(in[1], in[0]) }, "shape [4 3] does not fit x [3]"},
		{"map", "lengths of no steps", s, func(b *B, in []*N) { b.LengthMask(in[1], 0) }, "lengths [3] and 0 steps"},
		{"map", "straight through to another shape", s, func(b *B, in []*N) { b.StraightThrough(in[0], in[1]) }, "the shapes [4 3] and [3] differ"},
		{"map", "argmax along no axis", s, func(b *B, in []*N) { b.ArgMax(in[0], 2) }, "axis 2 is outside"},
	}
}
