package optest

import "github.com/stheno-ml/stheno/graph"

// applier is a layer.
type applier interface {
	Apply(*graph.Builder, *graph.Node) *graph.Node
}

// layer adapts a layer to Case.Build.
func layer(l applier) func(*graph.Builder, []*graph.Node) []*graph.Node {
	return one(func(b *graph.Builder, x *graph.Node) *graph.Node { return l.Apply(b.Scope("layer"), x) })
}

// refused is a layer that must be an error on an operand.
func refused(op, name string, x graph.Shape, l applier, want string) Wrong {
	return Wrong{op, name, shapes(x), func(b *graph.Builder, in []*graph.Node) { l.Apply(b, in[0]) }, want}
}

// signalCases test compositions of ops: layers along one axis, which treat signals as
// images of one row.
func signalCases() []Case {
	x := graph.Shape{2, 2, 7}
	return []Case{
		{Op: "conv2d", Name: "signals", In: shapes(x), Build: layer(graph.Conv1D{Filters: 3, Kernel: 3, Activation: "tanh"})},
		{Op: "conv2d", Name: "signals, same, stride 2", In: shapes(x), Build: layer(graph.Conv1D{Filters: 2, Kernel: 4, Stride: 2, Padding: graph.Same})},
		{Op: "conv2d", Name: "signals, dilation and margins", In: shapes(x), Build: layer(graph.Conv1D{Filters: 2, Kernel: 3, Dilation: 2, Margins: [2]int{2, 1}})},
		{Op: "conv2d", Name: "signals of one element", In: shapes(graph.Shape{1, 1, 1}), Build: layer(graph.Conv1D{Filters: 1, Kernel: 1, NoBias: true})},
		{Op: "conv2d_data", Name: "signals, transposed", In: shapes(x), Build: layer(graph.ConvTranspose1D{Filters: 3, Kernel: 3, Stride: 2})},
		{Op: "conv2d_data", Name: "signals, transposed to a length", In: shapes(x), Build: layer(graph.ConvTranspose1D{Filters: 1, Kernel: 3, Stride: 2, Padding: graph.Same, Out: 13})},
		{Op: "conv2d_data", Name: "signals, transposed, output padding", In: shapes(x), Build: layer(graph.ConvTranspose1D{Filters: 2, Kernel: 2, Stride: 3, Margins: [2]int{1, 0}, OutputPadding: 2})},
		{Op: "max_pool", Name: "signals", In: shapes(x), Fill: steps, Build: layer(graph.MaxPool1D{Size: 2})},
		{Op: "max_pool", Name: "signals, overlapping, same", In: shapes(x), Fill: steps, Build: layer(graph.MaxPool1D{Size: 3, Stride: 2, Padding: graph.Same})},
		{Op: "avg_pool", Name: "signals", In: shapes(x), Build: layer(graph.AvgPool1D{Size: 3, Stride: 1})},
		{Op: "avg_pool", Name: "signals, margins counted", In: shapes(x), Build: layer(graph.AvgPool1D{Size: 3, Margins: [2]int{1, 2}, CountPad: true})},
		{Op: "sum", Name: "global average pool of signals", In: shapes(x), Build: layer(graph.GlobalAvgPool{})},
		{Op: "sum", Name: "global average pool of images", In: shapes(graph.Shape{3, 2, 3, 4}), Build: layer(graph.GlobalAvgPool{})},
	}
}

func signalWrongs() []Wrong {
	x, flat, image := graph.Shape{2, 3, 5}, graph.Shape{2, 3}, graph.Shape{2, 3, 4, 5}
	return []Wrong{
		refused("conv2d", "signals: a vector", flat, graph.Conv1D{Filters: 1, Kernel: 1}, "conv1d: x is [2 3], want signals x [N, C, L]"),
		refused("conv2d", "signals: an image", image, graph.Conv1D{Filters: 1, Kernel: 1}, "x is [2 3 4 5], want signals"),
		refused("conv2d", "signals: no kernel", x, graph.Conv1D{Filters: 2}, "2 filters of 1 by 0"),
		refused("conv2d", "signals: no filters", x, graph.Conv1D{Kernel: 2}, "0 filters"),
		refused("conv2d", "signals: kernel beyond the signal", x, graph.Conv1D{Filters: 2, Kernel: 6}, "the kernel covers 6"),
		refused("conv2d", "signals: negative stride", x, graph.Conv1D{Filters: 2, Kernel: 2, Stride: -1}, "stride -1 along the columns"),
		refused("conv2d", "signals: groups", x, graph.Conv1D{Filters: 2, Kernel: 2, Groups: 2}, "2 groups of 3 channels and 2 filters"),
		refused("conv2d_data", "signals: a vector", flat, graph.ConvTranspose1D{Filters: 1, Kernel: 1}, "transposed conv1d: x is [2 3]"),
		refused("conv2d_data", "signals: output padding", x, graph.ConvTranspose1D{Filters: 1, Kernel: 2, OutputPadding: 1}, "output padding 1"),
		refused("conv2d_data", "signals: a length that does not fit", x, graph.ConvTranspose1D{Filters: 1, Kernel: 2, Stride: 2, Padding: graph.Same, Out: 12}, "windows"),
		refused("max_pool", "signals: an image", image, graph.MaxPool1D{Size: 2}, "max pool: x is [2 3 4 5], want signals"),
		refused("max_pool", "signals: no size", x, graph.MaxPool1D{}, "want at least 1"),
		refused("avg_pool", "signals: a vector", flat, graph.AvgPool1D{Size: 2}, "average pool: x is [2 3], want signals"),
		refused("avg_pool", "signals: larger than the signal", x, graph.AvgPool1D{Size: 6}, "larger than the image"),
		refused("sum", "global average pool of features", flat, graph.GlobalAvgPool{}, "global average pool: x is [2 3], want x [N, C, ...]"),
	}
}
