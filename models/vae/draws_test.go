package vae_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/modeltest"
	"github.com/stheno-ml/stheno/models/vae"
)

var (
	tiny     = vae.Config{Input: 6, Hidden: []int{5}, Latent: 2}
	tinyConv = vae.Config{Latent: 3, Likelihood: vae.Logistic, Conv: &vae.Conv{Shape: []int{1, 4, 3}, Channels: []int{2}}}
)

func TestModelsOfDrawsAreAutoencoders(t *testing.T) {
	modeltest.Autoencoder(t, vae.Importance{}, vae.Importance{Config: tiny, Draws: 3}, vae.Importance{Config: vae.Config{Input: 4, Latent: 1, Classes: 2, Condition: 3}})
	modeltest.Autoencoder(t, vae.Planar{Config: tiny}, vae.Planar{Config: tinyConv, Flows: 1})
	modeltest.Autoencoder(t, vae.Autoregressive{Config: tiny}, vae.Autoregressive{Config: tinyConv, Flows: 3, Units: []int{4, 5}}, vae.Autoregressive{Config: vae.Config{Latent: 1}})
	modeltest.Autoencoder(t, vae.Vamp{Config: tiny}, vae.Vamp{Config: tinyConv, Components: 3})
	modeltest.Autoencoder(t, vae.TwoLayer{Config: tiny}, vae.TwoLayer{Config: tinyConv, TopHidden: []int{}, TopLatent: 2, Draws: 3})
}

// weighted is a model whose codes have densities.
type weighted interface {
	modeltest.Model
	LogDensities(b *graph.Builder, batch, draws int) (likelihood, prior, posterior *graph.Node)
}

// wild are models whose weights are so large that posteriors and flows are far from
// their start.
func wild() []weighted {
	c := vae.Config{Input: 4, Hidden: []int{5}, Latent: 2, Init: graph.Normal(0, 0.4)}
	return []weighted{
		c,
		vae.Importance{Config: c},
		vae.Planar{Config: c, Flows: 3},
		vae.Autoregressive{Config: c, Flows: 2, Units: []int{6}},
		vae.Vamp{Config: c, Components: 3},
		vae.TwoLayer{Config: c, TopHidden: []int{3}, TopLatent: 1},
	}
}

// The mean of p(z)/q(z|x) over draws from q is the integral of p, which is 1 if both
// densities are normalised: the determinants of flows are right, and so is the density
// of a mixture. Draws of planar flows are rare in the tails of p: for them p^8 replaces
// p, whose integral over two dimensions is (2 pi)^-7 / 8.
func TestDensitiesOfCodesAreNormalised(t *testing.T) {
	const n = 200000
	for _, m := range wild() {
		t.Run(m.String(), func(t *testing.T) {
			b := graph.New(graph.NewParams(graph.Float64, 3), graph.Config{Seed: 1})
			_, prior, posterior := m.LogDensities(b, 1, n)
			power, integral := 1.0, 1.0
			if _, planar := m.(vae.Planar); planar {
				power, integral = 8, math.Pow(2*math.Pi, -7)/8
			}
			b.Output("log", b.AddConst(b.Sub(b.Scale(prior, power), posterior), -math.Log(integral)))
			require.NoError(t, b.Err())
			out := modeltest.Run(t, modeltest.Compile(t, b, modeltest.Inputs{"x": {0, 0.3, 1, 0.6}}))
			sum, squares := 0.0, 0.0
			for _, v := range out["log"] {
				sum += math.Exp(v) / n
				squares += math.Exp(2*v) / n
			}
			deviation := math.Sqrt((squares - sum*sum) / n)
			require.Less(t, deviation, 0.02, "the test needs more draws")
			require.InDelta(t, 1, sum, 4*deviation+1e-9)
		})
	}
}

// The loss of each variant is made of the densities of its draws.
func TestTheBoundIsThatOfTheDensities(t *testing.T) {
	x := []float64{0, 0.3, 1, 0.6, 1, 0, 0, 1}
	for _, draws := range []int{1, 4} {
		c := vae.Config{Input: 4, Hidden: []int{5}, Latent: 2}
		m := vae.Importance{Config: c, Draws: draws}
		p := graph.NewParams(graph.Float64, 3)
		b := graph.New(p, graph.Config{Seed: 1})
		modeltest.Name(b, m.Build(b, 2))
		require.NoError(t, b.Err())
		got := modeltest.Run(t, modeltest.Compile(t, b, modeltest.Inputs{"x": x}))

		d := graph.New(p, graph.Config{Seed: 1})
		likelihood, prior, posterior := m.LogDensities(d, 2, draws)
		d.Output("likelihood", likelihood)
		d.Output("prior", prior)
		d.Output("posterior", posterior)
		require.NoError(t, d.Err())
		out := modeltest.Run(t, modeltest.Compile(t, d, modeltest.Inputs{"x": x}))

		var bounds []float64
		for i := range 2 {
			sum := 0.0
			for k := range draws {
				at := i*draws + k
				sum += math.Exp(out["likelihood"][at]+out["prior"][at]-out["posterior"][at]) / float64(draws)
			}
			bounds = append(bounds, math.Log(sum))
			require.InDelta(t, bounds[i], got["bound"][i], 1e-12)
		}
		require.InDelta(t, -(bounds[0]+bounds[1])/2, got["loss"][0], 1e-12)
		if draws == 1 {
			require.InDelta(t, got["loss"][0], got[modeltest.Metric("recon")][0]+got[modeltest.Metric("kl")][0], 1e-12, "the evidence lower bound")
		}
	}
}

