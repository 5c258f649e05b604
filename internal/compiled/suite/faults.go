package suite

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/value"
)

// gorgoniasFaults are functions f of x that Gorgonia's own machine computes wrong or
// that end its process. want is the value of f, and grad the gradient of its sum.
var gorgoniasFaults = []struct {
	name       string
	shape      []int
	x          []float64
	f          func(x *graph.Node) *graph.Node
	want, grad []float64
}{
	{"square of a reshape, which overwrites what was reshaped", []int{2, 2}, []float64{1, 2, 3, 4},
		func(x *graph.Node) *graph.Node {
			return must(gorgonia.Square(must(gorgonia.Reshape(x, tensor.Shape{4}))))
		},
		[]float64{1, 4, 9, 16}, []float64{2, 4, 6, 8}},
	{"product of a reshape with itself", []int{2, 2}, []float64{1, 2, 3, 4},
		func(x *graph.Node) *graph.Node {
			r := must(gorgonia.Reshape(x, tensor.Shape{4}))
			return must(gorgonia.HadamardProd(r, r))
		},
		[]float64{1, 4, 9, 16}, []float64{2, 4, 6, 8}},
	{"softmax of rows of different magnitude", []int{2, 3}, []float64{1000, 1, 2, 0, 0, 0},
		func(x *graph.Node) *graph.Node { return must(gorgonia.SoftMax(x, 1)) },
		[]float64{1, 0, 0, 1. / 3, 1. / 3, 1. / 3}, []float64{0, 0, 0, 0, 0, 0}},
	{"the constant 1 before the cost", []int{2}, []float64{2, 3},
		func(x *graph.Node) *graph.Node { return must(gorgonia.Add(x, gorgonia.NewConstant(1.0))) },
		[]float64{3, 4}, []float64{1, 1}},
	{"sum over an inner one of four axes", []int{1, 2, 3, 2}, []float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12},
		func(x *graph.Node) *graph.Node { return must(gorgonia.Sum(x, 2)) },
		[]float64{9, 12, 27, 30}, []float64{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}},
	{"maximum over an inner one of four axes", []int{1, 2, 3, 2}, []float64{1, 9, 5, 4, 3, 6, 7, 8, 2, 10, 11, 12},
		func(x *graph.Node) *graph.Node { return must(gorgonia.Max(x, 2)) },
		[]float64{5, 9, 11, 12}, []float64{0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 1, 1}},
	{"means of windows that overlap", []int{1, 1, 3, 3}, []float64{1, 2, 3, 4, 5, 6, 7, 8, 9},
		func(x *graph.Node) *graph.Node {
			return must(gorgonia.AveragePool2D(x, tensor.Shape{2, 2}, []int{0, 0}, []int{1, 1}))
		},
		[]float64{3, 4, 6, 7}, []float64{0.25, 0.5, 0.25, 0.5, 1, 0.5, 0.25, 0.5, 0.25}},
	{"maximum of windows with a border", []int{1, 1, 2, 2}, []float64{1, 2, 3, 4},
		func(x *graph.Node) *graph.Node {
			return must(gorgonia.MaxPool2D(x, tensor.Shape{2, 2}, []int{1, 1}, []int{2, 2}))
		},
		[]float64{1, 2, 3, 4}, []float64{1, 1, 1, 1}},
	{"maximum of a window of NaN, which ends the process", []int{1, 1, 2, 2}, []float64{math.NaN(), math.NaN(), math.NaN(), math.NaN()},
		func(x *graph.Node) *graph.Node {
			return must(gorgonia.MaxPool2D(x, tensor.Shape{2, 2}, []int{0, 0}, []int{2, 2}))
		},
		[]float64{math.NaN()}, nil},
	{"one element", []int{2, 2}, []float64{1, 2, 3, 4},
		func(x *graph.Node) *graph.Node { return must(gorgonia.At(x, 1, 0)) },
		[]float64{3}, nil},
}

func (on Machine) gorgoniasFaultsAreComputedRight(t *testing.T) {
	for _, c := range gorgoniasFaults {
		t.Run(c.name, func(t *testing.T) {
			g := gorgonia.NewGraph()
			x := gorgonia.NewTensor(g, tensor.Float64, len(c.shape), gorgonia.WithName("x"), gorgonia.WithShape(c.shape...), gorgonia.WithValue(dense64(c.x, tensor.Float64, c.shape...)))
			y := c.f(x)
			if c.grad != nil {
				_, err := gorgonia.Grad(must(gorgonia.Sum(y)), x)
				require.NoError(t, err)
			}
			m := on.New(g, gorgonia.BindDualValues(x))
			defer m.Close()
			require.NoError(t, m.RunAll())
			requireNear(t, c.want, y.Value())
			requireNear(t, c.x, x.Value())
			if c.grad != nil {
				d, err := x.Grad()
				require.NoError(t, err)
				requireNear(t, c.grad, d)
			}
		})
	}
}

func requireNear(t *testing.T, want []float64, v gorgonia.Value) {
	t.Helper()
	got, err := value.Floats(v)
	require.NoError(t, err)
	require.Len(t, got, len(want))
	for i := range want {
		require.True(t, math.IsNaN(want[i]) && math.IsNaN(got[i]) || math.Abs(want[i]-got[i]) < 1e-9, "want %v, got %v", want, got)
	}
}

// For a gradient that is the constant 1, Gorgonia uses one node for all graphs. A
// solver would set it to 0.
func (on Machine) aGradientOfOneIsNotTheConstantOfAllGraphs(t *testing.T) {
	for range 2 {
		g := gorgonia.NewGraph()
		x := gorgonia.NewScalar(g, tensor.Float64, gorgonia.WithName("x"), gorgonia.WithValue(3.0))
		y := gorgonia.NewScalar(g, tensor.Float64, gorgonia.WithName("y"), gorgonia.WithValue(4.0))
		_, err := gorgonia.Grad(must(gorgonia.Add(x, y)), x, y)
		require.NoError(t, err)
		m := on.New(g)
		require.NoError(t, m.RunAll())
		d, err := x.Grad()
		require.NoError(t, err)
		require.Equal(t, 1.0, d.Data())
		require.NoError(t, gorgonia.NewAdamSolver().Step(gorgonia.NodesToValueGrads(gorgonia.Nodes{x, y})))
		require.NoError(t, m.Close())
	}
}
