package graph_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/optest"
)

type pair = graph.Pair

type layer interface {
	Apply(*graph.Builder, *graph.Node) *graph.Node
}

// layerOn applies a layer to images of a shape and returns the shape of the result.
func layerOn(t *testing.T, x graph.Shape, l layer) graph.Shape {
	t.Helper()
	b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{})
	y := l.Apply(b.Scope("layer"), b.Input("x", x...))
	require.NoError(t, b.Err())
	return graph.Shape(y.Shape())
}

func TestSamePaddingGivesAWindowForEveryStride(t *testing.T) {
	for in := 1; in <= 9; in++ {
		for kernel := 1; kernel <= 5; kernel++ {
			for stride := 1; stride <= 4; stride++ {
				want := (in + stride - 1) / stride
				x := graph.Shape{1, 1, in, in}
				for _, l := range []layer{
					graph.Conv2D{Filters: 1, Kernel: pair{kernel, 1}, Stride: pair{stride, 1}, Padding: graph.Same},
					graph.Conv2D{Filters: 1, Kernel: pair{kernel, 1}, Stride: pair{stride, 1}, Dilation: pair{2}, Padding: graph.Same},
					graph.MaxPool2D{Size: pair{kernel, 1}, Stride: pair{stride, 1}, Padding: graph.Same},
					graph.AvgPool2D{Size: pair{kernel, 1}, Stride: pair{stride, 1}, Padding: graph.Same},
				} {
					require.Equal(t, graph.Shape{1, 1, want, in}, layerOn(t, x, l), "%T %+v on %v", l, l, x)
				}
				up := graph.ConvTranspose2D{Filters: 1, Kernel: pair{kernel}, Stride: pair{stride}, Padding: graph.Same}
				require.Equal(t, graph.Shape{1, 1, in * stride, in * stride}, layerOn(t, x, up))
				up.Out = pair{in}
				require.Equal(t, x, layerOn(t, graph.Shape{1, 1, want, want}, up), "the transposed layer returns to any size that the layer shrinks to it")
			}
		}
	}
}

func TestSizesFollowTheFormulas(t *testing.T) {
	x := graph.Shape{2, 3, 9, 8}
	for _, c := range []struct {
		name  string
		layer layer
		want  graph.Shape
	}{
		{"valid", graph.Conv2D{Filters: 4, Kernel: pair{3}}, graph.Shape{2, 4, 7, 6}},
		{"stride, rounded down", graph.Conv2D{Filters: 4, Kernel: pair{3, 2}, Stride: pair{2, 3}}, graph.Shape{2, 4, 4, 3}},
		{"dilation", graph.Conv2D{Filters: 4, Kernel: pair{3}, Dilation: pair{2, 3}}, graph.Shape{2, 4, 5, 2}},
		{"margins", graph.Conv2D{Filters: 4, Kernel: pair{3}, Margins: graph.Margins{Top: 1, Left: 2, Right: 3}}, graph.Shape{2, 4, 8, 11}},
		{"transposed", graph.ConvTranspose2D{Filters: 4, Kernel: pair{3}}, graph.Shape{2, 4, 11, 10}},
		{"transposed, stride", graph.ConvTranspose2D{Filters: 4, Kernel: pair{3, 4}, Stride: pair{2}}, graph.Shape{2, 4, 19, 18}},
		{"transposed, all", graph.ConvTranspose2D{Filters: 4, Kernel: pair{3}, Stride: pair{3, 2}, Dilation: pair{2},
			Margins: graph.Margins{Top: 1, Bottom: 2, Left: 0, Right: 1}, OutputPadding: pair{2, 1}}, graph.Shape{2, 4, 8*3 - 3 + 4 + 1 + 2, 7*2 - 1 + 4 + 1 + 1}},
		{"max pool strides by its size", graph.MaxPool2D{Size: pair{2, 3}}, graph.Shape{2, 3, 4, 2}},
		{"average pool", graph.AvgPool2D{Size: pair{3}, Stride: pair{1, 2}}, graph.Shape{2, 3, 7, 3}},
		{"upsample", graph.Upsample2D{Factor: pair{2, 3}}, graph.Shape{2, 3, 18, 24}},
	} {
		t.Run(c.name, func(t *testing.T) { require.Equal(t, c.want, layerOn(t, x, c.layer)) })
	}
}

