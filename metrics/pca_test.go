package metrics_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/stheno-ml/stheno/metrics"
)

// spread are points with the given standard deviations along the axes, moved by 3.
func spread(n int, deviations ...float64) []float64 {
	r := rand.New(rand.NewPCG(3, 5))
	var x []float64
	for range n {
		for _, s := range deviations {
			x = append(x, 3+s*r.NormFloat64())
		}
	}
	return x
}

func TestTheErrorOfPCAIsTheSumOfTheOtherSingularValues(t *testing.T) {
	const n, dims = 1500, 4
	x := spread(n, 0.5, 2, 0.1, 1)
	centred := mat.NewDense(n, dims, nil)
	for j := range dims {
		mean := 0.0
		for i := range n {
			mean += x[i*dims+j] / n
		}
		for i := range n {
			centred.Set(i, j, x[i*dims+j]-mean)
		}
	}
	var svd mat.SVD
	require.True(t, svd.Factorize(centred, mat.SVDNone))
	s := svd.Values(nil)
	for k := 1; k <= dims; k++ {
		p, err := metrics.FitPCA(x, dims, k)
		require.NoError(t, err)
		want := 0.0
		for i, v := range s {
			if i < k {
				require.InDelta(t, v*v/n, p.Variances[i], 1e-9)
			} else {
				want += v * v / (n * dims)
			}
		}
		have, err := p.MSE(x)
		require.NoError(t, err)
		require.InDelta(t, want, have, 1e-9)
	}
	p, err := metrics.FitPCA(x, dims, 2)
	require.NoError(t, err)
	angles, err := metrics.PrincipalAngles(p.Directions, []float64{0, 1, 0, 0, 0, 0, 0, 1}, dims)
	require.NoError(t, err)
	require.Less(t, angles[1], 3.0, "the axes of greatest variance")
}

func TestPrincipalAnglesAreThoseOfTheConstruction(t *testing.T) {
	at := func(degrees float64) (cos, sin float64) {
		return math.Cos(degrees * math.Pi / 180), math.Sin(degrees * math.Pi / 180)
	}
	for _, want := range [][]float64{{0, 0}, {1e-5, 30}, {5, 90}, {90, 90}, {45, 45}} {
		c0, s0 := at(want[0])
		c1, s1 := at(want[1])
		a := []float64{2, 0, 0, 0, 1, -3, 0, 0}
		b := []float64{c0, 0, s0, 0, 5 * c0, c1, 5 * s0, s1}
		have, err := metrics.PrincipalAngles(a, b, 4)
		require.NoError(t, err)
		require.InDeltaSlice(t, want, have, 1e-9)
	}
	have, err := metrics.PrincipalAngles([]float64{0, 1, 1}, []float64{0, 1, 0, 0, 0, 1}, 3)
	require.NoError(t, err)
	require.InDeltaSlice(t, []float64{0}, have, 1e-6, "one space contains the other")
}

func TestPCANamesWhatIsWrong(t *testing.T) {
	_, err := metrics.FitPCA(make([]float64, 7), 3, 1)
	require.ErrorContains(t, err, "7 values are not points of 3 dimensions")
	_, err = metrics.FitPCA(make([]float64, 6), 3, 4)
	require.ErrorContains(t, err, "4 components of 3 dimensions")
	_, err = metrics.FitPCA([]float64{1, math.NaN()}, 2, 1)
	require.ErrorContains(t, err, "not finite")
	_, err = new(metrics.PCA).MSE(nil)
	require.ErrorContains(t, err, "0 values")
	_, err = metrics.PrincipalAngles([]float64{1, 0}, []float64{1}, 2)
	require.ErrorContains(t, err, "2 and 1 values are not rows of 2")
	_, err = metrics.PrincipalAngles([]float64{1, 0, 2, 0}, []float64{1, 0}, 2)
	require.ErrorContains(t, err, "not independent")
	_, err = metrics.PrincipalAngles([]float64{1, 2}, []float64{1}, 1)
	require.ErrorContains(t, err, "2 rows of 1")
}
