package main

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/graph"
)

// What is right where a test of Gorgonia's expects something else, computed by
// plain loops.

func input(g *gorgonia.ExprGraph, name string, v *tensor.Dense) *graph.Node {
	return gorgonia.NewTensor(g, v.Dtype(), v.Dims(), gorgonia.WithShape(v.Shape()...), gorgonia.WithName(name), gorgonia.WithValue(v))
}

// floats runs a graph on a machine and returns a node's value.
func floats(t *testing.T, m gorgonia.VM, n *graph.Node) []float64 {
	t.Helper()
	require.NoError(t, m.RunAll())
	x, err := graph.Floats(n)
	require.NoError(t, err)
	require.NoError(t, m.Close())
	return x
}

// TestPaddingOfMaxPool2D: of pad {1,0,1,0} the first is padNorth and the third
// padWest in Gorgonia's own nn.go, so that windows begin above and to the left.
func TestPaddingOfMaxPool2D(t *testing.T) {
	pool := func(g *gorgonia.ExprGraph) *graph.Node {
		x := input(g, "x", tensor.New(tensor.WithShape(1, 1, 3, 3), tensor.WithBacking([]float64{1, 2, 3, 4, 5, 6, 7, 8, 9})))
		return gorgonia.Must(gorgonia.MaxPool2D(x, tensor.Shape{2, 2}, []int{1, 0, 1, 0}, []int{1, 1}))
	}
	// before is how far above and to the left of an output its window begins.
	windows := func(before int) (out []float64) {
		for p := range 3 {
			for q := range 3 {
				most := math.Inf(-1)
				for r := p - before; r < p-before+2; r++ {
					for c := q - before; c < q-before+2; c++ {
						if r >= 0 && r < 3 && c >= 0 && c < 3 {
							most = max(most, float64(3*r+c+1))
						}
					}
				}
				out = append(out, most)
			}
		}
		return out
	}
	g := gorgonia.NewGraph()
	y := pool(g)
	require.Equal(t, windows(1), floats(t, cpu.New(g), y))
	g = gorgonia.NewGraph()
	y = pool(g)
	require.Equal(t, windows(0), floats(t, gorgonia.NewTapeMachine(g), y), "Gorgonia pads below and to the right")
}

// TestScaleBeforeAMeanHasNoGradient: the mean of a batch norm's result is the
// mean of its biases, so the gradients of both scales and of the first bias are 0.
// In float32 they come out as roundings, other ones on each processor, and Adam
// divides them by their own size.
func TestScaleBeforeAMeanHasNoGradient(t *testing.T) {
	gradients := func(dtype tensor.Dtype) (largest float64) {
		g := gorgonia.NewGraph()
		start := func(name string, shape tensor.Shape, from, step float64) *graph.Node {
			n := gorgonia.NewTensor(g, dtype, 2, gorgonia.WithShape(shape...), gorgonia.WithName(name))
			x := make([]float64, shape.TotalSize())
			for i := range x {
				x[i] = from + float64(i)*step
			}
			require.NoError(t, graph.SetFloats(n, x))
			return n
		}
		y := start("x", tensor.Shape{3, 2}, .5, .01)
		var scales gorgonia.Nodes
		for _, layer := range []string{"1", "2"} {
			scale, bias := start("scale"+layer, tensor.Shape{1, 2}, .3, .3), start("bias"+layer, tensor.Shape{1, 2}, .2, .2)
			var err error
			y, _, _, _, err = gorgonia.BatchNorm(y, scale, bias, .9, 1e-5)
			require.NoError(t, err)
			scales = append(scales, scale)
		}
		_, err := gorgonia.Grad(gorgonia.Must(gorgonia.Mean(y)), scales...)
		require.NoError(t, err)
		m := gorgonia.NewTapeMachine(g)
		defer m.Close()
		require.NoError(t, m.RunAll())
		for _, s := range scales {
			d, err := graph.Floats(s.Deriv())
			require.NoError(t, err)
			largest = max(largest, math.Abs(d[0]), math.Abs(d[1]))
		}
		return largest
	}
	require.Less(t, gradients(tensor.Float64), 1e-16)
	const epsilon = 1e-8 // Adam's
	require.Greater(t, gradients(tensor.Float32), epsilon/10, "as large as what keeps Adam from dividing by 0")
}
