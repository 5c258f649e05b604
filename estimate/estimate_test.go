package estimate_test

import (
	"context"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/estimate"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
	"github.com/stheno-ml/stheno/models/vae"
)

// factor is factor analysis with one factor: p(z) = N(0,1) and p(x|z) = N(2z, 0.25), so
// that x has the variance 4.25, and the posterior the mean 2x/4.25 and the variance
// 0.25/4.25. Its q(z|x) has that mean, plus offset, and that variance times widen.
type factor struct{ offset, widen float64 }

const (
	variance  = 4.25
	posterior = 0.25 / variance
)

func (m factor) Posterior(b *graph.Builder, batch int) (mu, logVar *graph.Node) {
	x := b.Input("x", batch, 1)
	mu = b.AddConst(b.Scale(x, 2/variance), m.offset)
	return mu, b.AddConst(b.Scale(x, 0), math.Log(posterior*m.widen))
}

func (m factor) LogDensities(b *graph.Builder, batch, draws int) (likelihood, prior, q *graph.Node) {
	mu, _ := m.Posterior(b, batch)
	eps := b.Normal("eps", batch, draws, 1)
	sd := math.Sqrt(posterior * m.widen)
	z := b.Add(b.Reshape(mu, batch, 1, 1), b.Scale(eps, sd))
	normal := func(x *graph.Node, sd float64) *graph.Node {
		e := lower.Num(-0.5 / (sd * sd)).Mul(lower.Arg(0).Square()).Sub(lower.Num(math.Log(sd) + math.Log(2*math.Pi)/2))
		return b.Reshape(b.Map(e, x), batch, draws)
	}
	x := b.Reshape(b.InputNode("x"), batch, 1, 1)
	return normal(b.Sub(x, b.Scale(z, 2)), 0.5), normal(z, 1), normal(b.Scale(eps, sd), sd)
}

func samples(t *testing.T, n int) (data.Set, []float64) {
	t.Helper()
	x, wide := make([]float32, n), make([]float64, n)
	for i := range x {
		// The quantiles of N(0, 4.25), so that the samples have the model's own distribution.
		x[i] = float32(math.Sqrt(2*variance) * math.Erfinv(2*(float64(i)+0.5)/float64(n)-1))
		wide[i] = float64(x[i])
	}
	set, err := data.InMemory(data.Array{Name: "x", Shape: []int{1}, Values: x})
	require.NoError(t, err)
	return set, wide
}

func options(draws int) estimate.Options {
	return estimate.Options{Backend: cpu.Config{Threads: 1}, Params: graph.NewParams(graph.Float32, 1), Draws: draws, Seed: 3}
}

func TestLogLikelihoodIsExactUnderTheTruePosterior(t *testing.T) {
	set, x := samples(t, 50)
	l, err := estimate.LogLikelihood(context.Background(), factor{widen: 1}, set, options(3))
	require.NoError(t, err)
	for i, v := range x {
		require.InDelta(t, -0.5*(v*v/variance+math.Log(2*math.Pi*variance)), l.Each[i], 1e-4)
	}
}

func TestLogLikelihoodIsReachedWithManyDraws(t *testing.T) {
	set, x := samples(t, 50)
	want := 0.0
	for _, v := range x {
		want -= 0.5 * (v*v/variance + math.Log(2*math.Pi*variance)) / float64(len(x))
	}
	m := factor{offset: 0.3, widen: 1.5}
	var before float64
	for _, draws := range []int{1, 10, 30000} {
		l, err := estimate.LogLikelihood(context.Background(), m, set, options(draws))
		require.NoError(t, err)
		require.Equal(t, draws, l.Draws)
		require.Positive(t, l.Error)
		if before != 0 {
			require.Greater(t, l.Mean, before, "the bound rises with the draws")
		}
		before = l.Mean
	}
	require.InDelta(t, want, before, 5e-3)
}