func TestConvLayersHaveKernelsBiasAndActivation(t *testing.T) {
	p := graph.NewParams(graph.Float64, 1)
	b := graph.New(p, graph.Config{})
	x := b.Input("x", 1, 2, 1, 2)
	y := graph.Conv2D{Filters: 2, Kernel: pair{1, 2}, Padding: graph.Same, Activation: "relu"}.Apply(b.Scope("a"), x)
	z := graph.ConvTranspose2D{Filters: 1, Kernel: pair{1, 2}, Stride: pair{1, 2}}.Apply(b.Scope("b"), x)
	graph.Conv2D{Filters: 5, Kernel: pair{1}, NoBias: true}.Apply(b.Scope("c"), x)
	require.NoError(t, b.Err())
	for name, shape := range map[string]graph.Shape{"a/w": {2, 2, 1, 2}, "a/b": {2}, "b/w": {2, 1, 1, 2}, "b/b": {1}, "c/w": {5, 2, 1, 1}} {
		require.Equal(t, shape, p.Get(name).Shape(), name)
	}
	require.Nil(t, p.Get("c/b"))
	require.Equal(t, 10, b.Layers()[0].Params)
	require.NoError(t, p.Get("a/w").SetFloats([]float64{1, 2, 3, 4, -1, 0, 0, 1}))
	require.NoError(t, p.Get("a/b").SetFloats([]float64{10, -0.5}))
	require.NoError(t, p.Get("b/w").SetFloats([]float64{1, 2, 3, 4}))
	require.NoError(t, p.Get("b/b").SetFloats([]float64{0.5}))
	floats := run(t, b, inputs{"x": {1, 2, 3, -4}}, y, z)
	require.Equal(t, []float64{
		10 + 1*1 + 2*2 + 3*3 - 4*4, 10 + 1*2 - 3*4, // padded at the right
		0, 0, // ReLU of -1-4-0.5 and of -2-0.5
	}, floats(y))
	require.Equal(t, []float64{0.5 + 1 + 9, 0.5 + 2 + 12, 0.5 + 2 - 12, 0.5 + 4 - 16}, floats(z))
}

// Gorgonia's convolution, max pooling and upsampling are right: ours must agree.
func TestImageOpsAgreeWithGorgonias(t *testing.T) {
	for _, c := range []struct {
		name         string
		ours, theirs func(b *graph.Builder, x, w *graph.Node) *graph.Node
	}{
		{"conv2d", func(b *graph.Builder, x, w *graph.Node) *graph.Node {
			return b.Conv2D(x, w, graph.ConvGeometry{Stride: pair{2, 1}, Dilation: pair{1, 2}, Margins: graph.Margins{Top: 1, Bottom: 1, Left: 2, Right: 2}})
		}, func(b *graph.Builder, x, w *graph.Node) *graph.Node {
			return gorgonia.Must(gorgonia.Conv2d(x, w, tensor.Shape{3, 2}, []int{1, 2}, []int{2, 1}, []int{1, 2}))
		}},
		{"max pool", func(b *graph.Builder, x, w *graph.Node) *graph.Node {
			return b.MaxPool2D(x, graph.PoolGeometry{Size: pair{2}})
		}, func(b *graph.Builder, x, w *graph.Node) *graph.Node {
			return gorgonia.Must(gorgonia.MaxPool2D(x, tensor.Shape{2, 2}, []int{0, 0}, []int{2, 2}))
		}},
		{"upsample", func(b *graph.Builder, x, w *graph.Node) *graph.Node {
			return b.Upsample2D(x, pair{3})
		}, func(b *graph.Builder, x, w *graph.Node) *graph.Node {
			return gorgonia.Must(gorgonia.Upsample2D(x, 3))
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := graph.New(graph.NewParams(graph.Float64, 1), graph.Config{})
			x := b.Param("x", graph.Normal(0, 1), 2, 3, 6, 4)
			w := b.Param("w", graph.Normal(0, 1), 2, 3, 3, 2)
			ours, theirs := c.ours(b, x, w), c.theirs(b, x, w)
			require.NoError(t, b.Err())
			wrt := []*graph.Node{x}
			if c.name == "conv2d" {
				wrt = append(wrt, w)
			}
			var all []*graph.Node
			for _, y := range []*graph.Node{ours, theirs} {
				loss := b.Sum(b.Mul(b.Square(y), y))
				all = append(append(all, y), b.Grad(loss, wrt...)...)
			}
			floats := run(t, b, nil, all...)
			for i := range len(all) / 2 {
				optest.RequireClose(t, c.name, floats(all[len(all)/2+i]), floats(all[i]), 1e-12)
			}
		})
	}
}
