package plan

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/internal/exprgraph"
	"github.com/stheno-ml/stheno/lower"
)

// lowering returns the graph's one node of a kind, and its Lowering.
func (p *program) lowering(kind string) (*node, *Lowering) {
	p.t.Helper()
	for _, n := range p.g.AllNodes() {
		if KindOf(n.Op()) != kind {
			continue
		}
		operands, err := exprgraph.Operands(p.g, n)
		require.NoError(p.t, err)
		m, _, err := loweringOf(n, operands)
		require.NoError(p.t, err)
		return n, m
	}
	require.Failf(p.t, "no node", "of %s", kind)
	return nil, nil
}

// result runs the Lowering of the node of a kind on arrays of the operands' shapes.
func (p *program) result(kind string, data ...[]float64) []float64 {
	p.t.Helper()
	_, m := p.lowering(kind)
	require.Empty(p.t, m.Host)
	require.NotEmpty(p.t, m.Fault)
	in := make([]lower.Array[float64], len(data))
	for i, v := range data {
		in[i] = lower.ArrayOf(v, m.Func.Shape(lower.Value(i)))
	}
	return p.run(m.Func, in)[0].Elements()
}

func count(n int) []float64 {
	v := make([]float64, n)
	for i := range v {
		v[i] = float64(i*i%17) + 1
	}
	return v
}

// TestLoweringsOfFaultyOpsAreRight compares the lowerings of ops that Gorgonia gets
// wrong with plain loops.
func TestLoweringsOfFaultyOpsAreRight(t *testing.T) {
	tests := []struct {
		name string
		run  func(p *program) (want, got []float64)
	}{
		{"sum over a middle axis of four", func(p *program) (want, got []float64) {
			x := count(120)
			want = make([]float64, 30)
			for i, v := range x {
				want[i/20*5+i%5] += v
			}
			p.must(G.Sum(p.of(x, 2, 3, 4, 5), 2))
			return want, p.result("sumOp", x)
		}},
		{"maximum over the last two axes of four", func(p *program) (want, got []float64) {
			x := count(120)
			want = make([]float64, 6)
			for i, v := range x {
				want[i/20] = max(want[i/20], v)
			}
			p.must(G.Max(p.of(x, 2, 3, 4, 5), 2, 3))
			return want, p.result("maxOp", x)
		}},
		{"one element", func(p *program) (want, got []float64) {
			x := count(12)
			p.must(G.At(p.of(x, 3, 4), 1, 2))
			return x[6:7], p.result("atOp", x)
		}},
		{"pooling with unequal margins", func(p *program) (want, got []float64) {
			x := count(16)
			p.must(G.MaxPool2D(p.of(x, 1, 1, 4, 4), tensor.Shape{2, 2}, []int{1, 0, 0, 1}, []int{1, 1}))
			for r := range 4 {
				for c := range 4 {
					top := 0.0
					for i := max(r-1, 0); i <= r; i++ {
						for j := c; j <= min(c+1, 3); j++ {
							top = max(top, x[i*4+j])
						}
					}
					want = append(want, top)
				}
			}
			return want, p.result("maxPoolOp", x)
		}},
		{"mean pooling", func(p *program) (want, got []float64) {
			x := count(36)
			p.must(G.AveragePool2D(p.of(x, 1, 1, 6, 6), tensor.Shape{2, 2}, []int{0, 0}, []int{2, 2}))
			want = make([]float64, 9)
			for i, v := range x {
				want[i/12*3+i%6/2] += v / 4
			}
			return want, p.result("avgPoolOp", x)
		}},
		{"gradient of mean pooling", func(p *program) (want, got []float64) {
			x, g := count(8), []float64{4, 8} // of an image that is not square
			p.grad(p.must(G.AveragePool2D(p.of(x, 1, 1, 2, 4), tensor.Shape{2, 2}, []int{0, 0}, []int{2, 2})))
			want = []float64{1, 1, 2, 2, 1, 1, 2, 2}
			return want, p.result("avgPoolDiffOp", x, []float64{0, 0}, g)
		}},
		{"gradient of a column's softmax", func(p *program) (want, got []float64) {
			y, g := []float64{0.2, 0.3, 0.5}, []float64{1, 2, 4}
			p.grad(p.must(G.SoftMax(p.in(3, 1))))
			dot := 0.2*1 + 0.3*2 + 0.5*4
			return []float64{0.2 * (1 - dot), 0.3 * (2 - dot), 0.5 * (4 - dot)}, p.result("softmaxDiffOp", y, y, g)
		}},
		{"gradient of batch norm in evaluation", func(p *program) (want, got []float64) {
			x, g := count(8), count(8)
			y, _, _, op, err := G.BatchNorm(p.of(x, 1, 2, 2, 2), p.in(1, 2, 1, 1), p.in(1, 2, 1, 1), 0.1, 0.5)
			require.NoError(p.t, err)
			p.grad(y)
			require.NoError(p.t, op.SetTraining(false))
			for i, v := range g {
				want = append(want, v/math.Sqrt([]float64{4, 9}[i/4]+0.5))
			}
			return want, p.result("batchnormDiffOp", x, g, []float64{4, 9})
		}},
	}
	for _, c := range tests {
		t.Run(c.name, func(t *testing.T) {
			p := newProgram(t, tensor.Float64)
			want, got := c.run(p)
			p.near(want, got, c.name)
		})
	}
}