// KL(q || p(z|x)) is what the bound lacks.
func TestTheBoundAndItsPartsHaveTheirClosedForm(t *testing.T) {
	set, x := samples(t, 50)
	m := factor{offset: 0.1, widen: 1.5}
	p, err := estimate.Bound(context.Background(), m, set, options(4000))
	require.NoError(t, err)
	want, kl := 0.0, 0.0
	s := posterior * m.widen
	for _, v := range x {
		mu := 2*v/variance + m.offset
		kl += 0.5 * (mu*mu + s - 1 - math.Log(s)) / 50
		want -= 0.5 * (v*v/variance + math.Log(2*math.Pi*variance)) / 50
	}
	gap := 0.5 * (m.widen + m.offset*m.offset/posterior - 1 - math.Log(m.widen))
	require.InDelta(t, want-gap, p.ELBO, 0.01)
	require.InDelta(t, kl, p.KL, 0.01)
	require.InDelta(t, -p.Recon-p.KL, p.ELBO, 1e-9)
}

// If the samples have the model's own distribution and q is the true posterior, the
// aggregate posterior is the prior, and the KL term is all mutual information.
func TestTheAggregatePosteriorOfATrueModelIsThePrior(t *testing.T) {
	set, _ := samples(t, 1000)
	a, err := estimate.Aggregated(context.Background(), factor{widen: 1}, set, options(5))
	require.NoError(t, err)
	mutual := 0.5 * math.Log(1/posterior)
	require.InDelta(t, 0, a.AggregateKL, 0.02)
	require.InDelta(t, mutual, a.MutualInformation, 0.02)
	require.InDelta(t, a.KL, a.MutualInformation+a.AggregateKL, 1e-9)

	shifted, err := estimate.Aggregated(context.Background(), factor{offset: 1, widen: 1}, set, options(5))
	require.NoError(t, err)
	require.InDelta(t, mutual, shifted.MutualInformation, 0.02, "a shift changes no information")
	require.InDelta(t, 0.5, shifted.AggregateKL, 0.05, "the divergence of N(1,1) from N(0,1)")
}

// twice has the code of factor in two dimensions, so that q(z) is N(0,1) in each, and their
// covariance is that of the means, 4/4.25. Its third dimension is the prior.
type twice struct{}

func (twice) Posterior(b *graph.Builder, batch int) (mu, logVar *graph.Node) {
	mu, logVar = factor{widen: 1}.Posterior(b, batch)
	none := b.Scale(mu, 0)
	return b.Concat(1, mu, mu, none), b.Concat(1, logVar, logVar, none)
}

func TestCorrelationOfTwoDimensionsHasItsClosedForm(t *testing.T) {
	set, _ := samples(t, 1000)
	c, err := estimate.Correlated(context.Background(), twice{}, set, 4000, options(0))
	require.NoError(t, err)
	r := 4 / variance
	require.InDelta(t, -math.Log(1-r*r)/2, c.Total, 0.05)
	require.InDelta(t, 0, c.Dimensions, 0.02)

	a, err := estimate.Aggregated(context.Background(), twice{}, set, options(4))
	require.NoError(t, err)
	require.InDelta(t, a.AggregateKL, c.Total+c.Dimensions, 0.05, "the parts add up")

	c, err = estimate.Correlated(context.Background(), factor{offset: 1, widen: 1}, set, 1000, options(0))
	require.NoError(t, err)
	require.InDelta(t, 0, c.Total, 1e-9, "of one dimension")
	require.InDelta(t, 0.5, c.Dimensions, 0.1, "the divergence of N(1,1) from N(0,1)")
}

func TestActiveUnitsDependOnTheSample(t *testing.T) {
	set, _ := samples(t, 200)
	u, err := estimate.ActiveUnits(context.Background(), factor{widen: 1}, set, options(0))
	require.NoError(t, err)
	require.Equal(t, 1, u.Active)
	require.InDelta(t, 4/variance, u.Variance[0], 0.02)
	one := data.Limit(set, 1)
	u, err = estimate.ActiveUnits(context.Background(), factor{widen: 1}, one, options(0))
	require.NoError(t, err)
	require.Zero(t, u.Active)
}

