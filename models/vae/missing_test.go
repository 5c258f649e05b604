package vae_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/optest"
	"github.com/stheno-ml/stheno/internal/modeltest"
	"github.com/stheno-ml/stheno/models/vae"
)

func TestMissingIsAnAutoencoder(t *testing.T) {
	modeltest.Autoencoder(t,
		vae.Missing{Config: vae.Config{Input: 6, Hidden: []int{5}, Latent: 2, Likelihood: vae.StudentT, BatchNorm: true}},
		vae.Missing{Config: vae.Config{Input: 6, Hidden: []int{}, Latent: 2}, Draws: 1},
		vae.Missing{Config: vae.Config{Latent: 2, Blocks: []vae.Block{{Size: 3}, {Likelihood: vae.Multinomial, Size: 2}}}, Draws: 3})
}

// What is missing can be any number, also NaN, in the sample and its gradients.
func TestMissingValuesAreNotRead(t *testing.T) {
	for _, likelihood := range []vae.Likelihood{vae.Gaussian, vae.StudentT, vae.GaussianLearned} {
		c := vae.Missing{Config: vae.Config{Input: 3, Hidden: []int{5}, Latent: 2, Likelihood: likelihood}, Draws: 4}
		p := graph.NewParams(graph.Float64, 3)
		run := func(missing float64) map[string][]float64 {
			in := modeltest.Inputs{"x": {0.3, missing, -1, 2, missing, missing}, "mask": {1, 0, 1, 1, 0, 0}}
			b := graph.New(p, graph.Config{Seed: 1})
			net := c.Build(b, 2)
			modeltest.Name(b, net)
			require.NoError(t, b.Err())
			b.Output("gradient", b.Grad(net.Tasks[0].Loss, b.Node(p.Get("encoder/fc1/w")))[0])
			require.NoError(t, b.Err())
			return modeltest.Run(t, modeltest.Compile(t, b, in))
		}
		a := run(0)
		require.Equal(t, a, run(math.NaN()))
		require.Equal(t, a, run(1e6))
		require.Equal(t, []float64{0.3, -1, 2}, []float64{a["imputed"][0], a["imputed"][2], a["imputed"][3]})
	}
}

// A linear decoder with a standard normal code and noise is factor analysis, whose
// bound and conditional means are known: x ~ N(b, w w^T + s^2 I).
func TestManyDrawsReachTheLikelihoodAndTheConditionalMean(t *testing.T) {
	const s = 0.5
	c := vae.Missing{Config: vae.Config{Input: 2, Hidden: []int{}, Latent: 1, Likelihood: vae.Gaussian, Scale: s}, Draws: 50000}
	p := graph.NewParams(graph.Float64, 1)
	in := modeltest.Inputs{"x": {0.7, 0}, "mask": {1, 0}}
	outputsOf(t, c, p, 1, false, in, nil) // makes the parameters
	for name, v := range map[string][]float64{"decoder/logits/w": {0.8, -1.2}, "decoder/logits/b": {0.1, 0.4}, "encoder/mu/w": {0.5, 9}, "encoder/logvar/w": {0, 9}} {
		require.NoError(t, p.Get(name).SetFloats(v))
	}
	out := outputsOf(t, c, p, 1, false, in, nil)
	variance := 0.8*0.8 + s*s
	nll := 0.5 * (math.Log(2*math.Pi*variance) + 0.6*0.6/variance)
	require.InDelta(t, nll, out["loss"][0], 0.01)
	mean := 0.4 - 1.2*0.8/variance*0.6
	require.InDelta(t, mean, out["imputed"][1], 0.01)

	// Draws have the conditional mean and variance.
	const n = 4000
	c.Draws = 200
	many := modeltest.Inputs{}
	for range n {
		many["x"], many["mask"] = append(many["x"], 0.7, 0), append(many["mask"], 1, 0)
	}
	out = outputsOf(t, c, p, n, false, many, nil)
	sum, squares := 0.0, 0.0
	for i := range n {
		require.Equal(t, 0.7, out["drawn"][2*i])
		v := out["drawn"][2*i+1] - mean
		sum, squares = sum+v, squares+v*v
	}
	require.InDelta(t, 0, sum/n, 0.06)
	require.InDelta(t, 1.2*1.2*(1-0.8*0.8/variance)+s*s, squares/n, 0.06)
}

// With one draw and everything observed it is the bound of a VAE.
func TestWithOneDrawOfWholeSamplesItIsTheBound(t *testing.T) {
	config := vae.Config{Input: 4, Hidden: []int{5}, Latent: 2, LogVar: []float64{-31, -30}}
	p := graph.NewParams(graph.Float64, 2)
	x := pixels(12)
	want := outputsOf(t, config, p, 3, false, modeltest.Inputs{"x": x}, nil)
	mask := make([]float64, 12)
	for i := range mask {
		mask[i] = 1
	}
	got := outputsOf(t, vae.Missing{Config: config, Draws: 1}, p, 3, false, modeltest.Inputs{"x": x, "mask": mask}, nil)
	optest.RequireClose(t, "score", want["score"], got["score"], 1e-12)
	require.Equal(t, want["recon"], got["recon"])
	require.Equal(t, x, got["imputed"])
	optest.RequireClose(t, "mse", want[modeltest.Metric("mse")], got[modeltest.Metric("mse")], 1e-12)
}

func TestInvalidMissingConfigsAreErrors(t *testing.T) {
	for want, c := range map[string]vae.Missing{
		"Draws is -1": {Draws: -1},
		"Beta is set, which Missing does not have": {Config: vae.Config{Beta: new(1.0)}},
		"Conv is set, which Missing does not have": {Config: vae.Config{Conv: &vae.Conv{}}},
		"Classes is set":  {Config: vae.Config{Classes: 2}},
		"Binarize is set": {Config: vae.Config{Binarize: true}},
		"Likelihood: ":    {Config: vae.Config{Likelihood: "normal"}},
	} {
		t.Run(want, func(t *testing.T) { requireInvalid(t, c, want) })
	}
}
