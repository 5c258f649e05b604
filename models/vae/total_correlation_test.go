package vae

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/modeltest"
)

// split runs TotalCorrelation.split on means, log variances and draws [n, d].
func split(t *testing.T, m TotalCorrelation, n, d int, mu, logVar, z []float64) (mi, tc, dimensions float64) {
	t.Helper()
	b := graph.New(graph.NewParams(graph.Float64, 1), graph.Config{Training: true})
	x, y, w := m.split(b, b.Input("mu", n, d), b.Input("logvar", n, d), b.Input("z", n, d))
	for name, node := range map[string]*graph.Node{"mi": x, "tc": y, "dimensions": w} {
		b.Output(name, node)
	}
	out := modeltest.Run(t, modeltest.Compile(t, b, modeltest.Inputs{"mu": mu, "logvar": logVar, "z": z}))
	return out["mi"][0], out["tc"][0], out["dimensions"][0]
}

// The codes are normals of deviation s around (a, a) and (-a, -a), half of the samples at
// each. The terms are integrals over the plane.
func TestTheThreeTermsAreTheIntegrals(t *testing.T) {
	const n, a, s = 800, 1.5, 0.6
	r := rand.New(rand.NewPCG(1, 1))
	mu, logVar, z := make([]float64, 2*n), make([]float64, 2*n), make([]float64, 2*n)
	for i := range mu {
		mu[i] = a
		if i/2%2 == 1 {
			mu[i] = -a
		}
		logVar[i] = 2 * math.Log(s)
		z[i] = mu[i] + s*r.NormFloat64()
	}
	density := func(x, m, s float64) float64 { return math.Exp(-(x-m)*(x-m)/2/s/s) / s / math.Sqrt(2*math.Pi) }
	one := func(x float64) float64 { return (density(x, a, s) + density(x, -a, s)) / 2 }
	two := func(x, y float64) float64 {
		return (density(x, a, s)*density(y, a, s) + density(x, -a, s)*density(y, -a, s)) / 2
	}
	const step = 0.05
	mi, tc, dimensions := 0.0, 0.0, 0.0
	for x := -6.0; x < 6; x += step {
		dimensions += 2 * step * one(x) * math.Log(one(x)/density(x, 0, 1))
		for y := -6.0; y < 6; y += step {
			q := two(x, y)
			mi -= step * step * q * math.Log(q)
			tc += step * step * q * math.Log(q/one(x)/one(y))
		}
	}
	mi -= math.Log(2*math.Pi*math.E) + 2*math.Log(s) // the entropy of q(z|x)
	require.InDelta(t, math.Ln2, mi, 0.02, "the code tells the two kinds apart")
	for _, m := range []TotalCorrelation{{Samples: n}, {Samples: n, Weighted: true}} {
		bias := 0.0
		if m.Weighted {
			bias = math.Log(n) // q(z) is 1/(NM) of the sum over the batch
		}
		gotMI, gotTC, gotDimensions := split(t, m, n, 2, mu, logVar, z)
		require.InDelta(t, mi+bias, gotMI, 0.05)
		require.InDelta(t, tc+bias, gotTC, 0.05)
		require.InDelta(t, dimensions-2*bias, gotDimensions, 0.15)
	}
}

func TestTheThreeTermsAddUpToTheSampledDivergence(t *testing.T) {
	const n, d = 5, 3
	r := rand.New(rand.NewPCG(2, 1))
	mu, logVar, z := make([]float64, n*d), make([]float64, n*d), make([]float64, n*d)
	want := 0.0
	for i := range mu {
		mu[i], logVar[i] = r.NormFloat64(), r.NormFloat64()
		z[i] = mu[i] + math.Exp(logVar[i]/2)*r.NormFloat64()
		want += (z[i]*z[i] - logVar[i] - (z[i]-mu[i])*(z[i]-mu[i])*math.Exp(-logVar[i])) / 2 / n
	}
	for _, m := range []TotalCorrelation{{Samples: 100}, {Samples: n}, {Samples: 7, Weighted: true}} {
		mi, tc, dimensions := split(t, m, n, d, mu, logVar, z)
		require.InDelta(t, want, mi+tc+dimensions, 1e-10)
	}
}

func TestStratifiedWeightsAddUpToOne(t *testing.T) {
	for _, n := range []int{1, 2, 5} {
		b := graph.New(graph.NewParams(graph.Float64, 1), graph.Config{})
		b.Output("w", b.Sum(b.Exp(TotalCorrelation{Samples: 9}.logWeights(b, n)), 1))
		for _, sum := range modeltest.Run(t, modeltest.Compile(t, b, nil))["w"] {
			require.InDelta(t, 1, sum, 1e-12)
		}
	}
}

func TestABatchLargerThanTheTrainingSetIsAnError(t *testing.T) {
	b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{})
	require.Zero(t, TotalCorrelation{Samples: 3}.Build(b, 4))
	require.ErrorContains(t, b.Err(), "a batch of 4 samples of a training set of 3")
}
