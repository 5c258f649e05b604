package code

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/interp"
	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/lower"
)

// windowCases are convolutions, small ones of every kind and those of the nets of bench, with
// enough images for several stages.
func windowCases() []convCase {
	cases := append([]convCase{
		{"several chunks and results", 5, 16, 8, [2]int{28, 28}, [2]int{3, 3}, geometry(2, 1, 0, 1, 0, 1)},
		{"several images in a stage", 41, 8, 8, [2]int{7, 7}, [2]int{3, 3}, geometry(1, 1, 1, 1, 1, 1)},
		{"channels that are left over", 3, 19, 9, [2]int{14, 13}, [2]int{3, 3}, geometry(1, 1, 1, 1, 1, 1)},
		{"runs that are left over", 2, 3, 5, [2]int{11, 37}, [2]int{3, 3}, geometry(2, 1, 1, 1, 2, 1)},
		{"large kernels", 4, 4, 6, [2]int{12, 12}, [2]int{5, 7}, geometry(1, 1, 2, 2, 3, 3)},
		{"a margin wider than the image", 2, 2, 2, [2]int{3, 3}, [2]int{3, 3}, geometry(1, 1, 2, 4, 2, 4)},
	}, convCases...)
	r := rand.New(rand.NewPCG(3, 1))
	for i := range 6 {
		c := convCase{name: fmt.Sprint("random ", i), n: 1 + r.IntN(9), c: 1 + r.IntN(20), o: 1 + r.IntN(20), kernel: [2]int{1 + r.IntN(4), 2 + r.IntN(4)}}
		for a := range 2 {
			c.geometry.Stride[a], c.geometry.Dilation[a] = 1+r.IntN(3), 1+r.IntN(2)
			c.size[a] = c.geometry.Dilation[a]*(c.kernel[a]-1) + 1 + r.IntN(17)
		}
		c.geometry.Pad = lower.Margins{Top: r.IntN(3), Bottom: r.IntN(3), Left: r.IntN(3), Right: r.IntN(3)}
		cases = append(cases, c)
	}
	return cases
}

// checkWindows compares convolutions, computed from shared memory whatever a product would take,
// with the interpreter.
func checkWindows(t *testing.T, f *lower.Func, in []lower.Array[float64]) {
	need(t)
	want, err := interp.Run(f, in...)
	require.NoError(t, err)
	values := make([][]float64, len(in))
	for i, x := range in {
		values[i] = x.Elements()
	}
	for dtype, near := range map[graph.Dtype]float64{graph.Float32: near, graph.Float64: near * 0x1p-28} {
		p, err := plan.OfFunc(f, dtype, plan.Target{Convs: true})
		require.NoError(t, err)
		program, err := makeOf(p, func(int) []tile { return nil })
		require.NoError(t, err)
		compile(t, program.Source)
		orders := []uint64{0, 7}
		if dtype == graph.Float64 {
			orders = orders[1:]
		}
		for _, order := range orders {
			m := newMachine(p, program, values)
			require.NoError(t, m.run(order))
			for i := range want {
				same(t, want[i].Elements(), m.result(i), near, "%v, result %d", dtype, i)
			}
		}
	}
}

func filterOf(c convCase) func(*lower.Func, []lower.Value) []lower.Value {
	return func(f *lower.Func, in []lower.Value) []lower.Value {
		return f.Apply(lower.ConvFilter{Geometry: c.geometry, Kernel: c.kernel}, in...)
	}
}

func TestGradientsOfKernelsByTaps(t *testing.T) {
	var s battery
	for _, c := range windowCases() {
		if c.kernel[0]*c.kernel[1] >= minTaps {
			x, _, y := c.shapes(t)
			s.add(filterOf(c), x, y)
		}
	}
	f := s.function()
	checkWindows(t, f, inputs(f, 5))
}

// Windows that are there only to fill a run of windows are not multiplied, not even by zero.
func TestWindowsThatFillARunDoNotCount(t *testing.T) {
	c := convCase{n: 1, c: 2, o: 2, size: [2]int{5, 39}, kernel: [2]int{3, 3}, geometry: geometry(1, 1)}
	x, _, y := c.shapes(t)
	var s battery
	s.add(filterOf(c), x, y)
	f := s.function()
	in := inputs(f, 5)
	in[0].Data[38] = math.Inf(1) // in the last column, which only the last taps of a row read
	checkWindows(t, f, in)
}

// TestConvolutionsByWindows computes each case with sums of all kinds behind it, and the gradient
// of its images if its stride is 1.
func TestConvolutionsByWindows(t *testing.T) {
	var s battery
	for _, c := range windowCases() {
		if c.kernel[0]*c.kernel[1] < minTaps || c.c < minChannels || c.o < minChannels {
			continue
		}
		g := c.geometry
		x, w, y := c.shapes(t)
		s.add(func(f *lower.Func, in []lower.Value) []lower.Value {
			y := f.Map(lower.Tanh(lower.Arg(0).Mul(lower.Num(0.1)).Add(lower.Arg(1))), f.Apply(lower.Conv{Geometry: g}, in[0], in[1])[0], in[2])
			return []lower.Value{y, f.Sum(y, 0, 2, 3), f.Max(y, 0, 2, 3), f.Sum(y, 0, 1, 2, 3)}
		}, x, w, y)
		if g.Stride != [2]int{1, 1} || g.Pad.Top > (c.kernel[0]-1)*g.Dilation[0] || g.Pad.Left > (c.kernel[1]-1)*g.Dilation[1] {
			continue
		}
		s.add(func(f *lower.Func, in []lower.Value) []lower.Value {
			return f.Apply(lower.ConvData{Geometry: g, In: c.size}, in...)
		}, y, w)
	}
	f := s.function()
	checkWindows(t, f, inputs(f, 6))
}
