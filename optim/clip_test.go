package optim_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
	"github.com/stheno-ml/stheno/optim"
	"github.com/stheno-ml/stheno/vm"
)

// clippedStep takes a step of gradient descent of rate 1 from zeros with the given
// gradients of two arrays, in float32, and returns the weights, negated, and the norm.
func clippedStep(t *testing.T, backend vm.Backend, wrap func(graph.Optimizer) graph.Optimizer, g1, g2 []float64) (w1, w2 []float64, norm float64) {
	t.Helper()
	p := graph.NewParams(graph.Float32, 1)
	b := graph.New(p, graph.Config{Training: true})
	one := lower.Arg(0).Mul(lower.Arg(1))
	loss := b.Add(
		b.Sum(b.Map(one, b.Param("w1", nil, 2), b.Input("g1", 2))),
		b.Sum(b.Map(one, b.Param("w2", nil, 2), b.Input("g2", 2))))
	optim.Minimize(b, wrap(optim.SGD{Rate: new(1.0)}), graph.Task{Name: "loss", Loss: loss})
	program, err := b.Program()
	require.NoError(t, err)
	m, err := backend.Compile(program)
	require.NoError(t, err)
	defer func() { require.NoError(t, m.Close()) }()
	require.NoError(t, m.SetFloats("g1", g1))
	require.NoError(t, m.SetFloats("g2", g2))
	require.NoError(t, vm.Run(m))
	if _, ok := program.Output("loss/grad norm"); ok {
		norm, err = m.Number("loss/grad norm")
		require.NoError(t, err)
	}
	negated := func(name string) []float64 {
		x := p.Get(name).Floats()
		for i := range x {
			x[i] = 0 - x[i]
		}
		return x
	}
	return negated("w1"), negated("w2"), norm
}

func TestClippingMakesNoNaNOfFiniteGradients(t *testing.T) {
	global := func(o graph.Optimizer) graph.Optimizer {
		return optim.ClipGlobalNorm{Norm: 5, Output: "grad norm", Optimizer: o}
	}
	each := func(o graph.Optimizer) graph.Optimizer { return optim.ClipNorm{Norm: 5, Optimizer: o} }
	value := func(o graph.Optimizer) graph.Optimizer { return optim.ClipValue{Limit: 5, Optimizer: o} }
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range []struct {
		name         string
		wrap         func(graph.Optimizer) graph.Optimizer
		g1, g2       []float64
		want1, want2 []float64
		norm         float64
	}{
		{"zeros", global, []float64{0, 0}, []float64{0, 0}, []float64{0, 0}, []float64{0, 0}, 0},
		{"short", global, []float64{1, 2}, []float64{-2, 0}, []float64{1, 2}, []float64{-2, 0}, 3},
		{"long", global, []float64{6, 0}, []float64{0, -8}, []float64{3, 0}, []float64{0, -4}, 10},
		{"NaN", global, []float64{nan, 1}, []float64{0, 8}, []float64{nan, 1}, []float64{0, 8}, nan},
		{"overflow", global, []float64{1e30, 1}, []float64{1, 1}, []float64{0, 0}, []float64{0, 0}, inf},
		{"infinite", global, []float64{inf, 1}, []float64{1, 1}, []float64{nan, 0}, []float64{0, 0}, inf},
		{"each zero", each, []float64{0, 0}, []float64{6, 8}, []float64{0, 0}, []float64{3, 4}, 0},
		{"each NaN", each, []float64{nan, 0}, []float64{6, 8}, []float64{nan, 0}, []float64{3, 4}, 0},
		{"value", value, []float64{nan, inf}, []float64{-6, 4}, []float64{nan, 5}, []float64{-5, 4}, 0},
	} {
		for name, backend := range backends {
			t.Run(c.name+" "+name, func(t *testing.T) {
				w1, w2, norm := clippedStep(t, backend, c.wrap, c.g1, c.g2)
				requireSame(t, append(c.want1, append(c.want2, c.norm)...), append(w1, append(w2, norm)...))
			})
		}
	}
}

// requireSame compares numbers, where NaN equals NaN.
func requireSame(t *testing.T, want, got []float64) {
	t.Helper()
	require.Len(t, got, len(want))
	for i, v := range want {
		if math.IsNaN(v) {
			require.True(t, math.IsNaN(got[i]), "element %d: got %v, want %v", i, got, want)
			continue
		}
		require.InDelta(t, v, got[i], 1e-5, "element %d: got %v, want %v", i, got, want)
	}
}
