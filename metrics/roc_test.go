package metrics_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/metrics"
)

func TestROCAUCIsTheShareOfPairsInOrder(t *testing.T) {
	for _, c := range []struct {
		name     string
		scores   []float64
		positive []bool
		want     float64
	}{
		{"in order", []float64{1, 2, 3}, []bool{false, false, true}, 1},
		{"reversed", []float64{3, 2, 1}, []bool{false, false, true}, 0},
		{"equal", []float64{1, 1, 1}, []bool{false, true, false}, 0.5},
		{"ties", []float64{1, 2, 2, 3, 4}, []bool{false, false, true, false, true}, 4.5 / 6},
		{"infinite", []float64{math.Inf(-1), 0, math.Inf(1)}, []bool{false, true, true}, 1},
	} {
		require.Equal(t, c.want, metrics.ROCAUC(c.scores, c.positive), c.name)
	}
}

func TestROCAUCEqualsCountingPairs(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	scores, positive := make([]float64, 200), make([]bool, 200)
	for i := range scores {
		scores[i], positive[i] = float64(r.IntN(40)), r.IntN(3) == 0
	}
	right, pairs := 0.0, 0.0
	for i := range scores {
		for k := range scores {
			if positive[i] && !positive[k] {
				pairs++
				if scores[i] > scores[k] {
					right++
				} else if scores[i] == scores[k] {
					right += 0.5
				}
			}
		}
	}
	require.InDelta(t, right/pairs, metrics.ROCAUC(scores, positive), 1e-12)
}

func TestAveragePrecisionIsTheMeanPrecisionAtThePositives(t *testing.T) {
	p := []bool{true, false, true, false}
	require.InDelta(t, (1+2.0/3)/2, metrics.AveragePrecision([]float64{4, 3, 2, 1}, p), 1e-15)
	require.InDelta(t, (1+2.0/4)/2, metrics.AveragePrecision([]float64{1, 3, 2, 4}, []bool{true, false, false, true}), 1e-15)
	require.InDelta(t, 0.5, metrics.AveragePrecision([]float64{1, 1, 1, 1}, p), 1e-15, "equal scores give the share of positives")
}

func TestNoRankingIsNotANumber(t *testing.T) {
	for name, c := range map[string]struct {
		scores   []float64
		positive []bool
	}{
		"nothing":      {},
		"no positives": {[]float64{1, 2}, []bool{false, false}},
		"lengths":      {[]float64{1, 2}, []bool{true}},
		"nan":          {[]float64{1, math.NaN()}, []bool{true, false}},
	} {
		require.True(t, math.IsNaN(metrics.ROCAUC(c.scores, c.positive)), name)
		require.True(t, math.IsNaN(metrics.AveragePrecision(c.scores, c.positive)), name)
	}
	require.True(t, math.IsNaN(metrics.ROCAUC([]float64{1, 2}, []bool{true, true})))
}

func TestPrecisionAtCountsTheHighestScores(t *testing.T) {
	scores := []float64{4, 3, 2, 2, 1}
	positive := []bool{true, false, true, false, false}
	require.InDelta(t, 1., metrics.PrecisionAt(scores, positive, 1), 1e-12)
	require.InDelta(t, .5, metrics.PrecisionAt(scores, positive, 2), 1e-12)
	require.InDelta(t, 1.5/3, metrics.PrecisionAt(scores, positive, 3), 1e-12, "of two equal scores, one is positive")
	require.InDelta(t, .4, metrics.PrecisionAt(scores, positive, 5), 1e-12)
	for _, n := range []int{0, -1, 6} {
		require.True(t, math.IsNaN(metrics.PrecisionAt(scores, positive, n)), n)
	}
	require.True(t, math.IsNaN(metrics.PrecisionAt([]float64{math.NaN()}, positive[:1], 1)))
	require.True(t, math.IsNaN(metrics.PrecisionAt(scores, positive[:4], 1)))
}
