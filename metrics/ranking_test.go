package metrics_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/metrics"
)

func TestTopLeavesOutWhatWasSeen(t *testing.T) {
	scores := []float64{1, 5, 3, 5, math.NaN(), 4}
	require.Equal(t, []int{1, 3, 5}, metrics.Top(scores, nil, 3))
	require.Equal(t, []int{3, 2, 0}, metrics.Top(scores, []int{1, 5, 99, -1}, 3))
	require.Equal(t, []int{1, 3, 5, 2, 0, 4}, metrics.Top(scores, nil, 10))
	require.Empty(t, metrics.Top(scores, nil, -1))
}

func TestMeasuresOfARanking(t *testing.T) {
	log2 := math.Log2
	for _, c := range []struct {
		name              string
		ranking, relevant []int
		k                 int
		ndcg, recall      float64
	}{
		{"perfect", []int{4, 2, 0}, []int{2, 4}, 2, 1, 1},
		{"second", []int{4, 2, 0}, []int{2}, 3, 1 / log2(3), 1},
		{"beyond k", []int{4, 2, 0}, []int{0}, 2, 0, 0},
		{"more relevant than k", []int{4, 2}, []int{1, 2, 3, 4}, 2, 1, 1},
		{"half", []int{4, 9, 2, 8}, []int{4, 2, 7, 6}, 4, (1 + 1/log2(4)) / (1 + 1/log2(3) + 1/log2(4) + 1/log2(5)), 0.5},
		{"none relevant", []int{4}, nil, 1, 0, 0},
		{"no ranking", nil, []int{1}, 5, 0, 0},
		{"no k", []int{1}, []int{1}, 0, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			require.InDelta(t, c.ndcg, metrics.NDCG(c.ranking, c.relevant, c.k), 1e-12)
			require.InDelta(t, c.recall, metrics.Recall(c.ranking, c.relevant, c.k), 1e-12)
		})
	}
}
