package sampler_test

import (
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/sampler"
)

// known is a mixture of two normals in the plane, of which one is correlated.
func known() *sampler.Mixture {
	return &sampler.Mixture{
		Dims: 2, Weights: []float64{0.7, 0.3}, Means: []float64{0, 0, 6, -4},
		Covariances: []float64{1, 0.8, 0.8, 1, 0.25, 0, 0, 4},
	}
}

func TestAMixtureIsFoundFromItsDraws(t *testing.T) {
	codes, err := known().Draw(20000, 3)
	require.NoError(t, err)
	got, err := sampler.GaussianMixture{Components: 2, Seed: 1}.Fit(codes, 2)
	require.NoError(t, err)
	if got.Weights[0] < got.Weights[1] {
		slices.Reverse(got.Weights)
		got.Means = append(got.Means[2:], got.Means[:2]...)
		got.Covariances = append(got.Covariances[4:], got.Covariances[:4]...)
	}
	require.InDeltaSlice(t, known().Weights, got.Weights, 0.02)
	require.InDeltaSlice(t, known().Means, got.Means, 0.1)
	require.InDeltaSlice(t, known().Covariances, got.Covariances, 0.25)
}

func TestTheFitDoesNotDependOnTheProcessors(t *testing.T) {
	codes, err := known().Draw(5000, 4)
	require.NoError(t, err)
	fit := func() *sampler.Mixture {
		m, err := sampler.GaussianMixture{Components: 3, Iterations: 5, Seed: 2}.Fit(codes, 2)
		require.NoError(t, err)
		return m
	}
	want := fit()
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	require.Equal(t, want, fit())
}

func TestTheDensityOfAMixtureIsItsFormula(t *testing.T) {
	m := known()
	logs, err := m.LogDensity([]float32{1, 2, 6, -3})
	require.NoError(t, err)
	p := func(x, y float64) float64 {
		u, v := x-6, y+4
		det := 1 - 0.8*0.8
		return 0.7*math.Exp(-(x*x-1.6*x*y+y*y)/2/det)/2/math.Pi/math.Sqrt(det) + 0.3*math.Exp(-(u*u/0.25+v*v/4)/2)/2/math.Pi
	}
	require.InDeltaSlice(t, []float64{math.Log(p(1, 2)), math.Log(p(6, -3))}, logs, 1e-12)
}

// Codes with a value that never changes, and more components than clusters.
func TestDegenerateCodesHaveAMixture(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	var codes []float32
	for range 300 {
		codes = append(codes, float32(r.NormFloat64()), 2, float32(r.IntN(2)))
	}
	m, err := sampler.GaussianMixture{Components: 7}.Fit(codes, 3)
	require.NoError(t, err)
	z, err := m.Draw(500, 1)
	require.NoError(t, err)
	for i := 1; i < len(z); i += 3 {
		require.InDelta(t, 2, z[i], 0.05)
	}
}

func TestMixturesThatCannotBeFittedAreErrors(t *testing.T) {
	for want, f := range map[string]func() error{
		"3 values are not two or more codes": func() error { _, err := sampler.GaussianMixture{}.Fit(make([]float32, 3), 2); return err },
		"10 components for 4 codes":          func() error { _, err := sampler.GaussianMixture{}.Fit(make([]float32, 8), 2); return err },
		"code 1 has a value that is not finite": func() error {
			_, err := sampler.GaussianMixture{Components: 1}.Fit([]float32{1, float32(math.NaN())}, 1)
			return err
		},
		"-1 iterations": func() error {
			_, err := sampler.GaussianMixture{Components: 1, Iterations: -1}.Fit(make([]float32, 8), 2)
			return err
		},
		"the numbers do not fit": func() error { _, err := (&sampler.Mixture{Dims: 2, Weights: []float64{1}}).Draw(1, 1); return err },
		"is not positive definite": func() error {
			_, err := (&sampler.Mixture{Dims: 1, Weights: []float64{1}, Means: []float64{0}, Covariances: []float64{0}}).Draw(1, 1)
			return err
		},
		"0 codes of 2 values: want": func() error { _, err := known().Draw(0, 1); return err },
	} {
		require.ErrorContains(t, f(), want)
	}
}
