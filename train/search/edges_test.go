package search_test

import (
	"io"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/internal/edges"
	"github.com/stheno-ml/stheno/train"
	"github.com/stheno-ml/stheno/train/search"
)

// odd is a method that suggests what is no point.
type odd struct{ point []float64 }

func (o odd) Suggest(search.Space, int, []search.Observation, *rand.Rand) ([]float64, error) {
	return o.point, nil
}

func TestAMethodOfOnesOwnIsChecked(t *testing.T) {
	for want, point := range map[string][]float64{
		"3 coordinates for 5 parameters": {0, 0, 0},
		`"kind" has no coordinate`:       {math.NaN(), 0, 0, 0, 0},
	} {
		o, err := search.NewOptimizer(tree, odd{point}, 1)
		require.NoError(t, err)
		_, err = o.Suggest(1)
		require.ErrorContains(t, err, want)
	}
	o, err := search.NewOptimizer(tree, odd{[]float64{9, -3, math.Inf(1), 0, 0}}, 1)
	require.NoError(t, err)
	s, err := o.Suggest(1)
	require.NoError(t, err)
	require.Equal(t, search.Values{"kind": "steep", "depth": 1, "rate": 1.0}, s[0].Values)
}

func TestNoArgumentMakesASearchPanic(t *testing.T) {
	edges.Walk(t, func() (receivers []any, functions map[string]any, values []any) {
		known, err := search.NewOptimizer(tree, search.TPE{Startup: 1}, 1)
		require.NoError(t, err)
		result := &search.Result{Space: tree, Trials: []search.Trial{{}, {Number: 2, Epochs: []float64{math.NaN()}}, {Number: 3, Values: search.Values{"rate": "x"}, Epochs: []float64{1}}}}
		return []any{known, &search.Optimizer{}, result, (*search.Result)(nil), &search.Result{}, search.Values{"a.b": 1}, search.Values(nil), search.Trial{}}, map[string]any{
				"NewOptimizer": search.NewOptimizer, "Choice": search.Choice, "Int": search.Int, "Float": search.Float,
				"bounds": func(low, high float64, log bool, m search.Method, seed uint64) {
					p := search.Float("x", low, high)
					if log {
						p = p.Log()
					}
					if o, err := search.NewOptimizer(search.Space{p}, m, seed); err == nil {
						_, _ = o.Suggest(3)
					}
				},
				"Brackets": search.Halving.Brackets,
			}, []any{
				tree, search.Space{{}}, search.Random{}, search.GP{Startup: 1}, search.GP{Candidates: -1}, search.TPE{}, search.Grid{Points: -1}, odd{}, io.Discard,
				search.Halving{MaxEpochs: 1 << 30, Eta: 1 << 15}, search.Halving{}, &train.Options{}, "a",
			}
	}, "search.Optimizer.Suggest")
}
