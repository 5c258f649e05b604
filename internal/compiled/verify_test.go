package compiled

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestDiffersComparesValuesThatAreNotFinite(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	for _, c := range []struct {
		got, want []float64
		at        int
	}{
		{[]float64{1, nan, inf, -inf}, []float64{1, nan, inf, -inf}, -1},
		{[]float64{1, 2}, []float64{1, nan}, 1},
		{[]float64{nan, 2}, []float64{1, 2}, 0},
		{[]float64{1, inf}, []float64{1, -inf}, 1},
		{[]float64{1, inf}, []float64{1, 1e300}, 1},
		{[]float64{1e-7, 100}, []float64{0, 100}, -1},
		{[]float64{1e-2, 100}, []float64{0, 100}, 0},
	} {
		at, _ := differs(c.got, c.want, 1e-5, 0)
		require.Equal(t, c.at, at, "%v for %v", c.got, c.want)
	}
}
