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

func TestItemsAreAnAutoencoder(t *testing.T) {
	modeltest.Autoencoder(t,
		vae.Items{Config: vae.Config{Input: 6}},
		vae.Items{Config: vae.Config{Input: 6, Hidden: []int{}, Latent: 2, Activation: "relu", Beta: new(0.0)}, Dropout: new(0.0)},
		vae.Items{Config: vae.Config{Input: 6, Hidden: []int{5}, Latent: 2}, Denoising: true})
}

// The score by formula, from the encoder of x of length 1.
func TestTheItemsCompeteForTheProbability(t *testing.T) {
	const input = 5
	x := []float64{1, 0, 1, 0, 1, 0, 3, 0, 0, 0}
	for _, denoising := range []bool{false, true} {
		c := vae.Items{Config: vae.Config{Input: input, Hidden: []int{4}, Latent: 2, Activation: "tanh"}, Denoising: denoising}
		p := graph.NewParams(graph.Float64, 2)
		out := outputsOf(t, c, p, 2, false, modeltest.Inputs{"x": x}, func(b *graph.Builder) {
			unit := make([]float64, len(x))
			for i := range unit {
				unit[i] = x[i] / []float64{math.Sqrt(3), 3}[i/input]
			}
			if !denoising {
				mu, logVar := c.Encode(b, b.Constant(unit, 2, input), nil)
				b.Output("mu", mu)
				b.Output("logVar", logVar)
			}
		})
		q := softmaxRows(out["logits"], input)
		optest.RequireClose(t, "probabilities", q, out["recon"], 1e-12)
		want := make([]float64, 2)
		for i, v := range x {
			want[i/input] -= v * math.Log(q[i])
		}
		if !denoising {
			optest.RequireClose(t, "code", out["mu"], out["code"], 1e-12)
			for i, m := range out["mu"] {
				lv := out["logVar"][i]
				want[i/2] += 0.5 * (m*m + math.Exp(lv) - 1 - lv)
			}
		} else {
			require.NotContains(t, out, "prior")
			require.Nil(t, p.Get("encoder/logvar/w"))
			optest.RequireClose(t, "loss", []float64{(want[0] + want[1]) / 2}, out["loss"], 1e-12)
		}
		optest.RequireClose(t, "score", want, out["score"], 1e-12)
	}
}

func TestAUserWithoutItemsHasNoLoss(t *testing.T) {
	c := vae.Items{Config: vae.Config{Input: 5, Hidden: []int{4}, Latent: 2}, Denoising: true}
	out := outputsOf(t, c, graph.NewParams(graph.Float32, 2), 1, true, modeltest.Inputs{"x": make([]float64, 5)}, nil)
	require.Zero(t, out["loss"][0])
}

func TestInvalidItemsAreErrors(t *testing.T) {
	for want, c := range map[string]vae.Items{
		"Input is 0, want the number of items":      {},
		"Dropout is 1, want at least 0 and below 1": {Config: vae.Config{Input: 5}, Dropout: new(1.0)},
		"Dropout is -0.1":                           {Config: vae.Config{Input: 5}, Dropout: new(-0.1)},
		"Likelihood is set, which Items":            {Config: vae.Config{Input: 5, Likelihood: vae.Gaussian}},
		"Classes is set, which Items":               {Config: vae.Config{Input: 5, Classes: 2}},
		"Conv is set, which Items":                  {Config: vae.Config{Input: 5, Conv: &vae.Conv{}}},
		"Input is -1":                               {Config: vae.Config{Input: -1}},
	} {
		t.Run(want, func(t *testing.T) { requireInvalid(t, c, want) })
	}
}
