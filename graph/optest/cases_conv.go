package optest

import "github.com/stheno-ml/stheno/graph"

// convUse is a use of a convolution: the shapes of images and kernels, and the
// geometry.
type convUse struct {
	name string
	x, w graph.Shape
	g    graph.ConvGeometry
}

func around(top, bottom, left, right int) graph.Margins {
	return graph.Margins{Top: top, Bottom: bottom, Left: left, Right: right}
}

// convUses take every path of the convolutions: all ways to unfold an image, tiles
// that span several images, and several tiles for one image.
func convUses() []convUse {
	type G = graph.ConvGeometry
	type P = graph.Pair
	type S = graph.Shape
	return []convUse{
		{"valid", S{2, 2, 4, 5}, S{3, 2, 3, 2}, G{}},
		{"same", S{2, 1, 3, 4}, S{2, 1, 3, 3}, G{Padding: graph.Same}},
		{"same, even kernel", S{1, 2, 3, 4}, S{2, 2, 2, 4}, G{Padding: graph.Same}},
		{"same, stride 2, odd and even", S{2, 2, 5, 4}, S{1, 2, 3, 3}, G{Stride: P{2}, Padding: graph.Same}},
		{"same, dilation 2", S{1, 1, 5, 4}, S{2, 1, 3, 2}, G{Dilation: P{2}, Padding: graph.Same}},
		{"strides differ", S{2, 1, 5, 6}, S{2, 1, 2, 3}, G{Stride: P{2, 3}}},
		{"stride along columns only", S{1, 2, 3, 5}, S{2, 2, 2, 2}, G{Stride: P{1, 2}}},
		{"stride along rows only", S{1, 2, 5, 3}, S{2, 2, 2, 2}, G{Stride: P{2, 1}, Margins: graph.Margins{Bottom: 1, Left: 1}}},
		{"stride beyond the kernel", S{1, 2, 5, 5}, S{2, 2, 1, 2}, G{Stride: P{3}}},
		{"rows left over", S{1, 1, 6, 6}, S{1, 1, 3, 3}, G{Stride: P{2}}},
		{"dilations differ", S{1, 2, 6, 5}, S{1, 2, 3, 2}, G{Dilation: P{2, 3}}},
		{"stride and dilation", S{1, 1, 7, 6}, S{2, 1, 2, 3}, G{Stride: P{2, 1}, Dilation: P{3, 2}, Margins: around(1, 0, 2, 1)}},
		{"four margins", S{2, 1, 3, 2}, S{2, 1, 2, 3}, G{Margins: around(0, 1, 2, 3)}},
		{"margins beyond the kernel", S{1, 1, 2, 3}, S{1, 1, 2, 2}, G{Margins: around(3, 2, 2, 3)}},
		{"margins beyond the kernel, stride 2", S{1, 1, 3, 3}, S{1, 1, 2, 2}, G{Stride: P{2}, Margins: around(3, 2, 2, 4)}},
		{"kernel of the padded image", S{1, 2, 2, 3}, S{2, 2, 4, 3}, G{Margins: graph.Margins{Top: 1, Bottom: 1}}},
		{"one by one", S{2, 3, 2, 3}, S{2, 3, 1, 1}, G{}},
		{"one by one, stride 2", S{2, 2, 3, 4}, S{2, 2, 1, 1}, G{Stride: P{2}}},
		{"one pixel", S{3, 2, 1, 1}, S{2, 2, 1, 1}, G{}},
		{"one pixel, same", S{1, 1, 1, 1}, S{2, 1, 3, 3}, G{Padding: graph.Same}},
		{"one row", S{1, 2, 1, 7}, S{2, 2, 1, 3}, G{Padding: graph.Same}},
	}
}

// largeConvUses have several tiles.
func largeConvUses() []convUse {
	type G = graph.ConvGeometry
	type P = graph.Pair
	type S = graph.Shape
	return []convUse{
		{"images that share tiles, the last one short", S{9, 1, 6, 6}, S{1, 1, 2, 3}, G{Padding: graph.Same}},
		{"bands of an image", S{2, 1, 19, 17}, S{1, 1, 2, 2}, G{Padding: graph.Same}},
		{"bands of an image, strided", S{1, 1, 31, 29}, S{1, 1, 3, 2}, G{Stride: P{2, 1}, Padding: graph.Same}},
		{"bands of one pixel's windows", S{1, 1, 15, 14}, S{2, 1, 1, 1}, G{}},
		{"rows wider than a tile", S{1, 1, 2, 220}, S{1, 1, 2, 3}, G{Padding: graph.Same}},
	}
}

