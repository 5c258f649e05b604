package suite

import (
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/value"
	"github.com/stheno-ml/stheno/vm"
)

// normed is a batch norm of one channel with x = 1, 2, 3, 6, scale 1 and bias 0, after a
// dropout that drops nothing in evaluation.
func normed(t *testing.T) (g *gorgonia.ExprGraph, dropped, y *graph.Node, norm *gorgonia.BatchNormOp) {
	g = gorgonia.NewGraph()
	matrix := func(name string, x ...float64) *graph.Node {
		return gorgonia.NewMatrix(g, tensor.Float64, gorgonia.WithName(name), gorgonia.WithShape(4, 1),
			gorgonia.WithValue(tensor.New(tensor.WithShape(4, 1), tensor.WithBacking(x))))
	}
	x := matrix("x", 1, 2, 3, 6)
	dropped = gorgonia.Must(gorgonia.Dropout(x, 0.5))
	y, _, _, norm, err := gorgonia.BatchNorm(x, matrix("scale", 1, 1, 1, 1), matrix("bias", 0, 0, 0, 0), 0.1, 0)
	require.NoError(t, err)
	return g, dropped, y, norm
}

func (on Machine) eachMachineOfAGraphTrainsOrEvaluatesForItself(t *testing.T) {
	g, dropped, y, norm := normed(t)
	run := func(m vm.DropIn) []float64 {
		m.Reset()
		require.NoError(t, m.RunAll())
		v, err := value.Of(y)
		require.NoError(t, err)
		return v
	}
	drops := func() bool {
		v, err := value.Of(dropped)
		require.NoError(t, err)
		return v[0] != 1 || v[1] != 2 || v[2] != 3 || v[3] != 6
	}
	byBatch := []float64{-1.0690449676496976, -0.5345224838248488, 0, 1.6035674514745464}

	train := on.New(g)
	defer train.Close()
	require.InDeltaSlice(t, byBatch, run(train), 1e-12)
	mean, _ := norm.Stats()
	moved := mean.Data().([]float64)[0]
	require.NotZero(t, moved, "the running mean")

	eval := on.New(g, gorgonia.EvalMode())
	defer eval.Close()
	evaluated := run(eval)
	require.NotEqual(t, byBatch, evaluated)
	require.False(t, drops())
	require.Equal(t, moved, mean.Data().([]float64)[0], "evaluation leaves the running mean alone")

	require.InDeltaSlice(t, byBatch, run(train), 1e-12, "another machine evaluates, this one still trains")
	dropsInTraining := false
	for range 20 {
		run(train)
		dropsInTraining = dropsInTraining || drops()
	}
	require.True(t, dropsInTraining)
	require.NotEqual(t, moved, mean.Data().([]float64)[0])
	run(eval)
	require.False(t, drops())

	for _, n := range g.AllNodes() { // a switch by the program applies to all machines
		if op, ok := n.Op().(gorgonia.TrainModeOp); ok {
			require.NoError(t, op.SetTraining(false))
		}
	}
	require.Equal(t, run(eval), run(train))
	require.False(t, drops())
	require.NoError(t, norm.SetTraining(true))
	require.InDeltaSlice(t, byBatch, run(train), 1e-12)
	require.InDeltaSlice(t, byBatch, run(eval), 1e-12)
	require.NoError(t, norm.SetTraining(false))
	require.NoError(t, on.New(g).Close(), "another machine that trains resets the statistics")
	require.Zero(t, mean.Data().([]float64)[0])
}