// TestReductionsAreWrongWhereAFaultSaysSo tries every set of axes of arrays of up to
// five axes. TapeMachine must be wrong where a fault says so, and nowhere else.
func TestReductionsAreWrongWhereAFaultSaysSo(t *testing.T) {
	for _, shape := range []lower.Shape{{2, 3, 4}, {2, 3, 4, 5}, {2, 3, 2, 5}, {2, 1, 3, 4}, {2, 3, 2, 3, 2}, {2, 3, 3, 2, 4}} {
		for set := 1; set < 1<<len(shape); set++ {
			var axes []int
			for a := range shape {
				if set>>a&1 == 1 {
					axes = append(axes, a)
				}
			}
			p := newProgram(t, tensor.Float64)
			v := make([]float64, shape.Size()) // powers of 3, so that all sums differ
			for i := range v {
				v[i] = math.Mod(math.Pow(3, float64(i%30))+float64(i), 1e9+7)
			}
			x := p.of(v, shape...)
			y := p.must(G.Sum(x, axes...))
			_, m := p.lowering("sumOp")
			want := p.run(m.Func, []lower.Array[float64]{lower.ArrayOf(v, shape)})[0].Elements()
			vm := G.NewTapeMachine(p.g)
			require.NoError(t, vm.RunAll())
			require.NoError(t, vm.Close())
			got := p.floats(y.Value())
			require.Len(t, got, len(want))
			wrong := false
			for i := range want {
				wrong = wrong || math.Abs(want[i]-got[i]) > 1e-6
			}
			require.Equal(t, wrong, m.Fault != "", "sum of %v over %v", shape, axes)
		}
	}
}

// TestDropoutsGradientHasTheDropoutsMask runs both lowerings with one clock.
func TestDropoutsGradientHasTheDropoutsMask(t *testing.T) {
	const n, rate = 1000, 0.25
	p := newProgram(t, tensor.Float64)
	x := make([]float64, n) // zeros: the output shows nothing of the mask
	y := p.must(G.Dropout(p.of(x, n), rate))
	p.grad(y)
	_, forward := p.lowering("dropoutOp")
	_, backward := p.lowering("dropoutDiffOp")
	require.True(t, forward.State[0].Clock)
	ones := make([]float64, n)
	for i := range ones {
		ones[i] = 1
	}
	one, clock := lower.ArrayOf(ones, lower.Shape{n}), lower.ArrayOf([]float64{3, 0, 0, 0}, lower.Shape{4})
	zero := lower.ArrayOf(x, lower.Shape{n})
	mask := p.run(forward.Func, []lower.Array[float64]{one, clock})[0].Elements()
	grad := p.run(backward.Func, []lower.Array[float64]{zero, zero, one, clock})[0].Elements()
	require.Equal(t, mask, grad)
	keptCount := 0
	for _, v := range mask {
		require.True(t, v == 0 || math.Abs(v-1/(1-rate)) < 1e-12)
		if v != 0 {
			keptCount++
		}
	}
	require.InDelta(t, n*(1-rate), keptCount, 70, "five standard deviations")
	clock.Data[0] = 4
	require.NotEqual(t, mask, p.run(forward.Func, []lower.Array[float64]{one, clock})[0].Elements(), "another run, another mask")

	require.False(t, forward.Stale())
	require.NoError(t, y.Op().(G.TrainModeOp).SetTraining(false))
	require.True(t, forward.Stale())
	require.True(t, backward.Stale())
	_, forward = p.lowering("dropoutOp")
	_, backward = p.lowering("dropoutDiffOp")
	require.Empty(t, forward.State)
	require.Equal(t, ones, p.run(forward.Func, []lower.Array[float64]{one})[0].Elements())
	require.Equal(t, ones, p.run(backward.Func, []lower.Array[float64]{zero, zero, one})[0].Elements())
}

// TestRandomNodesDraw checks the numbers' ranges and moments.
func TestRandomNodesDraw(t *testing.T) {
	const n = 4000
	p := newProgram(t, tensor.Float64)
	fresh := func() *G.ExprGraph { return G.NewGraph() } // in one graph, Gorgonia merges random nodes of one shape
	draw := func(y *node, clock float64) []float64 {
		m, ok, err := loweringOf(y, nil)
		require.NoError(t, err)
		require.True(t, ok, m.Host)
		return p.run(m.Func, []lower.Array[float64]{lower.ArrayOf([]float64{clock, 0, 0, 0}, lower.Shape{4})})[0].Elements()
	}
	moments := func(x []float64) (mean, std float64) {
		for _, v := range x {
			mean += v / n
		}
		for _, v := range x {
			std += (v - mean) * (v - mean) / n
		}
		return mean, math.Sqrt(std)
	}
	uniform := draw(G.UniformRandomNode(fresh(), tensor.Float64, 2, 4, n), 1)
	mean, std := moments(uniform)
	require.InDelta(t, 3, mean, 0.05)
	require.InDelta(t, 2/math.Sqrt(12), std, 0.05)
	normal := G.GaussianRandomNode(fresh(), tensor.Float64, 5, 3, n/2, 2)
	mean, std = moments(draw(normal, 1))
	require.InDelta(t, 5, mean, 0.25)
	require.InDelta(t, 3, std, 0.2)
	require.NotEqual(t, draw(normal, 1), draw(normal, 2))
	require.Len(t, draw(G.GaussianRandomNode(fresh(), tensor.Float64, 0, 1), 1), 1)
	mean, _ = moments(draw(G.BinomialRandomNode(fresh(), tensor.Float64, 1, 0.3, n), 1))
	require.InDelta(t, 0.3, mean, 0.04)
	m, ok, err := loweringOf(G.BinomialRandomNode(fresh(), tensor.Float64, 5, 0.3, n), nil)
	require.NoError(t, err)
	require.False(t, ok)
	require.Contains(t, m.Host, "trials")
}