func convCases() []Case {
	var cases []Case
	for _, u := range append(convUses(), largeConvUses()...) {
		conv := func(b *graph.Builder, x, w *graph.Node) *graph.Node { return b.Conv2D(x, w, u.g) }
		cases = append(cases, Case{Op: "conv2d", Name: u.name, In: shapes(u.x, u.w), Build: two(conv)})
	}
	for _, u := range convUses() {
		conv := func(b *graph.Builder, x, w *graph.Node) *graph.Node { return b.Conv2D(x, w, u.g) }
		// The gradient of a sum of cubes depends on both operands, so that
		// the gradient of that gradient takes every path again.
		grad := func(i int) func(b *graph.Builder, x, w *graph.Node) *graph.Node {
			return func(b *graph.Builder, x, w *graph.Node) *graph.Node {
				y := conv(b, x, w)
				return b.Grad(b.Sum(b.Mul(b.Square(y), y)), []*graph.Node{x, w}[i])[0]
			}
		}
		cases = append(cases,
			Case{Op: "conv2d_data", Name: u.name, In: shapes(u.x, u.w), Build: two(grad(0))},
			Case{Op: "conv2d_filter", Name: u.name, In: shapes(u.x, u.w), Build: two(grad(1))},
		)
	}
	return append(cases, transposeCases()...)
}

func transposeCases() []Case {
	type G = graph.TransposeGeometry
	type P = graph.Pair
	of := func(name string, x, w graph.Shape, g G) Case {
		return Case{Op: "conv2d_data", Name: "transposed, " + name, In: shapes(x, w),
			Build: two(func(b *graph.Builder, x, w *graph.Node) *graph.Node { return b.ConvTranspose2D(x, w, g) })}
	}
	x, w := graph.Shape{2, 2, 2, 3}, graph.Shape{2, 1, 3, 2}
	return []Case{
		of("valid", x, w, G{}),
		of("stride 2", x, w, G{Stride: P{2}}),
		of("output padding", x, w, G{Stride: P{2, 3}, Margins: around(1, 1, 0, 1), OutputPadding: P{1, 2}}),
		of("output padding of rows", x, w, G{Stride: P{2}, OutputPadding: P{1, 0}}),
		of("same doubles", x, w, G{Stride: P{2}, Padding: graph.Same}),
		of("same, stride beyond the kernel", x, w, G{Stride: P{4}, Padding: graph.Same}),
		of("same to an odd size", x, w, G{Stride: P{2}, Padding: graph.Same, Out: P{3, 5}}),
		of("valid to a size", x, w, G{Stride: P{2}, Out: P{6, 7}}),
		of("dilation", x, w, G{Dilation: P{2}, Margins: around(2, 1, 0, 1)}),
		of("bands of images", graph.Shape{2, 1, 14, 14}, graph.Shape{1, 1, 3, 3}, G{Stride: P{2}, Padding: graph.Same}),
	}
}

