package metrics_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/metrics"
)

// factors of a grid of 4 by 5 by 1 samples; the last does not vary.
func grid() (factors []int) {
	for a := range 4 {
		for b := range 5 {
			factors = append(factors, a, b, 7)
		}
	}
	return factors
}

func TestTheGapOfCodesThatAreTheFactorsIsOne(t *testing.T) {
	factors := grid()
	var same, both, twice []float64
	for i := 0; i < len(factors); i += 3 {
		a, b := float64(factors[i]), float64(factors[i+1])
		same = append(same, 3-2*a, b*b)
		both = append(both, a+10*b, 0)
		twice = append(twice, a, -a)
	}
	gap := func(codes []float64) float64 {
		v, err := metrics.MIG(codes, 2, factors, 3)
		require.NoError(t, err)
		return v
	}
	require.InDelta(t, 1, gap(same), 1e-12)
	require.InDelta(t, 0, gap(twice), 1e-12, "the factor is in two dimensions")
	require.Greater(t, gap(both), 0.5, "a dimension can have several factors")

	information, err := metrics.CodeInformation(same, 2, factors, 3)
	require.NoError(t, err)
	require.Nil(t, information[2])
	require.InDelta(t, 1, information[0][0], 1e-12)
	require.InDelta(t, 0, information[0][1], 1e-12)
	one, err := metrics.MIG([]float64{0, 1, 2, 3}, 1, []int{0, 1, 2, 3}, 1)
	require.NoError(t, err)
	require.InDelta(t, 1, one, 1e-12)
}

func TestCodesWithoutFactorsAreErrors(t *testing.T) {
	for want, c := range map[string]struct {
		codes   []float64
		dims    int
		factors []int
		kinds   int
	}{
		"want one code and one of each factor": {[]float64{1, 2}, 1, []int{1}, 1},
		"0 values of codes":                    {nil, 1, nil, 1},
		"none of 1 factors varies":             {[]float64{1, 2}, 1, []int{3, 3}, 1},
		"is below 0":                           {[]float64{1, 2}, 1, []int{-1, 3}, 1},
		"code 1 has a value that is not":       {[]float64{1, math.Inf(1)}, 1, []int{1, 3}, 1},
	} {
		_, err := metrics.MIG(c.codes, c.dims, c.factors, c.kinds)
		require.ErrorContains(t, err, want)
	}
}
