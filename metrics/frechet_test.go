package metrics_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/metrics"
)

// Points around the axes have exact moments: a deviation s_k for dimension k.
func axes(mean []float64, s ...float64) (x []float64) {
	n := float64(2 * len(s))
	for k := range s {
		for _, sign := range []float64{-1, 1} {
			point := append([]float64(nil), mean...)
			point[k] += sign * s[k] * math.Sqrt((n-1)/2)
			x = append(x, point...)
		}
	}
	return x
}

// For covariances that commute the distance is |m_x-m_y|^2 + sum (s_x-s_y)^2.
func TestTheFrechetDistanceOfAlignedNormals(t *testing.T) {
	x, y := axes([]float64{1, 2}, 1, 3), axes([]float64{4, 6}, 2, 0.5)
	d, err := metrics.Frechet(x, y, 2)
	require.NoError(t, err)
	require.InDelta(t, 9+16+1+2.5*2.5, d, 1e-9)
	d, err = metrics.Frechet(x, x, 2)
	require.NoError(t, err)
	require.InDelta(t, 0, d, 1e-9)
}

// A rotation and a shift of both sets leave their distance as it is.
func TestTheFrechetDistanceDoesNotDependOnTheAxes(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	x, y := make([]float64, 300), make([]float64, 300)
	for i := range x {
		x[i], y[i] = r.NormFloat64()*float64(1+i%3), r.NormFloat64()+float64(i%3)
	}
	turn := func(p []float64) []float64 {
		out := make([]float64, len(p))
		for i := 0; i < len(p); i += 3 {
			out[i], out[i+1], out[i+2] = .6*p[i]-.8*p[i+1]+5, .8*p[i]+.6*p[i+1], p[i+2]-1
		}
		return out
	}
	want, err := metrics.Frechet(x, y, 3)
	require.NoError(t, err)
	got, err := metrics.Frechet(turn(x), turn(y), 3)
	require.NoError(t, err)
	require.InDelta(t, want, got, 1e-9)
	require.Positive(t, want)
}

func TestPointsWithoutMomentsAreErrors(t *testing.T) {
	for want, x := range map[string][]float64{
		"3 values are not two or more points of 2 dimensions": {1, 2, 3},
		"2 values are not two or more points":                 {1, 2},
		"point 1 has a value that is not finite":              {1, 2, 3, math.NaN()},
	} {
		_, err := metrics.Frechet([]float64{1, 2, 3, 4}, x, 2)
		require.ErrorContains(t, err, want)
	}
	_, err := metrics.Frechet(nil, nil, 0)
	require.Error(t, err)
}