// Draws of a sample share what the model is conditional on.
func TestConditionalDrawsHaveTheirSamplesLabel(t *testing.T) {
	c := vae.Config{Input: 4, Hidden: []int{5}, Latent: 2, Classes: 2, Condition: 1}
	p := graph.NewParams(graph.Float64, 3)
	likelihood := func(n int, in modeltest.Inputs) []float64 {
		b := graph.New(p, graph.Config{Seed: 1})
		likelihood, _, _ := c.LogDensities(b, n, 3)
		b.Output("likelihood", likelihood)
		require.NoError(t, b.Err())
		return modeltest.Run(t, modeltest.Compile(t, b, in))["likelihood"]
	}
	x := []float64{0, 0.3, 1, 0.6}
	both := likelihood(2, modeltest.Inputs{"x": append(x, x...), "label": {0, 1}, "condition": {0.5, -2}})
	require.InDeltaSlice(t, both[:3], likelihood(1, modeltest.Inputs{"x": x, "label": {0}, "condition": {0.5}}), 1e-12)
	require.NotEqual(t, both[:3], likelihood(1, modeltest.Inputs{"x": x, "label": {1}, "condition": {0.5}}))
}

// In closed form the divergence at the code is the mean over many draws.
func TestTheScoreOfDrawnDivergencesHasTheirMeanNoise(t *testing.T) {
	c := vae.Config{Input: 4, Hidden: []int{5}, Latent: 2}
	p := graph.NewParams(graph.Float64, 3)
	score := func(m modeltest.Model) []float64 {
		b := graph.New(p, graph.Config{})
		modeltest.Name(b, m.Build(b, 1))
		require.NoError(t, b.Err())
		return modeltest.Run(t, modeltest.Compile(t, b, modeltest.Inputs{"x": {0, 0.3, 1, 0.6}}))["score"]
	}
	b := graph.New(p, graph.Config{})
	_, logVar := c.Posterior(b, 1)
	b.Output("logvar", logVar)
	spread := 0.0 // of z around its mean, by which the two differ
	for _, v := range modeltest.Run(t, modeltest.Compile(t, b, modeltest.Inputs{"x": {0, 0.3, 1, 0.6}}))["logvar"] {
		spread += math.Exp(v) / 2
	}
	require.InDelta(t, score(c)[0]-spread, score(vae.Importance{Config: c})[0], 1e-12)
}

func TestInvalidModelsOfDrawsAreErrors(t *testing.T) {
	for want, m := range map[string]modeltest.Model{
		"Draws is -1":                   vae.Importance{Draws: -1},
		"Beta is 2, but the bound":      vae.Importance{Config: vae.Config{Beta: new(2.0)}},
		"Capacity or FreeBits is set":   vae.TwoLayer{Config: vae.Config{FreeBits: 1}},
		"Flows is -2":                   vae.Planar{Flows: -2},
		"Flows is -3":                   vae.Autoregressive{Flows: -3},
		"Units[1] is 0":                 vae.Autoregressive{Units: []int{3, 0}},
		"Components is -1":              vae.Vamp{Components: -1},
		"Classes or Condition is set":   vae.Vamp{Config: vae.Config{Classes: 2}},
		"BatchNorm is set":              vae.Vamp{Config: vae.Config{BatchNorm: true}},
		"TopLatent is -1":               vae.TwoLayer{TopLatent: -1},
		"TopHidden[0] is -1":            vae.TwoLayer{TopHidden: []int{-1}},
		"Latent is -1":                  vae.Planar{Config: vae.Config{Latent: -1}},
		"Draws is -4":                   vae.TwoLayer{Draws: -4},
		`Likelihood: "normal" is unkno`: vae.Vamp{Config: vae.Config{Likelihood: "normal"}},
	} {
		b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{})
		require.NotPanics(t, func() { require.Zero(t, m.Build(b, 2)) })
		require.ErrorContains(t, b.Err(), want)
	}
	b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{})
	vae.Config{}.LogDensities(b, 2, 0)
	require.ErrorContains(t, b.Err(), "0 draws, want at least 1")
}

// Encoder and decoder run once in training, so the running statistics of batch norm have
// one next value.
func TestModelsOfDrawsTrainWithBatchNorm(t *testing.T) {
	c := vae.Config{Input: 4, Hidden: []int{5}, Latent: 2, BatchNorm: true}
	for _, m := range []modeltest.Model{vae.Importance{Config: c}, vae.Planar{Config: c}, vae.Autoregressive{Config: c}, vae.TwoLayer{Config: c, Draws: 2}} {
		b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{Training: true})
		net := m.Build(b, 3)
		require.NoError(t, b.Err(), m.String())
		modeltest.Name(b, net)
		p, err := b.Program()
		require.NoError(t, err, m.String())
		require.NotEmpty(t, p.Updates(), m.String())
	}
}
