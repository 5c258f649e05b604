package graph_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/optest"
)

// waved returns n irregular numbers between -1 and 1.
func waved(n int, phase float64) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = math.Sin(float64(i*i) + 1.7*float64(i) + phase)
	}
	return x
}

func TestLayersAlongOneAxisHaveTheirLengths(t *testing.T) {
	x := graph.Shape{2, 3, 9}
	for _, c := range []struct {
		name  string
		layer layer
		want  graph.Shape
	}{
		{"convolution", graph.Conv1D{Filters: 4, Kernel: 3}, graph.Shape{2, 4, 7}},
		{"same, stride", graph.Conv1D{Filters: 4, Kernel: 3, Stride: 2, Padding: graph.Same}, graph.Shape{2, 4, 5}},
		{"margins and dilation", graph.Conv1D{Filters: 4, Kernel: 3, Dilation: 3, Margins: [2]int{2, 1}}, graph.Shape{2, 4, 6}},
		{"transposed", graph.ConvTranspose1D{Filters: 4, Kernel: 3, Stride: 2}, graph.Shape{2, 4, 19}},
		{"transposed, all", graph.ConvTranspose1D{Filters: 4, Kernel: 3, Stride: 3, Dilation: 2, Margins: [2]int{1, 2}, OutputPadding: 2}, graph.Shape{2, 4, 8*3 - 3 + 4 + 1 + 2}},
		{"transposed, same to a length", graph.ConvTranspose1D{Filters: 4, Kernel: 3, Stride: 2, Padding: graph.Same, Out: 17}, graph.Shape{2, 4, 17}},
		{"max pool", graph.MaxPool1D{Size: 2}, graph.Shape{2, 3, 4}},
		{"average pool", graph.AvgPool1D{Size: 3, Stride: 1, Margins: [2]int{1, 1}}, graph.Shape{2, 3, 9}},
		{"global", graph.GlobalAvgPool{}, graph.Shape{2, 3}},
	} {
		t.Run(c.name, func(t *testing.T) { require.Equal(t, c.want, layerOn(t, x, c.layer)) })
	}
}

func TestConv1DMatchesItsFormula(t *testing.T) {
	const n, c, o, l, k, stride, dilation, before, after, length = 2, 3, 2, 8, 3, 2, 2, 1, 2, 4
	p := graph.NewParams(graph.Float64, 1)
	b := graph.New(p, graph.Config{})
	x := b.Input("x", n, c, l)
	y := graph.Conv1D{Filters: o, Kernel: k, Stride: stride, Dilation: dilation, Margins: [2]int{before, after}}.Apply(b, x)
	require.NoError(t, b.Err())
	require.Equal(t, graph.Shape{o, c, k}, p.Get("w").Shape())
	xs, w, bias := waved(n*c*l, 0), waved(o*c*k, 1), waved(o, 2)
	require.NoError(t, p.Get("w").SetFloats(w))
	require.NoError(t, p.Get("b").SetFloats(bias))
	var want []float64
	for i := range n * o * length {
		at, f, s := i%length, i/length%o, i/length/o
		sum := bias[f]
		for j := range c * k {
			if from := at*stride + j%k*dilation - before; from >= 0 && from < l {
				sum += w[f*c*k+j] * xs[(s*c+j/k)*l+from]
			}
		}
		want = append(want, sum)
	}
	optest.RequireClose(t, "conv1d", want, run(t, b, inputs{"x": xs}, y)(y), 1e-12)
}

func TestLayersAlongOneAxisByHand(t *testing.T) {
	p := graph.NewParams(graph.Float64, 1)
	b := graph.New(p, graph.Config{})
	x := b.Input("x", 1, 1, 4)
	up := graph.ConvTranspose1D{Filters: 1, Kernel: 3, Stride: 2}.Apply(b, x)
	most, mean := graph.MaxPool1D{Size: 2}.Apply(b, x), graph.AvgPool1D{Size: 3, Stride: 1, Padding: graph.Same}.Apply(b, x)
	global := graph.GlobalAvgPool{}.Apply(b, x)
	require.NoError(t, b.Err())
	require.Equal(t, graph.Shape{1, 1, 3}, p.Get("w").Shape())
	require.NoError(t, p.Get("w").SetFloats([]float64{1, 10, 100}))
	require.NoError(t, p.Get("b").SetFloats([]float64{0.5}))
	floats := run(t, b, inputs{"x": {1, 2, 6, 3}}, up, most, mean, global)
	require.Equal(t, []float64{1.5, 10.5, 102.5, 20.5, 206.5, 60.5, 603.5, 30.5, 300.5}, floats(up))
	require.Equal(t, []float64{2, 6}, floats(most))
	require.Equal(t, []float64{1.5, 3, 11. / 3, 4.5}, floats(mean))
	require.Equal(t, []float64{3}, floats(global))
}
