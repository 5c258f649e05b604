package suite

import (
	"errors"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/value"
	"github.com/stheno-ml/stheno/models/dense"
	"github.com/stheno-ml/stheno/optim"
	"github.com/stheno-ml/stheno/vm"
)

func (on Machine) watchNamesTheNodeOfANaNAndRollsBackTheStep(t *testing.T) {
	for _, dtype := range []graph.Dtype{graph.Float32, graph.Float64} {
		b := graph.New(graph.NewParams(dtype, 1), graph.Config{Training: true})
		x := b.Input("x", 4)
		w := b.Scope("enc").Param("w", graph.Normal(0, 1), 4)
		root := b.Scope("enc/root").Sqrt(b.AddConst(x, 1)) // NaN below -1
		loss := b.Sum(b.Square(b.Mul(root, w)))
		optim.Minimize(b, optim.Adam{}, graph.Task{Name: "loss", Loss: loss})
		m := MachineOf(t, on.With(Settings{Watch: true}), b, map[string][]float64{"x": {1, 2, 3, 4}}, loss)
		require.NoError(t, vm.Run(m))
		before := everyFloat(m.Program())
		require.NoError(t, m.SetFloats("x", []float64{1, 2, -3, 4}))
		err := vm.Run(m)
		var e *vm.NonFinite
		require.True(t, errors.As(err, &e), "%v", err)
		require.Same(t, root, e.Node)
		require.Equal(t, []int{2}, e.Index)
		require.True(t, math.IsNaN(e.Value))
		require.False(t, e.FromFusion)
		require.ErrorContains(t, err, "enc/root")
		require.Equal(t, before, everyFloat(m.Program()), "the step is rolled back")

		require.NoError(t, m.SetFloats("x", []float64{1, 2, 3, 4}))
		require.NoError(t, vm.Run(m), "training continues")
		require.NotEqual(t, before, everyFloat(m.Program()))
		require.NoError(t, m.Close())
	}
}

func (on Machine) watchChecksOutputs(t *testing.T) {
	b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{})
	x := b.Input("x", 3)
	m := MachineOf(t, on.With(Settings{Watch: true}), b, map[string][]float64{"x": {1, -2, 3}}, b.Square(x), b.Sum(b.Scope("enc/log").Log(x)))
	var e *vm.NonFinite
	require.ErrorAs(t, vm.Run(m), &e)
	require.Equal(t, []int{1}, e.Index)
	require.Equal(t, "enc/log", e.Layer)
	require.NoError(t, m.SetFloats("x", []float64{1, 2, 3}))
	require.NoError(t, vm.Run(m))
}

func (on Machine) watchNamesAnInputThatIsNotFinite(t *testing.T) {
	b := graph.New(graph.NewParams(graph.Float32, 3), graph.Config{Training: true, Seed: 5})
	net := dense.Config{Input: 8, Hidden: []int{4}}.Build(b, 2)
	optim.Minimize(b, optim.Adam{}, net.Tasks[0])
	m := MachineOf(t, on.With(Settings{Watch: true}), b, nil, net.Tasks[0].Loss)
	x := make([]float32, 16)
	x[11] = float32(math.Inf(-1))
	require.NoError(t, m.Feed(graph.InputX, x))
	err := vm.Run(m)
	require.ErrorContains(t, err, "-Inf at [1 3] of input")
	require.ErrorContains(t, err, b.InputNode(graph.InputX).Name())
}

func (on Machine) watchOfAStockGraphNamesTheNode(t *testing.T) {
	g := gorgonia.NewGraph()
	x := gorgonia.NewVector(g, tensor.Float64, gorgonia.WithName("x"), gorgonia.WithShape(2), gorgonia.WithValue(tensor.New(tensor.WithBacking([]float64{1, -1}))))
	log := gorgonia.Must(gorgonia.Log(x))
	gorgonia.Must(gorgonia.Sum(log))
	err := on.With(Settings{Watch: true}).New(g).RunAll()
	var e *vm.NonFinite
	require.True(t, errors.As(err, &e), "%v", err)
	require.Same(t, log, e.Node)
	require.Equal(t, []int{1}, e.Index)
}

// Gorgonia's dropout uses the number of the run; a run that was rolled back does not
// count.
func (on Machine) aStepThatIsRolledBackDrawsTheSameNumbersAgain(t *testing.T) {
	ones := []float64{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}
	drop := func(inputs ...[]float64) (drawn [][]float64) {
		g := gorgonia.NewGraph()
		x := vector(g, "x", ones...)
		y := gorgonia.Must(gorgonia.Dropout(x, 0.5))
		m := on.With(Settings{Watch: true}).New(g)
		defer m.Close()
		for _, in := range inputs {
			require.NoError(t, gorgonia.Let(x, tensor.New(tensor.WithShape(16), tensor.WithBacking(in))))
			err := m.RunAll()
			m.Reset()
			if math.IsNaN(in[0]) {
				require.ErrorContains(t, err, "not finite")
				continue
			}
			require.NoError(t, err)
			got, err := value.Of(y)
			require.NoError(t, err)
			drawn = append(drawn, got)
		}
		return drawn
	}
	wrong := append([]float64(nil), ones...)
	for i := range wrong {
		wrong[i] = math.NaN()
	}
	want := drop(ones, ones, ones)
	require.NotEqual(t, want[0], want[1])
	require.Equal(t, want, drop(ones, wrong, wrong, ones, ones))
}
