package optest

import (
	"math/rand/v2"

	"github.com/stheno-ml/stheno/graph"
)

// rowNumbers takes operand 1 from a list of whole numbers, in order, and draws the
// others from [-1,1].
func rowNumbers(list ...float64) func(*rand.Rand, int, int) float64 {
	return func(r *rand.Rand, k, i int) float64 {
		if k == 1 {
			return list[i%len(list)]
		}
		return 2*r.Float64() - 1
	}
}

func gatherCases() []Case {
	type B = graph.Builder
	type N = graph.Node
	gather := func(axis int) func(*B, []*N) []*N {
		return two(func(b *B, x, i *N) *N { return b.Gather(x, i, axis) })
	}
	scatter := func(axis, extent int) func(*B, []*N) []*N {
		return two(func(b *B, x, i *N) *N { return b.ScatterAdd(x, i, axis, extent) })
	}
	indices := []int{1}
	of := func(op, name string, x, i graph.Shape, list []float64, build func(*B, []*N) []*N) Case {
		return Case{Op: op, Name: name, In: shapes(x, i), Build: build, Fill: rowNumbers(list...), NoGrad: indices}
	}
	return []Case{
		of("gather", "rows", graph.Shape{5, 3}, graph.Shape{4}, []float64{4, 0, 0, 2}, gather(0)),
		of("gather", "one row", graph.Shape{5, 3}, graph.Shape{1}, []float64{3}, gather(0)),
		of("gather", "by a matrix of indices", graph.Shape{5, 3}, graph.Shape{2, 3}, []float64{4, 1, 1, 0, 2, 4}, gather(0)),
		of("gather", "the middle axis", graph.Shape{2, 4, 3}, graph.Shape{5}, []float64{3, 3, 1, 0, 2}, gather(1)),
		of("gather", "the last axis", graph.Shape{3, 4}, graph.Shape{2}, []float64{3, 1}, gather(1)),
		of("gather", "by a scalar", graph.Shape{5, 3}, graph.Shape{}, []float64{2}, gather(0)),
		of("scatter_add", "rows", graph.Shape{4, 3}, graph.Shape{4}, []float64{4, 0, 0, 2}, scatter(0, 5)),
		of("scatter_add", "by a matrix of indices", graph.Shape{2, 3, 2}, graph.Shape{2, 3}, []float64{1, 1, 0, 3, 3, 3}, scatter(0, 4)),
		of("scatter_add", "the middle axis", graph.Shape{2, 3, 2}, graph.Shape{3}, []float64{2, 2, 0}, scatter(1, 4)),
		of("scatter_add", "rows that do not exist", graph.Shape{2, 3, 2}, graph.Shape{3}, []float64{4, -1, 0}, scatter(1, 4)),
		of("gather", "embedding of a sequence", graph.Shape{5, 3}, graph.Shape{2, 3}, []float64{4, 1, 1, 0, 2, 4}, func(b *B, in []*N) []*N {
			return []*N{b.Add(graph.Embedding{Rows: 5, Units: 3}.Apply(b, in[1]), b.Gather(in[0], in[1], 0))}
		}),
	}
}

func gatherWrongs() []Wrong {
	type B = graph.Builder
	type N = graph.Node
	s := shapes(graph.Shape{4, 3}, graph.Shape{2})
	return []Wrong{
		{"gather", "axis outside", s, func(b *B, in []*N) { b.Gather(in[0], in[1], 2) }, "axis 2 is outside of shape [4 3]"},
		{"gather", "of nil", s, func(b *B, in []*N) { b.Gather(in[0], nil, 0) }, "operand is nil"},
		{"scatter_add", "rows of another number", s, func(b *B, in []*N) { b.ScatterAdd(in[0], in[1], 0, 9) }, "want the shape of the indices, [2], from axis 0 on"},
		{"scatter_add", "to no rows", shapes(graph.Shape{2, 3}, graph.Shape{2}), func(b *B, in []*N) { b.ScatterAdd(in[0], in[1], 0, 0) }, "2 rows and 2 indices into 0 rows"},
		{"embedding", "no rows", s, func(b *B, in []*N) { graph.Embedding{Units: 3}.Apply(b, in[1]) }, "0 rows of 3 units"},
	}
}
