package optest

import "github.com/stheno-ml/stheno/graph"

// drawing adapts a draw to Case.Build. The op reads the clock, not an operand of the
// case.
func drawing(draw func(b *graph.Builder) *graph.Node) func(*graph.Builder, []*graph.Node) []*graph.Node {
	return func(b *graph.Builder, _ []*graph.Node) []*graph.Node { return []*graph.Node{draw(b)} }
}

func randomCases() []Case {
	type B = graph.Builder
	type N = graph.Node
	drop := func(rate float64) func(*graph.Builder, []*graph.Node) []*graph.Node {
		return one(func(b *B, x *N) *N { return b.Dropout(x, rate) })
	}
	s := shapes(graph.Shape{5, 3, 2})
	return []Case{
		{Op: "uniform", Name: "vector", Build: drawing(func(b *B) *N { return b.Uniform("u", 7) })},
		{Op: "uniform", Name: "rows of two blocks", Epoch: 3, Sample: 40, Build: drawing(func(b *B) *N { return b.Uniform("u", 3, 5) })},
		{Op: "uniform", Name: "late in a late epoch", Epoch: 70_000, Sample: 1<<32 - 2, Build: drawing(func(b *B) *N { return b.Uniform("u", 4, 2) })},
		{Op: "normal", Name: "vector", Build: drawing(func(b *B) *N { return b.Normal("z", 7) })},
		{Op: "normal", Name: "images", Epoch: 1, Sample: 128, Build: drawing(func(b *B) *N { return b.Normal("z", 2, 1, 3, 3) })},
		{Op: "normal", Name: "one number", Epoch: 1, Sample: 65_536, Build: drawing(func(b *B) *N { return b.Normal("z", 1) })},
		{Op: "normal", Name: "two streams of one name", Epoch: 2, Sample: 5, Build: drawing(func(b *B) *N {
			return b.Sub(b.Normal("z", 4, 4), b.Normal("z", 4, 4))
		})},
		{Op: "map", Name: "dropout, a tenth", In: s, Build: drop(.1)},
		{Op: "map", Name: "dropout, nine tenths", In: s, Build: drop(.9)},
		{Op: "map", Name: "two dropouts of one node", In: s, Build: one(func(b *B, x *N) *N {
			return b.Mul(b.Dropout(x, .5), b.Dropout(x, .5))
		})},
		{Op: "map", Name: "noise", In: s, Build: one(func(b *B, x *N) *N { return b.Square(b.AddNoise(x, .3)) })},
	}
}

func randomWrongs() []Wrong {
	type B = graph.Builder
	type N = graph.Node
	s, scalar := shapes(graph.Shape{4, 3}), shapes(graph.Shape{})
	return []Wrong{
		{"uniform", "a scalar", nil, func(b *B, _ []*N) { b.Uniform("u") }, "have a scalar"},
		{"uniform", "zero extent", nil, func(b *B, _ []*N) { b.Uniform("u", 3, 0) }, "extent 0"},
		{"normal", "negative extent", nil, func(b *B, _ []*N) { b.Normal("z", -1, 2) }, "extent -1"},
		{"normal", "too large", nil, func(b *B, _ []*N) { b.Normal("z", 1<<20, 1<<20) }, "2^31-1"},
		{"dropout", "rate 1", s, func(b *B, in []*N) { graph.Dropout{Rate: 1}.Apply(b, in[0]) }, "rate is 1"},
		{"dropout", "negative rate", s, func(b *B, in []*N) { graph.Dropout{Rate: -.1}.Apply(b, in[0]) }, "rate is -0.1"},
		{"dropout", "scalar", scalar, func(b *B, in []*N) { graph.Dropout{Rate: .5}.Apply(b, in[0]) }, "want x [N, ...]"},
		{"noise", "negative deviation", s, func(b *B, in []*N) { graph.GaussianNoise{Std: -1}.Apply(b, in[0]) }, "deviation is -1"},
		{"noise", "scalar", scalar, func(b *B, in []*N) { graph.GaussianNoise{Std: 1}.Apply(b, in[0]) }, "want x [N, ...]"},
	}
}