func convWrongs() []Wrong {
	type B = graph.Builder
	type N = graph.Node
	type P = graph.Pair
	type M = graph.Margins
	x, w := graph.Shape{2, 3, 4, 5}, graph.Shape{2, 3, 3, 3}
	conv := func(name string, x, w graph.Shape, g graph.ConvGeometry, want string) Wrong {
		return Wrong{"conv2d", name, shapes(x, w), func(b *B, in []*N) { b.Conv2D(in[0], in[1], g) }, want}
	}
	back := func(name string, g graph.TransposeGeometry, want string) Wrong {
		return Wrong{"conv2d_data", name, shapes(graph.Shape{2, 2, 4, 5}, w), func(b *B, in []*N) { b.ConvTranspose2D(in[0], in[1], g) }, want}
	}
	layer := func(name string, l graph.Conv2D, want string) Wrong {
		return Wrong{"conv2d", name, shapes(x), func(b *B, in []*N) { l.Apply(b, in[0]) }, want}
	}
	return []Wrong{
		conv("channels", graph.Shape{2, 4, 4, 5}, w, graph.ConvGeometry{}, "4 channels, the kernels 3"),
		conv("kernel beyond the image", x, graph.Shape{2, 3, 5, 3}, graph.ConvGeometry{}, "the kernel covers 5"),
		conv("kernel beyond the padded image", x, graph.Shape{2, 3, 3, 8}, graph.ConvGeometry{Margins: M{Left: 1, Right: 1}}, "the padded image has 7"),
		conv("dilated kernel beyond the image", x, w, graph.ConvGeometry{Dilation: P{2}}, "dilation 2"),
		conv("negative stride", x, w, graph.ConvGeometry{Stride: P{-1}}, "stride -1 along the rows"),
		conv("negative stride, same", x, w, graph.ConvGeometry{Stride: P{1, -2}, Padding: graph.Same}, "stride -2 along the columns"),
		conv("zero stride along the rows", x, w, graph.ConvGeometry{Stride: P{0, 1}}, "stride 0 along the rows"),
		conv("negative dilation", x, w, graph.ConvGeometry{Dilation: P{1, -1}}, "dilation -1 along the columns"),
		conv("negative padding", x, w, graph.ConvGeometry{Margins: M{Top: -1}}, "padding -1 and 0 along the rows"),
		conv("huge padding", x, w, graph.ConvGeometry{Margins: M{Top: 1 << 62}}, "below 2^30"),
		conv("huge stride, same", x, w, graph.ConvGeometry{Stride: P{1 << 62}, Padding: graph.Same}, "below 2^30"),
		conv("huge result", x, w, graph.ConvGeometry{Margins: around(1<<29, 1<<29, 1<<29, 1<<29)}, "2^31"),
		conv("margins with same padding", x, w, graph.ConvGeometry{Padding: graph.Same, Margins: M{Left: 1}}, "use Valid"),
		conv("no such padding", x, w, graph.ConvGeometry{Padding: 7}, "padding 7"),
		conv("flat images", graph.Shape{2, 3}, w, graph.ConvGeometry{}, "want images [N, C, H, W]"),
		conv("flat kernels", x, graph.Shape{3, 3}, graph.ConvGeometry{}, "want kernels [O, C/groups, KH, KW]"),
		{"conv2d", "nil kernels", shapes(x), func(b *B, in []*N) { b.Conv2D(in[0], nil, graph.ConvGeometry{}) }, "operand 1 is nil"},
		layer("layer without filters", graph.Conv2D{Kernel: P{3}}, "0 filters"),
		layer("layer without kernel", graph.Conv2D{Filters: 3}, "0 by 0"),
		layer("layer with negative kernel", graph.Conv2D{Filters: 3, Kernel: P{3, -3}}, "3 by -3"),
		layer("layer with kernel beyond the image", graph.Conv2D{Filters: 3, Kernel: P{7}}, "covers 7"),
		{"conv2d", "layer on vectors", shapes(graph.Shape{2, 3}), func(b *B, in []*N) { graph.Conv2D{Filters: 1, Kernel: P{1}}.Apply(b, in[0]) }, "want images"},
		{"conv2d_data", "layer on vectors", shapes(graph.Shape{2, 3}), func(b *B, in []*N) { graph.ConvTranspose2D{Filters: 1, Kernel: P{1}}.Apply(b, in[0]) }, "want images"},
		{"conv2d_data", "channels", shapes(x, w), func(b *B, in []*N) { b.ConvTranspose2D(in[0], in[1], graph.TransposeGeometry{}) }, "3 channels, but there are 2 kernels"},
		back("output padding of the stride", graph.TransposeGeometry{Stride: P{2}, OutputPadding: P{2}}, "from 0 to the stride less one, 1"),
		back("negative output padding", graph.TransposeGeometry{Stride: P{2}, OutputPadding: P{-1}}, "output padding -1"),
		back("output padding with same", graph.TransposeGeometry{Stride: P{2}, Padding: graph.Same, OutputPadding: P{1}}, "give only Out"),
		back("output padding with a size", graph.TransposeGeometry{Stride: P{2}, OutputPadding: P{1}, Out: P{9}}, "give only Out"),
		back("a size that does not fit", graph.TransposeGeometry{Stride: P{2}, Padding: graph.Same, Out: P{9, 10}}, "has [5 5] windows, not [4 5]"),
		back("nothing left", graph.TransposeGeometry{Margins: M{Top: 3, Bottom: 3}}, "want at least 1 row"),
		back("negative stride", graph.TransposeGeometry{Stride: P{-2}}, "stride -2"),
		back("huge stride", graph.TransposeGeometry{Stride: P{1 << 40}}, "below 2^30"),
		back("negative padding", graph.TransposeGeometry{Margins: M{Left: -2}}, "padding -2"),
	}
}
