package optest

import (
	"math/rand/v2"

	"github.com/stheno-ml/stheno/graph"
)

// table draws operand values from a list, in order.
func table(v []float64) func(*rand.Rand, int, int) float64 {
	return func(_ *rand.Rand, _, i int) float64 { return v[i] }
}

// logitsAndTargets draws operand 0 from [-4,4] and operand 1 from [0,1].
func logitsAndTargets(r *rand.Rand, k, _ int) float64 {
	if k == 0 {
		return 8*r.Float64() - 4
	}
	return r.Float64()
}

func lossCases() []Case {
	type B = graph.Builder
	type N = graph.Node
	images := shapes(graph.Shape{2, 1, 2, 3}, graph.Shape{2, 1, 2, 3})
	rows := shapes(graph.Shape{3, 4}, graph.Shape{3, 4})
	of := func(name string, in []graph.Shape, f func(b *B, x, y *N) *N) Case {
		return Case{Op: "map", Name: name, In: in, Build: two(f), Fill: logitsAndTargets}
	}
	return []Case{
		of("mean squared error", images, (*B).MSE),
		of("squared error per sample", images, (*B).SquaredErrorPerSample),
		of("squared error per sample of a vector", shapes(graph.Shape{3}, graph.Shape{3}), (*B).SquaredErrorPerSample),
		of("binary cross entropy", images, (*B).BCEWithLogits),
		of("binary cross entropy per sample", images, (*B).BCEWithLogitsPerSample),
		of("kl", rows, (*B).KLStandardNormal),
		of("kl of codes with space", images, (*B).KLStandardNormal),
		of("cross entropy", rows, func(b *B, x, y *N) *N { return b.CrossEntropy(x, y, 1) }),
		of("cross entropy along channels", images, func(b *B, x, y *N) *N { return b.CrossEntropy(x, y, 2) }),
		of("gradient of binary cross entropy", rows, func(b *B, x, y *N) *N { return b.Grad(b.BCEWithLogits(b.Square(x), y), x)[0] }),
	}
}

func lossWrongs() []Wrong {
	type B = graph.Builder
	type N = graph.Node
	differ := shapes(graph.Shape{4, 3}, graph.Shape{4, 1})
	scalars := shapes(graph.Shape{}, graph.Shape{})
	const want = "the shapes [4 3] and [4 1] differ"
	return []Wrong{
		{"map", "mse of shapes that broadcast", differ, func(b *B, in []*N) { b.MSE(in[0], in[1]) }, want},
		{"map", "squared error of shapes that broadcast", differ, func(b *B, in []*N) { b.SquaredErrorPerSample(in[0], in[1]) }, want},
		{"map", "bce of shapes that broadcast", differ, func(b *B, in []*N) { b.BCEWithLogits(in[0], in[1]) }, want},
		{"map", "bce per sample of shapes that broadcast", differ, func(b *B, in []*N) { b.BCEWithLogitsPerSample(in[0], in[1]) }, want},
		{"map", "kl of shapes that broadcast", differ, func(b *B, in []*N) { b.KLStandardNormal(in[0], in[1]) }, want},
		{"map", "cross entropy of shapes that broadcast", differ, func(b *B, in []*N) { b.CrossEntropy(in[0], in[1], 1) }, want},
		{"map", "cross entropy along no axis", shapes(graph.Shape{4, 3}, graph.Shape{4, 3}), func(b *B, in []*N) { b.CrossEntropy(in[0], in[1], 2) }, "axis 2 is outside"},
		{"map", "loss per sample of scalars", scalars, func(b *B, in []*N) { b.SquaredErrorPerSample(in[0], in[1]) }, "want a batch axis"},
		{"map", "loss of nil", differ, func(b *B, in []*N) { b.MSE(in[0], nil) }, "operand is nil"},
		{"matmul", "dense of a vector", shapes(graph.Shape{4}), func(b *B, in []*N) { graph.Dense{Units: 2}.Apply(b, in[0]) }, "want x [N, D]"},
		{"matmul", "dense without units", differ, func(b *B, in []*N) { graph.Dense{}.Apply(b, in[0]) }, "0 units of 3 inputs"},
		{"matmul", "dense of an unknown activation", differ, func(b *B, in []*N) { graph.Dense{Units: 2, Activation: "rellu"}.Apply(b, in[0]) }, "want one of linear, relu"},
		{"matmul", "tied dense without a weight", differ, func(b *B, in []*N) { graph.DenseTied{}.Apply(b, in[0]) }, "want a weight [D, Units]"},
		{"matmul", "tied dense of another width", differ, func(b *B, in []*N) { graph.DenseTied{Of: in[0]}.Apply(b, in[1]) }, "x is [4 1], the weight takes 3 inputs"},
	}
}
