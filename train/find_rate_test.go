package train_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/train"
)

func TestTheRateFinderStopsWhereTrainingDiverges(t *testing.T) {
	o := options(1)
	o.Optimizer, o.Params = nil, graph.NewParams(graph.Float32, 1)
	_, err := train.EvalProgram(narrow{}, 16, o)
	require.NoError(t, err)
	before := states(o.Params)
	curve, err := train.FindRate(t.Context(), narrow{}, points{n: 90}, o, train.RateRange{From: 1e-5, To: 1e3, Steps: 60})
	require.NoError(t, err)
	require.Equal(t, before, states(o.Params), "a copy is trained")
	require.Less(t, len(curve.Rates), 60)
	require.Len(t, curve.Losses, len(curve.Rates))
	require.Greater(t, curve.Suggested, 1e-4)
	require.Less(t, curve.Suggested, 1.0)

	// A training at that rate learns faster than one at a rate ten thousand times smaller.
	loss := func(rate float64) float64 {
		o := options(1)
		o.Optimizer, o.Schedules = nil, map[string]train.Schedule{"rate": train.Constant(rate)}
		return fit(t, narrow{}, o).Epochs[2].Loss
	}
	require.Less(t, loss(curve.Suggested), 0.9*loss(curve.Suggested/1e4))

	_, err = train.FindRate(t.Context(), narrow{}, points{n: 90}, o, train.RateRange{From: 1, To: 0.1})
	require.ErrorContains(t, err, "rates from 1 to 0.1 in 100 steps")
}