func TestDrawsDependOnTheSeedAndNotOnBatchesAndChunks(t *testing.T) {
	set, _ := samples(t, 23)
	run := func(change func(*estimate.Options)) float64 {
		o := options(8)
		o.Chunk = 4
		change(&o)
		l, err := estimate.LogLikelihood(context.Background(), factor{offset: 0.1, widen: 2}, set, o)
		require.NoError(t, err)
		return l.Mean
	}
	want := run(func(*estimate.Options) {})
	require.InDelta(t, want, run(func(o *estimate.Options) { o.Batch = 5 }), 1e-6)
	require.InDelta(t, want, run(func(o *estimate.Options) { o.Chunk = 7 }), 1e-6, "a chunk divides the draws")
	require.NotEqual(t, want, run(func(o *estimate.Options) { o.Seed = 4 }))
}

func TestAModelThatWasNotTrainedIsAnError(t *testing.T) {
	set, err := data.InMemory(data.Array{Name: "x", Shape: []int{4}, Values: []float32{0, 1, 1, 0}})
	require.NoError(t, err)
	o := options(2)
	m := vae.Config{Input: 4, Hidden: []int{3}, Latent: 2}
	_, err = estimate.LogLikelihood(context.Background(), m, set, o)
	require.NoError(t, err, "without any parameters, they are initialised")
	_, err = estimate.LogLikelihood(context.Background(), vae.Planar{Config: m}, set, o)
	require.ErrorContains(t, err, `the weight "encoder/flow1/u/w", which the parameters lack`)
}

// shapeless returns densities of a wrong shape.
type shapeless struct{ factor }

func (m shapeless) LogDensities(b *graph.Builder, batch, draws int) (likelihood, prior, q *graph.Node) {
	likelihood, prior, _ = m.factor.LogDensities(b, batch, draws)
	return likelihood, prior, b.Sum(prior, 1)
}

func TestWrongSettingsAreErrors(t *testing.T) {
	set, _ := samples(t, 3)
	other, err := data.InMemory(data.Array{Name: "y", Shape: []int{1}, Values: []float32{1}})
	require.NoError(t, err)
	wide, err := data.InMemory(data.Array{Name: "x", Shape: []int{2}, Values: []float32{1, 2}})
	require.NoError(t, err)
	o := options(1)
	for want, try := range map[string]func() error{
		"estimate: no model":         func() error { _, err := estimate.LogLikelihood(context.Background(), nil, set, o); return err },
		"estimate: the set is empty": func() error { _, err := estimate.Bound(context.Background(), factor{}, nil, o); return err },
		"estimate: no backend": func() error {
			_, err := estimate.ActiveUnits(context.Background(), factor{}, set, estimate.Options{})
			return err
		},
		"estimate: no parameters": func() error {
			_, err := estimate.Aggregated(context.Background(), factor{}, set, estimate.Options{Backend: o.Backend})
			return err
		},
		"0 codes: want at least 1": func() error {
			_, err := estimate.Correlated(context.Background(), factor{widen: 1}, set, 0, o)
			return err
		},
		"none can be negative": func() error {
			o := o
			o.Draws = -1
			_, err := estimate.Bound(context.Background(), factor{}, set, o)
			return err
		},
		"the posterior of": func() error {
			_, err := estimate.Bound(context.Background(), shapeless{factor{widen: 1}}, set, o)
			return err
		},
		`"x"`:                             func() error { _, err := estimate.Bound(context.Background(), factor{widen: 1}, other, o); return err },
		"takes samples of shape [1], the": func() error { _, err := estimate.Bound(context.Background(), factor{widen: 1}, wide, o); return err },
		"context canceled": func() error {
			ctx, cancel := context.WithCancel(context.Background())
			cancel()
			_, err := estimate.Bound(ctx, factor{widen: 1}, set, o)
			return err
		},
	} {
		require.ErrorContains(t, try(), want)
	}
}
