package metrics_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/metrics"
)

func TestDictionariesAreComparedByTheirDirections(t *testing.T) {
	s := math.Sqrt(.5)
	for _, c := range []struct {
		name           string
		a, b           [][]float64
		mcc, recovered float64
	}{
		{"equal but for order, sign and length", [][]float64{{1, 0}, {0, 1}}, [][]float64{{0, -3}, {2, 0}}, 1, 1},
		{"one direction twice", [][]float64{{1, 0}, {0, 1}}, [][]float64{{1, 0}, {1, 0}}, 0.5, 0.5},
		{"one between two", [][]float64{{1, 0}, {0, 1}}, [][]float64{{1, 1}, {1, 0}}, (1 + s) / 2, (1 + s) / 2},
		{"shared by two", [][]float64{{1, 0}, {0, 1}}, [][]float64{{1, 1}, {0, 0}}, s / 2, s},
		{"more rows", [][]float64{{1, 0}}, [][]float64{{0, 1}, {1, 1}, {1, 0}}, 1, 1},
		{"fewer rows", [][]float64{{1, 0}, {0, 1}, {1, 1}}, [][]float64{{0, 2}}, 1, (0 + 1 + s) / 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := metrics.MCC(c.a, c.b)
			require.NoError(t, err)
			require.InDelta(t, c.mcc, got, 1e-12)
			got, err = metrics.Recovered(c.a, c.b)
			require.NoError(t, err)
			require.InDelta(t, c.recovered, got, 1e-12)
		})
	}
	for want, b := range map[string][][]float64{
		"a dictionary has no rows":                nil,
		"row 1 has 3 values, want 2 as the first": {{1, 2}, {1, 2, 3}},
		"row 0 has the value NaN":                 {{1, math.NaN()}},
	} {
		_, err := metrics.MCC([][]float64{{1, 0}}, b)
		require.ErrorContains(t, err, "metrics: mcc: "+want)
		_, err = metrics.Recovered([][]float64{{1, 0}}, b)
		require.ErrorContains(t, err, "metrics: recovered: "+want)
	}
}

func TestMeasuresOfSparseCodesEqualTheirDefinitions(t *testing.T) {
	x := [][]float64{{1, 2}, {3, -1}, {0, 0}, {2, 5}}
	recon := [][]float64{{1, 1}, {1.5, -.5}, {.1, 0}, {2, 5}}
	code := [][]float64{{1, 0, 0}, {0, 2, 0}, {0, 0, 0}, {1, 1, 0}}
	var s metrics.SparseCode
	for i := range x {
		require.NoError(t, s.Add(x[i], recon[i], code[i]))
	}
	require.InDelta(t, 1, s.L0(), 1e-12)
	require.InDelta(t, 1./3, s.Dead(), 1e-12)
	require.InDelta(t, (math.Sqrt(2./5)+.5+1)/3, s.Shrinkage(), 1e-12)
	total := 0. // about the means, 1.5 and 1.5
	for _, v := range x {
		total += (v[0]-1.5)*(v[0]-1.5) + (v[1]-1.5)*(v[1]-1.5)
	}
	require.InDelta(t, (1+2.25+.25+.01)/total, s.FVU(), 1e-12)

	require.ErrorContains(t, s.Add([]float64{1}, []float64{1}, []float64{1, 2, 3}), "sample 4 has 1 values")
	require.ErrorContains(t, s.Add([]float64{1, 2}, []float64{1, 2}, []float64{1}), "code 1: want 2, 2 and 3")
	var none metrics.SparseCode
	require.Error(t, none.Add(nil, nil, nil))
	for _, v := range []float64{none.FVU(), none.L0(), none.Dead(), none.Shrinkage()} {
		require.True(t, math.IsNaN(v))
	}
}

func TestTheFVUOfTheMeanIsOne(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	x, mean := make([][]float64, 50), make([]float64, 3)
	for i := range x {
		x[i] = []float64{r.NormFloat64() + 1e4, r.NormFloat64(), r.Float64()}
		for j, v := range x[i] {
			mean[j] += v / 50
		}
	}
	var s metrics.SparseCode
	for _, v := range x {
		require.NoError(t, s.Add(v, mean, []float64{1}))
	}
	require.InDelta(t, 1, s.FVU(), 1e-6)
}
