package optest

import "github.com/stheno-ml/stheno/graph"

// normCases test compositions of ops. They show that the gradient through the batch's
// mean and variance is correct.
func normCases() []Case {
	norm := one(func(b *graph.Builder, x *graph.Node) *graph.Node {
		return graph.BatchNorm{}.Apply(b.Scope("bn"), x)
	})
	layer := func(l interface {
		Apply(*graph.Builder, *graph.Node) *graph.Node
	}) func(*graph.Builder, []*graph.Node) []*graph.Node {
		return one(func(b *graph.Builder, x *graph.Node) *graph.Node { return l.Apply(b.Scope("norm"), x) })
	}
	return []Case{
		{Op: "sum", Name: "batch norm of images", In: shapes(graph.Shape{3, 2, 2, 3}), Build: norm},
		{Op: "sum", Name: "batch norm of one image", In: shapes(graph.Shape{1, 2, 3, 1}), Build: norm},
		{Op: "sum", Name: "batch norm of features", In: shapes(graph.Shape{5, 3}), Build: norm},
		{Op: "sum", Name: "gradient through batch norm", In: shapes(graph.Shape{3, 1, 2, 2}), Build: one(func(b *graph.Builder, x *graph.Node) *graph.Node {
			y := graph.BatchNorm{Epsilon: .1}.Apply(b.Scope("bn"), x)
			return b.Grad(b.Sum(b.Mul(b.Square(y), x)), x)[0]
		})},
		{Op: "sum", Name: "layer norm", In: shapes(graph.Shape{3, 5}), Build: layer(graph.LayerNorm{})},
		{Op: "sum", Name: "layer norm of a sequence", In: shapes(graph.Shape{2, 3, 4}), Build: layer(graph.LayerNorm{Epsilon: .1})},
		{Op: "sum", Name: "layer norm over two axes", In: shapes(graph.Shape{2, 3, 4}), Build: layer(graph.LayerNorm{Axes: 2, NoScale: true})},
		{Op: "sum", Name: "group norm", In: shapes(graph.Shape{2, 4, 3, 2}), Build: layer(graph.GroupNorm{Groups: 2})},
		{Op: "sum", Name: "group norm of features", In: shapes(graph.Shape{3, 6}), Build: layer(graph.GroupNorm{Groups: 2})},
		{Op: "sum", Name: "instance norm", In: shapes(graph.Shape{2, 3, 2, 3}), Build: layer(graph.InstanceNorm{})},
	}
}

func normWrongs() []Wrong {
	type B = graph.Builder
	type N = graph.Node
	with := func(l graph.BatchNorm) func(*B, []*N) {
		return func(b *B, in []*N) { l.Apply(b, in[0]) }
	}
	image := shapes(graph.Shape{2, 3, 2, 2})
	return []Wrong{
		{"batch norm", "one value per channel", shapes(graph.Shape{1, 3, 1, 1}), with(graph.BatchNorm{}), "training wants more than one"},
		{"batch norm", "one sample", shapes(graph.Shape{1, 3}), with(graph.BatchNorm{}), "one value per channel"},
		{"batch norm", "three axes", shapes(graph.Shape{2, 3, 4}), with(graph.BatchNorm{}), "want x [N,C,H,W] or [N,D], have [2 3 4]"},
		{"batch norm", "negative momentum", image, with(graph.BatchNorm{Momentum: new(-.1)}), "momentum -0.1"},
		{"batch norm", "momentum above 1", image, with(graph.BatchNorm{Momentum: new(1.1)}), "momentum 1.1"},
		{"batch norm", "negative epsilon", image, with(graph.BatchNorm{Epsilon: -1}), "epsilon -1"},
		{"layer norm", "more axes than there are", image, func(b *B, in []*N) { graph.LayerNorm{Axes: 5}.Apply(b, in[0]) }, "5 axes of x [2 3 2 2]"},
		{"group norm", "groups that do not divide", image, func(b *B, in []*N) { graph.GroupNorm{Groups: 2}.Apply(b, in[0]) }, "2 groups of 3 channels"},
		{"instance norm", "a vector", shapes(graph.Shape{3}), func(b *B, in []*N) { graph.InstanceNorm{}.Apply(b, in[0]) }, "instance norm: want x [N,C,...]"},
		{"batch norm", "twice in one step", image, func(b *B, in []*N) {
			graph.BatchNorm{}.Apply(b, graph.BatchNorm{}.Apply(b, in[0]))
		}, "updated twice"},
		{"batch norm", "other channels in the same scope", image, func(b *B, in []*N) {
			graph.BatchNorm{}.Apply(b, in[0])
			graph.BatchNorm{}.Apply(b, b.Slice(in[0], 1, 0, 2))
		}, "asked for as [2]"},
	}
}
