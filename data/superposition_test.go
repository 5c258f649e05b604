package data_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/data"
)

func TestSamplesInSuperpositionAreSumsOfTheirDirections(t *testing.T) {
	s := data.Superposition{Features: 20, Dims: 6, Active: 3, Seed: 4}
	rows, err := s.Directions()
	require.NoError(t, err)
	for _, row := range rows {
		norm := 0.0
		for _, v := range row {
			norm += v * v
		}
		require.InDelta(t, 1, norm, 1e-12)
	}
	set, err := s.Samples(20_000)
	require.NoError(t, err)
	to, active, sum, squares := data.NewSample(set), 0.0, 0.0, 0.0
	for i := range set.Len() {
		require.NoError(t, set.Read(i, to))
		x := make([]float64, 6)
		for k, m := range to[1] {
			if m != 0 {
				require.Positive(t, m)
				active++
				sum += float64(m)
				squares += float64(m) * float64(m)
			}
			for j := range x {
				x[j] += float64(m) * rows[k][j]
			}
		}
		if i < 100 {
			for j, v := range to[0] {
				require.InDelta(t, x[j], v, 1e-5)
			}
		}
	}
	require.InDelta(t, 3, active/20_000, 0.05)
	require.InDelta(t, math.Sqrt(2/math.Pi), sum/active, 0.02)
	require.InDelta(t, 1, squares/active, 0.03)
}

func TestASampleInSuperpositionDependsOnlyOnSeedAndIndex(t *testing.T) {
	read := func(s data.Superposition, n, i int) []float32 {
		set, err := s.Samples(n)
		require.NoError(t, err)
		to := data.NewSample(set)
		require.NoError(t, set.Read(i, to))
		return to[0]
	}
	require.Equal(t, read(data.Superposition{}, 10, 7), read(data.Superposition{Features: 256, Dims: 64, Active: 8}, 1<<40, 7))
	require.NotEqual(t, read(data.Superposition{}, 10, 7), read(data.Superposition{}, 10, 8))
	require.NotEqual(t, read(data.Superposition{}, 10, 7), read(data.Superposition{Seed: 1}, 10, 7))
	require.Len(t, read(data.Superposition{Features: 3, Dims: 2}, 1, 0), 2)
}

func TestInvalidSuperpositionsAreErrors(t *testing.T) {
	for want, s := range map[string]data.Superposition{
		"-1 features in 64 dimensions": {Features: -1},
		"256 features in -2":           {Dims: -2},
		"at most 1073741824 values":    {Features: 1 << 20, Dims: 1 << 20},
		"257 active features of 256":   {Active: 257},
		"-1 active features":           {Active: -1},
		"NaN active features":          {Active: math.NaN()},
	} {
		_, err := s.Samples(10)
		require.ErrorContains(t, err, want)
		_, err = s.Directions()
		require.ErrorContains(t, err, want)
	}
	set, err := data.Superposition{}.Samples(-3)
	require.NoError(t, err)
	require.Zero(t, set.Len())
	require.ErrorContains(t, set.Read(0, data.NewSample(set)), "no sample 0 in a set of 0")
}
