package optest

import "github.com/stheno-ml/stheno/graph"

// groupedCases are of convolutions within groups of channels.
func groupedCases() []Case {
	type B = graph.Builder
	type N = graph.Node
	type G = graph.ConvGeometry
	type P = graph.Pair
	type S = graph.Shape
	grouped := func(name string, x, w S, g G, groups int) Case {
		return Case{Op: "conv2d", Name: "grouped conv2d, " + name, In: shapes(x, w),
			Build: two(func(b *B, x, w *N) *N { return b.GroupedConv2D(x, w, g, groups) })}
	}
	cases := []Case{
		grouped("two", S{2, 4, 4, 5}, S{6, 2, 3, 2}, G{}, 2),
		grouped("three, same, stride 2", S{1, 6, 5, 4}, S{3, 2, 3, 3}, G{Stride: P{2}, Padding: graph.Same}, 3),
		{Op: "conv2d", Name: "layer of groups", In: shapes(S{2, 4, 3, 3}), Build: layer(graph.Conv2D{Filters: 4, Kernel: P{2}, Groups: 2, Activation: "relu"})},
		{Op: "conv2d", Name: "signals in groups", In: shapes(S{2, 4, 5}), Build: layer(graph.Conv1D{Filters: 2, Kernel: 3, Groups: 2})},
		{Op: "conv2d", Name: "depthwise layer", In: shapes(S{2, 2, 4, 3}), Build: layer(graph.DepthwiseConv2D{Multiplier: 2, Kernel: P{3}, Padding: graph.Same})},
		{Op: "conv2d", Name: "as many groups as channels", In: shapes(S{2, 3, 4, 3}), Build: layer(graph.Conv2D{Filters: 3, Kernel: P{2}, Groups: 3})},
	}
	for _, u := range []convUse{
		{"valid", S{2, 3, 4, 5}, S{3, 1, 3, 2}, G{}},
		{"same", S{2, 2, 3, 4}, S{2, 1, 3, 3}, G{Padding: graph.Same}},
		{"multiplier", S{2, 2, 4, 4}, S{6, 1, 2, 3}, G{Padding: graph.Same}},
		{"stride and dilation", S{1, 2, 7, 8}, S{2, 1, 2, 3}, G{Stride: P{2, 3}, Dilation: P{3, 2}, Margins: around(1, 0, 2, 1)}},
		{"multiplier, stride", S{1, 2, 5, 6}, S{4, 1, 3, 3}, G{Stride: P{2}, Padding: graph.Same}},
		{"rows left over", S{1, 2, 6, 6}, S{2, 1, 3, 3}, G{Stride: P{2}}},
		{"stride beyond the kernel", S{1, 2, 5, 5}, S{2, 1, 1, 2}, G{Stride: P{3}}},
		{"margins beyond the kernel", S{1, 2, 3, 3}, S{2, 1, 2, 2}, G{Stride: P{2}, Margins: around(3, 2, 2, 4)}},
		{"windows beside the image", S{1, 2, 2, 2}, S{2, 1, 1, 1}, G{Stride: P{4}, Margins: around(1, 0, 1, 0)}},
		{"several expressions", S{1, 2, 5, 5}, S{2, 1, 5, 4}, G{Padding: graph.Same}},
		{"one row", S{1, 2, 1, 6}, S{2, 1, 1, 3}, G{Padding: graph.Same}},
		{"one by one", S{2, 2, 2, 3}, S{4, 1, 1, 1}, G{}},
		{"one channel", S{2, 1, 3, 3}, S{2, 1, 2, 2}, G{}},
	} {
		conv := func(b *B, x, w *N) *N { return b.DepthwiseConv2D(x, w, u.g) }
		grad := func(i int) func(b *B, x, w *N) *N { // its own gradient takes every path a second time
			return func(b *B, x, w *N) *N {
				y := conv(b, x, w)
				return b.Grad(b.Sum(b.Mul(b.Square(y), y)), []*N{x, w}[i])[0]
			}
		}
		cases = append(cases,
			Case{Op: "conv2d", Name: "depthwise, " + u.name, In: shapes(u.x, u.w), Build: two(conv)},
			Case{Op: "conv2d_data", Name: "depthwise, " + u.name, In: shapes(u.x, u.w), Build: two(grad(0))},
			Case{Op: "conv2d_filter", Name: "depthwise, " + u.name, In: shapes(u.x, u.w), Build: two(grad(1))},
		)
	}
	return cases
}

func groupedWrongs() []Wrong {
	type B = graph.Builder
	type N = graph.Node
	type P = graph.Pair
	x := graph.Shape{2, 4, 4, 5}
	grouped := func(name string, w graph.Shape, groups int, want string) Wrong {
		return Wrong{"conv2d", name, shapes(x, w), func(b *B, in []*N) { b.GroupedConv2D(in[0], in[1], graph.ConvGeometry{}, groups) }, want}
	}
	return []Wrong{
		grouped("groups that do not divide the channels", graph.Shape{6, 1, 3, 3}, 3, "3 groups of 4 channels and 6 kernels"),
		grouped("groups that do not divide the kernels", graph.Shape{5, 2, 3, 3}, 2, "2 groups of 4 channels and 5 kernels"),
		grouped("no groups", graph.Shape{4, 4, 3, 3}, 0, "0 groups"),
		grouped("kernels of all channels", graph.Shape{4, 4, 3, 3}, 2, "the kernels [4 4 3 3] have 4 channels, want 2"),
		grouped("kernel beyond the image", graph.Shape{4, 2, 5, 3}, 2, "the kernel covers 5"),
		grouped("depthwise kernel beyond the image", graph.Shape{4, 1, 5, 3}, 4, "conv2d of [[2 4 4 5] [4 1 5 3]]: rows: the kernel covers 5"),
		{"conv2d", "depthwise kernels of another number", shapes(x, graph.Shape{6, 1, 3, 3}), func(b *B, in []*N) { b.DepthwiseConv2D(in[0], in[1], graph.ConvGeometry{}) }, "want [4*M, 1, KH, KW]"},
		{"conv2d", "depthwise, nil kernels", shapes(x), func(b *B, in []*N) { b.DepthwiseConv2D(in[0], nil, graph.ConvGeometry{}) }, "operand 1 is nil"},
		refused("conv2d", "layer of negative groups", x, graph.Conv2D{Filters: 4, Kernel: P{3}, Groups: -2}, "-2 groups of 4 channels and 4 filters"),
		refused("conv2d", "layer of groups that do not divide", x, graph.Conv2D{Filters: 6, Kernel: P{3}, Groups: 4}, "4 groups of 4 channels and 6 filters"),
		refused("conv2d", "depthwise layer on vectors", graph.Shape{2, 3}, graph.DepthwiseConv2D{Kernel: P{3}}, "depthwise conv2d: operand 0 is [2 3], want images"),
		refused("conv2d", "depthwise layer without kernel", x, graph.DepthwiseConv2D{}, "1 kernels of 0 by 0"),
		refused("conv2d", "depthwise layer of a negative multiplier", x, graph.DepthwiseConv2D{Kernel: P{3}, Multiplier: -1}, "-1 kernels"),
		refused("conv2d", "depthwise layer of a negative stride", x, graph.DepthwiseConv2D{Kernel: P{3}, Stride: P{-1}}, "stride -1"),
	}
}
