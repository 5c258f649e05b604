package tensorboard

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAHistogramCountsEachFiniteNumberOnce(t *testing.T) {
	for name, x := range map[string][]float64{
		"empty": {}, "one": {3}, "equal": {-1, -1, -1}, "range": {-2, 0, 0, 1, 1, 5}, "not finite": {math.NaN(), 1, math.Inf(1), 2},
		"wide": {-math.MaxFloat64, 0, math.MaxFloat64}, "narrow": {1, math.Nextafter(1, 2)},
	} {
		h := count(x)
		n, sum := 0.0, 0.0
		for _, v := range x {
			if finite(v) {
				n++
			}
		}
		for _, b := range h.buckets {
			sum += b
		}
		require.Equal(t, n, h.n, name)
		require.Equal(t, n, sum, name)
		require.Len(t, h.limits, len(h.buckets), name)
		require.IsNonDecreasing(t, append([]float64{h.min}, h.limits...), name)
	}
	h := count([]float32{0, 0.5, 1, 3})
	require.Equal(t, []float64{0, 3, 4, 4.5, 10.25}, []float64{h.min, h.max, h.n, h.sum, h.squares})
	require.Equal(t, 1.0, h.buckets[29])
	require.Equal(t, 3.0, h.limits[29])
}
