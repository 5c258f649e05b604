package cpu

import (
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/internal/compiled"
)

// regression is a linear model in Gorgonia's own ops, on a machine.
func regression(t *testing.T) (m *compiled.Machine, model []gorgonia.ValueGrad) {
	t.Helper()
	g := gorgonia.NewGraph()
	fill := func(name string, shape ...int) *gorgonia.Node {
		x := make([]float32, tensor.Shape(shape).TotalSize())
		for i := range x {
			x[i] = float32(i*7%11) / 11
		}
		return gorgonia.NewMatrix(g, tensor.Float32, gorgonia.WithShape(shape...), gorgonia.WithName(name),
			gorgonia.WithValue(tensor.New(tensor.WithShape(shape...), tensor.WithBacking(x))))
	}
	x, w, v := fill("x", 8, 200), fill("w", 200, 100), fill("v", 100, 3)
	y := gorgonia.Must(gorgonia.Mul(gorgonia.Must(gorgonia.Tanh(gorgonia.Must(gorgonia.Mul(x, w)))), v))
	cost := gorgonia.Must(gorgonia.Mean(gorgonia.Must(gorgonia.Square(y))))
	_, err := gorgonia.Grad(cost, w, v)
	require.NoError(t, err)
	return New(g, gorgonia.BindDualValues(w, v)).(*compiled.Machine), gorgonia.NodesToValueGrads(gorgonia.Nodes{w, v})
}

func TestTheMachinesSolverStepsLikeGorgonias(t *testing.T) {
	m, want := regression(t)
	theirs := gorgonia.Solver(gorgonia.NewAdamSolver())
	step := func(m *compiled.Machine, s gorgonia.Solver, model []gorgonia.ValueGrad) {
		t.Helper()
		require.NoError(t, m.RunAll())
		require.NoError(t, s.Step(model))
		m.Reset()
	}
	for range 5 {
		step(m, theirs, want)
	}
	require.NoError(t, m.Close())

	m, got := regression(t)
	ours := m.Solver(gorgonia.NewAdamSolver())
	for range 5 {
		step(m, ours, got)
	}
	for i := range want {
		require.Equal(t, want[i].Value().Data(), got[i].Value().Data())
	}

	require.NoError(t, m.Within(func() {
		require.ErrorContains(t, ours.Step(got), "another goroutine is using this machine")
	}))
	require.NoError(t, m.Close())
	require.NoError(t, ours.Step(got), "a closed machine has no other user")
}
