package optest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/vm"
)

// scalarStates checks states and weights without axes: a step that counts itself, moves a
// mean towards an input, swaps two states, and descends a gradient.
func scalarStates(t *testing.T, on vm.Backend, dtype graph.Dtype) {
	p := graph.NewParams(dtype, 1)
	b := graph.New(p, graph.Config{Training: true})
	x, rate := b.Input("x", 2), b.Scalar("rate", 0.5)
	steps, mean := b.State("steps", nil), b.State("mean", graph.Constant(8))
	left, right := b.State("left", graph.Constant(1)), b.State("right", graph.Constant(2))
	held, w := b.State("held", nil), b.Param("w", graph.Constant(3))
	loss := b.Sum(b.Square(b.Mul(x, w)))
	b.Update(steps, b.AddConst(steps, 1))
	b.Update(mean, b.Add(b.Scale(mean, 0.75), b.Scale(b.Mean(x), 0.25)))
	b.Update(left, right)
	b.Update(right, left)
	b.Update(held, rate)
	b.Update(w, b.Sub(w, b.Mul(rate, b.Grad(loss, w)[0])))
	b.Output("scaled", b.Mul(x, b.Add(steps, mean)))
	b.Output("steps", steps)
	program, err := b.Program()
	require.NoError(t, err)
	m, err := on.Compile(program)
	require.NoError(t, err)
	defer m.Close()
	require.NoError(t, m.SetFloats("x", []float64{1, -1}))
	want := []map[string][]float64{
		{"steps": {1}, "mean": {6}, "left": {2}, "right": {1}, "held": {0.5}, "w": {-3}},
		{"steps": {2}, "mean": {4.5}, "left": {1}, "right": {2}, "held": {0.25}, "w": {0}},
	}
	for run, scaled := range []float64{8, 7} {
		if run == 1 {
			require.NoError(t, m.Set("rate", 0.25))
		}
		require.NoError(t, vm.Run(m))
		got, err := m.Floats("scaled")
		require.NoError(t, err)
		require.Equal(t, []float64{scaled, -scaled}, got, "run %d", run+1)
		n, err := m.Number("steps")
		require.NoError(t, err)
		require.Equal(t, float64(run), n)
		for name, v := range want[run] {
			require.Equal(t, v, p.Get(name).Floats(), "%s after run %d", name, run+1)
			require.Empty(t, p.Get(name).Shape())
		}
	}
	require.NoError(t, p.Get("steps").SetFloats([]float64{40}))
	require.NoError(t, vm.Run(m))
	require.Equal(t, []float64{41}, p.Get("steps").Floats(), "after a change on the host")
}
