package vae_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/modeltest"
	"github.com/stheno-ml/stheno/models/vae"
)

// between computes a discrepancy of x and y [n, d].
func between(t *testing.T, m vae.Discrepancy, n, d int, x, y []float64) float64 {
	t.Helper()
	b := graph.New(graph.NewParams(graph.Float64, 1), graph.Config{})
	b.Output("mmd", m.Between(b, b.Input("x", n, d), b.Input("y", n, d)))
	return modeltest.Run(t, modeltest.Compile(t, b, modeltest.Inputs{"x": x, "y": y}))["mmd"][0]
}

func normals(n int, seed uint64, mean float64) []float64 {
	r := rand.New(rand.NewPCG(seed, 1))
	x := make([]float64, n)
	for i := range x {
		x[i] = mean + r.NormFloat64()
	}
	return x
}

func TestTheDiscrepancyIsTheMeanOverPairs(t *testing.T) {
	const n, d, width = 4, 3, 0.7
	x, y := normals(n*d, 1, 0), normals(n*d, 2, 1)
	for name, k := range map[string]func(c, d2 float64) float64{
		"imq": func(c, d2 float64) float64 { return c / (c + d2) },
		"rbf": func(c, d2 float64) float64 { return math.Exp(-d2 / c) },
	} {
		scales := []float64{0.5, 2}
		mean := func(x, y []float64, same bool) (sum float64) {
			for i := range n {
				for j := range n {
					if same && i == j {
						continue
					}
					d2 := 0.0
					for k := range d {
						d2 += (x[i*d+k] - y[j*d+k]) * (x[i*d+k] - y[j*d+k])
					}
					for _, s := range scales {
						sum += k(2*d*width*width*s, d2)
					}
				}
			}
			if same {
				return sum / n / (n - 1)
			}
			return sum / n / n
		}
		want := mean(x, x, true) + mean(y, y, true) - 2*mean(x, y, false)
		require.InDelta(t, want, between(t, vae.Discrepancy{Kernel: name, Bandwidth: width, Scales: scales}, n, d, x, y), 1e-12)
	}
	require.Zero(t, between(t, vae.Discrepancy{}, 1, d, x[:d], y[:d]))
}

// For normals of variance 1 with means that differ by m in each dimension, the mean of
// the rbf kernel is (1+4/C)^(-D/2) exp(-D m^2/(C+4)).
func TestTheDiscrepancyOfNormalsHasItsClosedForm(t *testing.T) {
	const n, d = 700, 2
	m := vae.Discrepancy{Kernel: "rbf", Scales: []float64{1}}
	for _, shift := range []float64{0, 1} {
		const c = 2 * d
		mean := func(m float64) float64 { return math.Pow(1+4.0/c, -d/2.0) * math.Exp(-d*m*m/(c+4)) }
		require.InDelta(t, 2*mean(0)-2*mean(shift), between(t, m, n, d, normals(n*d, 3, 0), normals(n*d, 4, shift)), 0.02)
	}
}
