package series_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/detect/series"
)

func TestStrangest(t *testing.T) {
	nan := math.NaN()
	scores := []float64{1, 5, 4, nan, 0, 3, 2, 9}
	for _, c := range []struct {
		n, apart int
		want     []int
	}{
		{0, 1, nil},
		{2, 1, []int{7, 1}},
		{3, 2, []int{7, 1, 5}},
		{9, 3, []int{7, 1}},
		{9, 0, []int{7, 1, 2, 5, 6, 0}},
		{9, 100, []int{7}},
	} {
		require.Equal(t, c.want, series.Strangest(scores, c.n, c.apart), "%d, %d apart", c.n, c.apart)
	}
	require.True(t, math.IsNaN(scores[3]), "the scores are as they were")
	require.Empty(t, series.Strangest(nil, 3, 1))
	require.Equal(t, []float64{0, 2}, series.Finite([]float64{nan, 2}))
}
