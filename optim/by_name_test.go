package optim_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/optim"
	"github.com/stheno-ml/stheno/vm"
)

func TestARuleForWeightsThatAreNotTrainedUpdatesNothing(t *testing.T) {
	p := graph.NewParams(graph.Float64, 1)
	o := optim.ByName{Rules: []optim.Rule{{Name: "frozen", Weights: []string{"w"}}, {Name: "rest", Weights: []string{"*"}}}}
	m := compiled(t, cpu.Config{}, p, func(b *graph.Builder) {
		optim.Minimize(b, o, graph.Task{Name: "fit", Loss: problem(b, samples), Trains: []string{"!w"}})
	})
	require.NoError(t, m.SetFloats("x", problemX))
	require.NoError(t, m.SetFloats("y", problemY))
	for _, input := range []string{"fit/rate", "fit/frozen/rate", "fit/rest/rate"} {
		require.NoError(t, m.Set(input, 0.5))
	}
	start := p.Get("w").Floats()
	require.NoError(t, vm.Run(m))
	require.Equal(t, start, p.Get("w").Floats())
	require.InDelta(t, 0.5, math.Abs(p.Get("s").Floats()[0]-0.7), 1e-6, "a first step of Adam has the length of the rate")
	var states []string
	for _, q := range p.All() {
		if !q.Trainable() {
			states = append(states, q.Name())
		}
	}
	require.Contains(t, states, "fit/rest/adam/m/b")
	require.Len(t, states, 8)
}

func TestRulesHaveTheirOwnRates(t *testing.T) {
	p := graph.NewParams(graph.Float64, 1)
	all := problemStart()
	differentiate(all, 0, samples)
	o := optim.ByName{
		Rules:     []optim.Rule{{Name: "w", Weights: []string{"w"}, Optimizer: optim.SGD{}}, {Name: "b", Weights: []string{"b"}}},
		Optimizer: optim.SGD{Rate: new(0.25)},
	}
	m := compiled(t, cpu.Config{}, p, func(b *graph.Builder) {
		optim.Minimize(b, o, graph.Task{Name: "fit", Loss: problem(b, samples)})
	})
	for name, rate := range map[string]float64{"fit/rate": 0.25, "fit/w/rate": 0.01, "fit/b/rate": 0.25} {
		in, ok := m.Program().Input(name)
		require.True(t, ok, name)
		require.Equal(t, rate, in.Default, name)
	}
	require.NoError(t, m.Set("fit/w/rate", 2))
	require.NoError(t, m.Set("fit/b/rate", 3))
	require.NoError(t, m.SetFloats("x", problemX))
	require.NoError(t, m.SetFloats("y", problemY))
	require.NoError(t, vm.Run(m))
	for i, rate := range []float64{2, 3, 0.25} {
		for k, w := range p.Get(all[i].name).Floats() {
			require.InDelta(t, all[i].w[k]-rate*all[i].g[k], w, 1e-12)
		}
	}
}
