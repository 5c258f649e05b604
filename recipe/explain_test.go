package recipe

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/train"
)

// weightsOf is the number of weights of a model.
func weightsOf(t *testing.T, m stheno.Model) (n int) {
	t.Helper()
	p, err := train.EvalProgram(m, 1, train.Options{Params: graph.NewParams(graph.Float32, 1)})
	require.NoError(t, err)
	for _, l := range p.Layers() {
		n += l.Params
	}
	return n
}

func TestTheUnitsOfAModelWithoutSettingsAreKnown(t *testing.T) {
	for name, hidden := range units {
		m := Model{}
		p, err := m.prototype(name)
		require.NoError(t, err)
		v := valueOf(p).Elem()
		before := weightsOf(t, v.Interface().(stheno.Model))
		set := settingsOf{}.of(v)
		for _, key := range hiddenKeys {
			set.fill(key, hidden)
		}
		require.Equal(t, before, weightsOf(t, v.Interface().(stheno.Model)), name)
	}
}

func TestCostsGrowWithUnitsLayersAndSteps(t *testing.T) {
	r, err := Parse([]byte("data: {source: digits, limit: 50, shape: [28, 28]}\nmodel: {type: seq, hidden: [6], code: 2}\nthreads: 1\n"), "tiny.yaml")
	require.NoError(t, err)
	all, err := r.Explain(t.Context(), []int{2})
	require.NoError(t, err)
	one := all[0].Growth[0]
	require.Equal(t, "as it is", one.Name())
	require.Equal(t, all[0].Costs[0].TrainFlops, one.TrainFlops)
	seen := map[string]Growth{}
	for _, g := range all[0].Growth[1:] {
		seen[g.Name()] = g
		require.Positive(t, g.TrainSeconds)
		require.Greater(t, g.TrainFlops, one.TrainFlops, g.Name())
		require.Greater(t, g.EncodeFlops, one.EncodeFlops, g.Name())
	}
	require.Len(t, seen, 6)
	steps := seen["4 times the steps"]
	require.Equal(t, one.Weights, steps.Weights)
	require.InDelta(t, 4, steps.TrainFlops/one.TrainFlops, .5, "four times as long is four times the work")
	require.Greater(t, seen["2 times the units"].Weights, one.Weights)
	require.Greater(t, seen["2 times the layers"].Weights, one.Weights)
}
