package exact

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFunctionsAreThoseOfMath(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for range 20000 {
		x := r.NormFloat64() * math.Exp(4*r.NormFloat64())
		require.InEpsilon(t, 1+math.Exp(min(x, 700)), 1+Exp(min(x, 700)), 4e-16, "exp(%g)", x)
		if e := math.Exp(x); e > 1e-300 && !math.IsInf(e, 1) {
			require.InEpsilon(t, e, Exp(x), 1e-15, "exp(%g)", x)
		}
		if a := math.Abs(x); a > 0 && math.Abs(math.Log(a)) > 1e-12 {
			require.InEpsilon(t, math.Log(a), Log(a), 1e-15, "log(%g)", a)
		}
		require.InDelta(t, math.Tanh(x), Tanh(x), 1e-15, "tanh(%g)", x)
		require.InDelta(t, 1/(1+math.Exp(-x)), Sigmoid(x), 1e-15, "sigmoid(%g)", x)
		require.InDelta(t, max(x, 0)+math.Log1p(math.Exp(-math.Abs(x))), Softplus(x), 1e-15*max(1, x), "softplus(%g)", x)
		require.InDelta(t, math.Erfc(-x/math.Sqrt2)/2, Phi(x), 1e-14, "phi(%g)", x)
	}
}

func TestFunctionsAtTheirEdges(t *testing.T) {
	require.Equal(t, math.Inf(1), Exp(math.Inf(1)))
	require.Zero(t, Exp(math.Inf(-1)))
	require.InEpsilon(t, 5e-324, Exp(-744.44), 1e-9, "the least subnormal")
	require.Equal(t, 1., Exp(0))
	require.Zero(t, Log(1))
	require.Equal(t, 0.5, Phi(0))
	require.Equal(t, 1., Phi(math.Inf(1)))
	require.Zero(t, Phi(math.Inf(-1)))
	for _, f := range []func(float64) float64{Exp, Sigmoid, Tanh, Softplus, Phi} {
		require.True(t, math.IsNaN(f(math.NaN())))
	}
}

// The intervals of all symbols are [0, 2^precision), in order and without gaps, and each
// number in one is found there.
func TestIntervalsCoverAll(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 2))
	for _, kind := range []Kind{Bernoulli, BetaBinomial, Categorical, Logistic} {
		for _, levels := range []int{2, 3, 256, 1000} {
			if kind == Bernoulli && levels != 2 {
				continue
			}
			l := Likelihood{Kind: kind, Levels: levels, Values: 1, Precision: 20}
			d := l.New()
			for range 50 {
				y := make([]float64, l.Parameters())
				for i := range y {
					y[i] = 6 * r.NormFloat64()
				}
				require.True(t, d.Set(y, 0))
				end := uint64(0)
				for k := range levels {
					start, size := d.Span(k)
					require.Equal(t, end, start)
					require.Positive(t, size)
					end = start + size
					for _, at := range []uint64{start, end - 1} {
						found, s, n := d.Find(at)
						require.Equal(t, []any{k, start, size}, []any{found, s, n})
					}
				}
				require.EqualValues(t, 1<<20, end)
			}
		}
	}
}

func TestBucketsCoverAll(t *testing.T) {
	l := NewLatent(7, 24)
	for _, n := range []Normal{{0, 1}, {0.3, 0.01}, {-4, 2}, {50, 0.1}, {-1e300, 1e-7}, {0, 1e300}} {
		end, filled := uint64(0), 0
		for k := range 128 {
			start, size := l.Span(k, n)
			require.Equal(t, end, start)
			if end = start + size; size > 0 {
				filled++
				for _, at := range []uint64{start, end - 1} {
					found, _, _ := l.Find(at, n)
					require.Equal(t, k, found)
				}
			}
		}
		require.EqualValues(t, 1<<24, end)
		require.Positive(t, filled)
	}
	_, size := l.Span(5, Normal{0, 1})
	require.InDelta(t, 1<<17, size, 2, "buckets have equal prior probability")
	require.InDelta(t, 0, l.Centre(63)+l.Centre(64), 1e-15)
	require.InDelta(t, 1./256, Phi(l.Centre(0)), 1e-14)
}

func TestBetaBinomialMatchesItsFormula(t *testing.T) {
	lg := func(x float64) float64 { v, _ := math.Lgamma(x); return v }
	logBeta := func(a, b float64) float64 { return lg(a) + lg(b) - lg(a+b) }
	for _, c := range [][2]float64{{0, 0}, {-10, 10}, {10, -10}, {-10, -10}, {2, 3}, {10, 10}, {0.1, -4}} {
		const n = 255
		a, b := math.Exp(c[0]), math.Exp(c[1])
		d := Likelihood{Kind: BetaBinomial, Levels: n + 1, Values: 1, Precision: 30}.New()
		require.True(t, d.Set(c[:], 0))
		for k := range n + 1 {
			want := math.Exp(lg(n+1) - lg(float64(k+1)) - lg(float64(n-k+1)) + logBeta(float64(k)+a, float64(n-k)+b) - logBeta(a, b))
			require.InDelta(t, want, d.weights[k]/d.sums[n+1], 1e-9, "k %d of %v", k, c)
		}
	}
}

func TestWhatIsNotANumberHasNoDistribution(t *testing.T) {
	for _, kind := range []Kind{Bernoulli, BetaBinomial, Categorical, Logistic} {
		l := Likelihood{Kind: kind, Levels: 2, Values: 1, Precision: 20}
		require.False(t, l.New().Set([]float64{math.NaN(), math.NaN()}, 0), kind)
		l.New().Set([]float64{math.Inf(1), math.Inf(-1)}, 0)
	}
	_, ok := NormalOf(math.NaN(), 0, -30, 20)
	require.False(t, ok)
	_, ok = NormalOf(0, math.NaN(), -30, 20)
	require.False(t, ok)
	require.Zero(t, Likelihood{Kind: "gaussian"}.Parameters())
}

func TestLayersThatDoNotFitAreRefused(t *testing.T) {
	var n Net
	require.True(t, n.Add(Dense{In: 3, Out: 2, W: make([]float64, 6)}))
	require.False(t, n.Add(Dense{In: 3, Out: 2, W: make([]float64, 6)}))
	_, ok := NewActivation("selu", 2)
	require.False(t, ok)
}
