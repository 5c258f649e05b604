package optest

import (
	"math/rand/v2"

	"github.com/stheno-ml/stheno/graph"
)

// table takes the values of every operand from a list, in order.
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
		of("mean absolute error", images, (*B).MAE),
		of("absolute error per sample", images, (*B).AbsoluteErrorPerSample),
		of("huber", images, func(b *B, x, y *N) *N { return b.Huber(x, y, .7) }),
		of("huber per sample", images, func(b *B, x, y *N) *N { return b.HuberPerSample(x, y, 3) }),
		of("log cosh", images, (*B).LogCosh),
		of("poisson likelihood", rows, (*B).PoissonNLLPerSample),
		of("cosine similarity", images, (*B).CosineSimilarity),
		of("gaussian likelihood", rows, func(b *B, x, y *N) *N { return b.GaussianNLLPerSample(x, b.Scale(y, .5), b.Square(y)) }),
		of("gaussian likelihood of one variance", rows, func(b *B, x, y *N) *N { return b.GaussianNLLPerSample(x, b.Mean(y), y) }),
		of("kl of two normals", rows, func(b *B, x, y *N) *N { return b.KLNormals(x, y, b.Scale(y, .3), b.Scale(x, .2)) }),
		{Op: "map", Name: "kl to a rate", In: shapes(graph.Shape{5}), Build: one(func(b *B, x *N) *N { return b.KLBernoulli(b.Sigmoid(x), .05) })},
		{Op: "map", Name: "cross entropy of labels", In: shapes(graph.Shape{4, 3}, graph.Shape{4}), Build: two((*B).CrossEntropyOfLabels), Fill: rowNumbers(2, 0, 1, 1), NoGrad: []int{1}},
		{Op: "map", Name: "cross entropy of the labels of pixels", In: shapes(graph.Shape{2, 3, 2}, graph.Shape{2, 2}), Build: two((*B).CrossEntropyOfLabelsPerSample), Fill: rowNumbers(2, 0, 1, 1), NoGrad: []int{1}},
		{Op: "map", Name: "accuracy", In: shapes(graph.Shape{4, 3}, graph.Shape{4}), Build: two((*B).Accuracy), Fill: rowNumbers(2, 0, 1, 1), NoGrad: []int{0, 1}},
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
		{"map", "huber without a delta", differ, func(b *B, in []*N) { b.Huber(in[0], in[0], 0) }, "delta 0: want a number above 0"},
		{"map", "mae of shapes that broadcast", differ, func(b *B, in []*N) { b.MAE(in[0], in[1]) }, want},
		{"map", "variance of another shape", differ, func(b *B, in []*N) { b.GaussianNLLPerSample(in[1], in[0], in[1]) }, "shape [4 3] does not broadcast to [4 1]"},
		{"map", "rate of 1", differ, func(b *B, in []*N) { b.KLBernoulli(in[0], 1) }, "rate 1: want a number between 0 and 1"},
		{"map", "labels of other samples", differ, func(b *B, in []*N) { b.CrossEntropyOfLabels(in[0], in[1]) }, "logits [4 3] and labels [4 1]"},
		{"matmul", "dense of a vector", shapes(graph.Shape{4}), func(b *B, in []*N) { graph.Dense{Units: 2}.Apply(b, in[0]) }, "want x [N, D]"},
		{"matmul", "dense without units", differ, func(b *B, in []*N) { graph.Dense{}.Apply(b, in[0]) }, "0 units of 3 inputs"},
		{"matmul", "dense of an unknown activation", differ, func(b *B, in []*N) { graph.Dense{Units: 2, Activation: "rellu"}.Apply(b, in[0]) }, "want one of linear, relu"},
		{"matmul", "tied dense without a weight", differ, func(b *B, in []*N) { graph.DenseTied{}.Apply(b, in[0]) }, "want a weight [D, Units]"},
		{"matmul", "tied dense of another width", differ, func(b *B, in []*N) { graph.DenseTied{Of: in[0]}.Apply(b, in[1]) }, "x is [4 1], the weight takes 3 inputs"},
	}
}
