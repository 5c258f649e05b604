package sampler_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/models/vae"
	"github.com/stheno-ml/stheno/sampler"
	"github.com/stheno-ml/stheno/train"
	"github.com/stheno-ml/stheno/vm"
)

func TestTheSameSeedDrawsTheSameCodes(t *testing.T) {
	for _, s := range []sampler.Sampler{
		sampler.Normal(3), known(), sampler.Posteriors{Dims: 2, Mu: []float32{0, 1, 5, 6}, LogVar: []float32{0, 0, 0, 0}},
	} {
		first, err := s.Draw(50, 7)
		require.NoError(t, err)
		require.Len(t, first, 50*s.Size())
		again, err := s.Draw(50, 7)
		require.NoError(t, err)
		require.Equal(t, first, again)
		other, err := s.Draw(50, 8)
		require.NoError(t, err)
		require.NotEqual(t, first, other)
		_, err = s.Draw(-1, 1)
		require.ErrorContains(t, err, "-1 codes")
	}
}

func TestPosteriorsDrawFromEachSampleEqually(t *testing.T) {
	p := sampler.Posteriors{Dims: 1, Mu: []float32{-4, 4}, LogVar: []float32{float32(math.Log(0.25)), float32(math.Log(0.25))}}
	z, err := p.Draw(20000, 1)
	require.NoError(t, err)
	mean, square := 0.0, 0.0
	for _, v := range z {
		mean += float64(v) / 20000
		square += float64(v*v) / 20000
	}
	require.InDelta(t, 0, mean, 0.15)
	require.InDelta(t, 16.25, square, 0.2)
	p.LogVar = p.LogVar[:1]
	_, err = p.Draw(1, 1)
	require.ErrorContains(t, err, "2 means and 1 log variances")
}

func TestAPlaneHasTheQuantilesOfThePrior(t *testing.T) {
	z, err := sampler.Plane(3, 0, 2, 2)
	require.NoError(t, err)
	const q = 0.6744898 // the upper quartile
	require.InDeltaSlice(t, []float32{-q, 0, q, q, 0, q, -q, 0, -q, q, 0, -q}, z, 1e-6)
	for _, wrong := range [][4]int{{3, 0, 0, 2}, {3, -1, 0, 2}, {3, 0, 3, 2}, {3, 0, 1, 0}, {3, 0, 1, 1 << 30}} {
		_, err := sampler.Plane(wrong[0], wrong[1], wrong[2], wrong[3])
		require.ErrorContains(t, err, "a plane of dimensions")
	}
}

func TestWalksGoFromOneCodeToTheOther(t *testing.T) {
	a, b := []float32{3, 0, 0}, []float32{0, 3, 0}
	line, err := sampler.Linear(a, b, 3)
	require.NoError(t, err)
	require.Equal(t, []float32{3, 0, 0, 1.5, 1.5, 0, 0, 3, 0}, line)
	arc, err := sampler.Spherical(a, b, 3)
	require.NoError(t, err)
	half := float32(3 / math.Sqrt2)
	require.InDeltaSlice(t, []float32{3, 0, 0, half, half, 0, 0, 3, 0}, arc, 1e-6)
	for _, parallel := range [][]float32{{6, 0, 0}, {-1, 0, 0}, {0, 0, 0}} {
		arc, err := sampler.Spherical(a, parallel, 2)
		require.NoError(t, err)
		require.Equal(t, append(append([]float32{}, a...), parallel...), arc)
	}
	_, err = sampler.Linear(a, b[:2], 3)
	require.ErrorContains(t, err, "codes of 3 and 2 values")
	_, err = sampler.Spherical(a, b, 1)
	require.ErrorContains(t, err, "1 steps")
}

func TestCodesAreDecoded(t *testing.T) {
	m := vae.Config{Input: 6, Hidden: []int{4}, Latent: 2}
	o := train.Options{Backend: cpu.Config{}, Epochs: 1}
	r, err := train.Fit(t.Context(), m, data.Limit(mustSet(t), 8), o)
	require.NoError(t, err)
	o.Params = r.Params
	f, err := train.NewFunction(m, o, vm.FunctionOptions{})
	require.NoError(t, err)
	defer f.Close()
	x, err := sampler.Generate(f, sampler.Normal(2), 5, 1)
	require.NoError(t, err)
	require.Equal(t, []int{5, 6}, x.Shape)
	z, err := sampler.Normal(2).Draw(5, 1)
	require.NoError(t, err)
	same, err := sampler.Decode(f, z, []int{2})
	require.NoError(t, err)
	require.Equal(t, x.Data, same.Data)
	own := sampler.Prior{Net: f, Dims: 2}
	z, err = own.Draw(500, 3)
	require.NoError(t, err)
	again, err := own.Draw(500, 3)
	require.NoError(t, err)
	require.Equal(t, z, again)
	require.InDelta(t, 0, mean(z), 0.2)
	_, err = own.Draw(1, 1<<32)
	require.ErrorContains(t, err, "the seed 4294967296")
	_, err = sampler.Prior{Net: f, Dims: 3}.Draw(1, 1)
	require.ErrorContains(t, err, "codes of shape [2], but Dims is 3")
	_, err = sampler.Generate(f, sampler.Normal(3), 5, 1)
	require.Error(t, err)
	_, err = sampler.Decode(f, z[:3], []int{2})
	require.ErrorContains(t, err, "3 values are not codes of shape [2]")
}

func mean(x []float32) (m float64) {
	for _, v := range x {
		m += float64(v) / float64(len(x))
	}
	return m
}

func mustSet(t *testing.T) data.Set {
	t.Helper()
	set, err := data.InMemory(data.Array{Name: "x", Shape: []int{6}, Values: make([]float32, 48)})
	require.NoError(t, err)
	return set
}
