package optest

import (
	"math"

	"github.com/stheno-ml/stheno/graph"
)

func orderCases() []Case {
	type B = graph.Builder
	type N = graph.Node
	topK := func(k, axis int) func(*B, []*N) []*N {
		return func(b *B, in []*N) []*N {
			values, numbers := b.TopK(in[0], k, axis)
			return []*N{values, numbers}
		}
	}
	s3 := graph.Shape{3, 4, 2}
	pairs := shapes(graph.Shape{2, 4}, graph.Shape{2, 3})
	numbers := rowNumbers(3, 0, 3, 1, 1, 2)
	return []Case{
		{Op: "cumsum", Name: "rows", In: shapes(graph.Shape{3, 5}), Build: one(func(b *B, x *N) *N { return b.CumSum(x, 1) })},
		{Op: "cumsum", Name: "columns, exclusive", In: shapes(graph.Shape{3, 5}), Build: one(func(b *B, x *N) *N { return b.CumSumExclusive(x, 0) })},
		{Op: "cumsum", Name: "the middle axis of a transpose", In: shapes(s3), Build: one(func(b *B, x *N) *N { return b.CumSum(b.Transpose(x, 2, 0, 1), 1) })},
		{Op: "cumsum", Name: "one element", In: shapes(graph.Shape{1}), Build: one(func(b *B, x *N) *N { return b.CumSum(x, 0) })},
		{Op: "cumsum", Name: "long columns, exclusive", In: shapes(graph.Shape{300, 3}), Build: one(func(b *B, x *N) *N { return b.CumSumExclusive(x, 0) }), NoGrad: []int{0}},
		{Op: "cumsum", Name: "a row of a hundred and its gradient", In: shapes(graph.Shape{2, 100}), Build: one(func(b *B, x *N) *N { return b.CumSum(x, 1) })},
		{Op: "cumsum", Name: "a long row", In: shapes(graph.Shape{2, 1030}), Build: one(func(b *B, x *N) *N { return b.CumSum(x, 1) }), NoGrad: []int{0}},
		{Op: "topk", Name: "rows", In: shapes(graph.Shape{3, 6}), Build: topK(2, 1)},
		{Op: "topk", Name: "the middle axis", In: shapes(s3), Build: topK(3, 1)},
		{Op: "topk", Name: "equal elements", In: shapes(graph.Shape{4, 7}), Build: topK(3, 1), Fill: halves, NoGrad: []int{0}},
		{Op: "topk", Name: "what is no number", In: shapes(graph.Shape{2, 3}), Build: topK(2, 1), Fill: table([]float64{1, math.NaN(), math.Inf(1), math.Inf(-1), math.Inf(-1), math.Inf(-1)}), NoGrad: []int{0}},
		{Op: "topk", Name: "of many", In: shapes(graph.Shape{3, 1000}), Build: topK(20, 1), NoGrad: []int{0}},
		{Op: "topk", Name: "half of many", In: shapes(graph.Shape{2, 300}), Build: topK(150, 1), NoGrad: []int{0}},
		{Op: "topk", Name: "sort", In: shapes(graph.Shape{2, 9}), Build: func(b *B, in []*N) []*N {
			values, numbers := b.Sort(in[0], 1)
			return []*N{values, numbers}
		}},
		{Op: "topk", Name: "kept in their place", In: shapes(graph.Shape{3, 6}), Build: one(func(b *B, x *N) *N { return b.KeepTopK(x, 2, 1) })},
		{Op: "take_along", Name: "rows", In: pairs, Build: two(func(b *B, x, n *N) *N { return b.TakeAlong(x, n, 1) }), Fill: numbers, NoGrad: []int{1}},
		{Op: "take_along", Name: "the first axis", In: shapes(graph.Shape{4, 2}, graph.Shape{3, 2}), Build: two(func(b *B, x, n *N) *N { return b.TakeAlong(x, n, 0) }), Fill: numbers, NoGrad: []int{1}},
		{Op: "take_along", Name: "a number that does not exist", In: pairs, Build: two(func(b *B, x, n *N) *N { return b.TakeAlong(x, n, 1) }), Fill: rowNumbers(4, -1, 3), NoGrad: []int{0, 1}},
		{Op: "put_along", Name: "rows", In: shapes(graph.Shape{2, 3}, graph.Shape{2, 3}), Build: two(func(b *B, x, n *N) *N { return b.PutAlong(x, n, 1, 5) }), Fill: numbers, NoGrad: []int{1}},
		{Op: "put_along", Name: "the middle axis", In: shapes(graph.Shape{2, 3, 2}, graph.Shape{2, 3, 2}), Build: two(func(b *B, x, n *N) *N { return b.PutAlong(x, n, 1, 4) }), Fill: numbers, NoGrad: []int{1}},
		{Op: "put_along", Name: "a number that does not exist", In: shapes(graph.Shape{2, 3}, graph.Shape{2, 3}), Build: two(func(b *B, x, n *N) *N { return b.PutAlong(x, n, 1, 3) }), Fill: rowNumbers(3, -1, 2), NoGrad: []int{1}},
	}
}

func orderWrongs() []Wrong {
	type B = graph.Builder
	type N = graph.Node
	s := shapes(graph.Shape{4, 3}, graph.Shape{3})
	return []Wrong{
		{"cumsum", "axis outside", s, func(b *B, in []*N) { b.CumSum(in[0], 2) }, "axis 2 is outside"},
		{"topk", "more than there are", s, func(b *B, in []*N) { b.TopK(in[0], 4, 1) }, "the 4 greatest of 3 elements: want from 1 to 3"},
		{"topk", "none", s, func(b *B, in []*N) { b.KeepTopK(in[0], 0, 1) }, "the 0 greatest"},
		{"topk", "sort along no axis", s, func(b *B, in []*N) { b.Sort(in[0], -1) }, "axis -1 is outside"},
		{"take_along", "other lines", s, func(b *B, in []*N) { b.TakeAlong(in[0], in[1], 1) }, "want shapes that differ along axis 1 alone"},
		{"put_along", "other numbers", s, func(b *B, in []*N) { b.PutAlong(in[0], in[1], 1, 3) }, "want one number for each"},
	}
}
