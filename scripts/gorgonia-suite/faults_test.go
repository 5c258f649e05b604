package main

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/value"
)

// The correct results where a test of Gorgonia expects something else, computed by plain
// loops.

func input(g *gorgonia.ExprGraph, name string, v *tensor.Dense) *graph.Node {
	return gorgonia.NewTensor(g, v.Dtype(), v.Dims(), gorgonia.WithShape(v.Shape()...), gorgonia.WithName(name), gorgonia.WithValue(v))
}

// floats runs a graph on a machine and returns a node's value.
func floats(t *testing.T, m gorgonia.VM, n *graph.Node) []float64 {
	t.Helper()
	require.NoError(t, m.RunAll())
	x, err := value.Of(n)
	require.NoError(t, err)
	require.NoError(t, m.Close())
	return x
}

// In Gorgonia's nn.go, the first number of pad {1,0,1,0} is padNorth and the third is
// padWest. So windows begin above and to the left of the image.
func TestPaddingOfMaxPool2D(t *testing.T) {
	pool := func(g *gorgonia.ExprGraph) *graph.Node {
		x := input(g, "x", tensor.New(tensor.WithShape(1, 1, 3, 3), tensor.WithBacking([]float64{1, 2, 3, 4, 5, 6, 7, 8, 9})))
		return gorgonia.Must(gorgonia.MaxPool2D(x, tensor.Shape{2, 2}, []int{1, 0, 1, 0}, []int{1, 1}))
	}
	// before is how far a window begins above and to the left of its output.
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

// The mean of a batch norm's result is the mean of its biases. So the gradients of both
// scales and of the first bias are 0. In float32 they are rounding errors, which differ
// by processor, and Adam divides them by their own size.
func TestScaleBeforeAMeanHasNoGradient(t *testing.T) {
	gradients := func(dtype tensor.Dtype) (largest float64) {
		g := gorgonia.NewGraph()
		start := func(name string, shape tensor.Shape, from, step float64) *graph.Node {
			n := gorgonia.NewTensor(g, dtype, 2, gorgonia.WithShape(shape...), gorgonia.WithName(name))
			x := make([]float64, shape.TotalSize())
			for i := range x {
				x[i] = from + float64(i)*step
			}
			require.NoError(t, value.Bind(n, x...))
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
			d, err := value.Of(s.Deriv())
			require.NoError(t, err)
			largest = max(largest, math.Abs(d[0]), math.Abs(d[1]))
		}
		return largest
	}
	require.Less(t, gradients(tensor.Float64), 1e-16)
	const epsilon = 1e-8 // Adam's
	require.Greater(t, gradients(tensor.Float32), epsilon/10, "as large as what keeps Adam from dividing by 0")
}

// TestWhatBatchNormEvaluatesTo computes what subtests #2 to #6 of Gorgonia's
// TestBatchNormAll should expect: x normalised, scaled and shifted, times the transposed
// weights, after one step of Adam. The scales do not change in that step, because their
// gradients are 0. Four of the subtests expect wrong values, because Adam turns rounding
// errors into whole steps. #2 expects the correct value.
func TestWhatBatchNormEvaluatesTo(t *testing.T) {
	const n, outputs, momentum, epsilon = 3, 3, .9, 1e-5
	adam := func(gradient float64) float64 { return .02 * gradient / (math.Abs(gradient) + 1e-8) }
	steps := func(from, step float64, n int) (x []float64) {
		for i := range n {
			x = append(x, from+step*float64(i))
		}
		return x
	}
	for _, c := range []struct {
		part     string
		x        []float64 // [n,channels]
		weights  []float64 // [outputs,channels]; the first row is also the scales
		bias     []float64
		expected float64 // the first element that Gorgonia's test expects
		off      float64 // its least distance from the correct value
	}{
		{"#2 Float32", []float64{-0.1607, -0.3214, 0.2000, 0.4000, 0.5607, 1.1214}, steps(.3, .3, 6), steps(.2, .2, 2), -0.10514938, 0},
		{"#3 Float32", steps(.5, .01, 12), steps(.3, .3, 12), steps(.2, .2, 4), 1.8381538, 1e-3},
		{"#4 Float64", steps(.5, .01, 12), steps(.3, .3, 12), steps(.2, .2, 4), 1.837042238419874, 1e-10},
		{"#5 Float64", steps(.5, .01, 6), steps(.3, .3, 6), steps(.2, .2, 2), 0.3155331207656929, 1e-11},
		{"#6 Float32", steps(.1, .001, 6), []float64{1, 1, 1, 1, 1, 1}, []float64{0, 0}, 0.012807339, 6e-4},
	} {
		correct, channels := 0.0, len(c.bias)
		for k := range channels {
			mean, variance, above := 0.0, 0.0, 0.0
			for i := range n {
				mean += c.x[i*channels+k] / n
			}
			for i := range n {
				variance += math.Pow(c.x[i*channels+k]-mean, 2) / (n - 1)
				above += c.weights[i*channels+k] / outputs
			}
			mean, variance = momentum*mean, momentum*variance+1-momentum
			normal := (c.x[k] - mean) / math.Sqrt(variance+epsilon)
			weight := c.weights[k] - adam(c.bias[k]/outputs)
			correct += weight * (normal*c.weights[k] + c.bias[k] - adam(above))
		}
		t.Logf("%s: expected %v, correct %v", c.part, c.expected, correct)
		require.GreaterOrEqual(t, math.Abs(c.expected-correct), c.off, "%s expects %v, correct is %v", c.part, c.expected, correct)
	}
}

// For y = x * mask / (1 - p) and the mean of five elements, the gradient is
// .2 * mask / (1 - p), which is .2 * y if x is all ones. Gorgonia's test expects 0 for
// p = 0, and 1 instead of .25 for p = .2.
func TestGradientOfDropout(t *testing.T) {
	for _, p := range []float64{0, .2, .5} {
		g := gorgonia.NewGraph()
		x := input(g, "x", tensor.New(tensor.WithBacking([]float64{1, 1, 1, 1, 1})))
		y := gorgonia.Must(gorgonia.Dropout(x, p))
		_, err := gorgonia.Grad(gorgonia.Must(gorgonia.Mean(y)), x)
		require.NoError(t, err)
		m := cpu.New(g)
		got := floats(t, m, y)
		d, err := value.Of(x.Deriv())
		require.NoError(t, err)
		for i := range got {
			require.Contains(t, []float64{0, 1 / (1 - p)}, got[i])
			require.InDelta(t, .2*got[i], d[i], 1e-15, "p = %v", p)
		}
	}
}

// Values do not share memory even if an op returns its operand, as in Gorgonia's test of
// WithPointerWatch.
func TestValuesDoNotShareMemory(t *testing.T) {
	g := gorgonia.NewGraph()
	x := input(g, "x", tensor.New(tensor.WithBacking([]float64{1, 2})))
	square := gorgonia.Must(gorgonia.Square(x))
	same := gorgonia.Must(gorgonia.ApplyOp(gorgonia.Iop{}, square))
	require.Equal(t, []float64{1, 4}, floats(t, cpu.New(g, gorgonia.WithPointerWatch()), same))
	require.NotEqual(t, square.Value().Uintptr(), same.Value().Uintptr())
}

func TestAnIndexOutOfRangeIsAnError(t *testing.T) {
	g := gorgonia.NewGraph()
	table := input(g, "table", tensor.New(tensor.WithShape(4, 2), tensor.WithBacking(tensor.Range(tensor.Float64, 0, 8))))
	rows := input(g, "rows", tensor.New(tensor.WithBacking([]int{0, 5})))
	y := gorgonia.Must(gorgonia.ByIndices(table, rows, 0))
	m := cpu.New(g)
	defer m.Close()
	err := m.RunAll()
	require.ErrorContains(t, err, y.Name())
	require.ErrorContains(t, err, "index 5")
}
