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

func TestQuadrantsAreAnAutoencoder(t *testing.T) {
	modeltest.Autoencoder(t,
		vae.Quadrant{Config: vae.Config{Hidden: []int{5}, Latent: 2}},
		vae.Quadrant{Config: vae.Config{Input: 12, Hidden: []int{5, 4}, Latent: 2, Beta: new(0.0)}, Known: 3, Rows: 3, Draws: 4},
		vae.Quadrant{Config: vae.Config{Input: 16, Hidden: []int{}, Latent: 2, Likelihood: vae.GaussianLearned, BatchNorm: true}, Known: 2})
}

// An image of 2 rows and 3 columns has its left half in column 0, so that its
// quadrants have 1 and 2 pixels. What is unknown must not reach code and completion.
func TestOnlyKnownPixelsReachTheCode(t *testing.T) {
	for known, pixels := range map[int][]int{1: {3}, 2: {0, 3}, 3: {0, 1, 2, 3}} {
		c := vae.Quadrant{Config: vae.Config{Input: 6, Hidden: []int{5}, Latent: 2}, Known: known, Rows: 2}
		p := graph.NewParams(graph.Float64, 3)
		x := []float64{.1, .2, .3, .4, .5, .6}
		before := outputsOf(t, c, p, 1, false, modeltest.Inputs{"x": x}, nil)
		for i := range x {
			was := x[i]
			x[i] += 0.25
			after := outputsOf(t, c, p, 1, false, modeltest.Inputs{"x": x}, nil)
			x[i] = was
			isKnown := false
			for _, j := range pixels {
				isKnown = isKnown || i == j
				require.Equal(t, x[j], before["completed"][j])
				require.Equal(t, x[j], before["drawn"][j])
			}
			if isKnown {
				require.NotEqual(t, before["code"], after["code"], "%d quadrants, pixel %d", known, i)
			} else {
				for _, name := range []string{"code", "completed", "guess", "drawn"} {
					require.Equal(t, before[name], after[name], "%d quadrants, pixel %d, %s", known, i, name)
				}
			}
			require.NotEqual(t, before["score"], after["score"])
		}
	}
}

// The score by formula: the cross entropy of the unknown pixels, and the divergence of
// the recognition net's normal distribution from the prior net's, which sees the guess
// in place of the unknown pixels.
func TestTheConditionalBoundIsItsFormula(t *testing.T) {
	const batch, input = 2, 6
	c := vae.Quadrant{Config: vae.Config{Input: input, Hidden: []int{5}, Latent: 2, Beta: new(0.3)}, Rows: 2}
	x := pixels(batch * input)
	p := graph.NewParams(graph.Float64, 2)
	out := outputsOf(t, c, p, batch, false, modeltest.Inputs{"x": x}, nil)
	seen := out["guess"]
	for i := 3; i < len(seen); i += input {
		seen[i] = x[i]
	}
	b := graph.New(p, graph.Config{})
	mu, logVar := c.Encode(b.Scope("recognition"), b.Input("x", batch, input), nil)
	mu0, logVar0 := c.Encode(b.Scope("prior"), b.Input("seen", batch, input), nil)
	for name, n := range map[string]*graph.Node{"mu": mu, "logVar": logVar, "mu0": mu0, "logVar0": logVar0, "decoded": c.Recon(b, c.Decode(b, mu, nil))} {
		b.Output(name, n)
	}
	require.NoError(t, b.Err())
	parts := modeltest.Run(t, modeltest.Compile(t, b, modeltest.Inputs{"x": x, "seen": seen}))
	require.Equal(t, parts["mu0"], out["code"])

	want, kl := make([]float64, batch), 0.0
	for i, q := range parts["decoded"] {
		if i%input != 3 {
			want[i/input] -= x[i]*math.Log(q) + (1-x[i])*math.Log(1-q)
		}
	}
	for i, m := range parts["mu"] {
		v, d, v0 := parts["logVar"][i], m-parts["mu0"][i], parts["logVar0"][i]
		k := 0.5 * (v0 - v + math.Exp(v-v0) + d*d*math.Exp(-v0) - 1)
		want[i/2] += k
		kl += k / batch
	}
	optest.RequireClose(t, "score", want, out["score"], 1e-12)
	optest.RequireClose(t, "kl", []float64{kl}, out[modeltest.Metric("kl")], 1e-12)
	optest.RequireClose(t, "loss", []float64{out[modeltest.Metric("recon")][0] + 0.3*kl}, out["loss"], 1e-12)
}

// With one draw the estimate is the bound for that draw; with many it is closer to the
// likelihood, which here has the dimension of a small integral.
func TestImportanceSamplingReachesTheConditionalLikelihood(t *testing.T) {
	const input = 6
	config := vae.Config{Input: input, Hidden: []int{5}, Latent: 1}
	p := graph.NewParams(graph.Float64, 5)
	x := pixels(input)
	many := vae.Quadrant{Config: config, Known: 2, Rows: 2, Draws: 50000}
	out := outputsOf(t, many, p, 1, false, modeltest.Inputs{"x": x}, nil)

	// Quadrature over z of p(z|x) p(y|z), in [-8, 8] deviations.
	const steps = 4001
	b := graph.New(p, graph.Config{})
	z := b.Input("z", steps, 1)
	b.Output("decoded", many.Recon(b, many.Decode(b, z, nil)))
	seen := out["guess"]
	seen[0], seen[3] = x[0], x[3]
	mu, logVar := many.Encode(b.Scope("prior"), b.Input("seen", 1, input), nil)
	b.Output("mu", mu)
	b.Output("logVar", logVar)
	require.NoError(t, b.Err())
	grid := make([]float64, steps)
	m := modeltest.Compile(t, b, modeltest.Inputs{"z": grid, "seen": seen})
	first := modeltest.Run(t, m)
	dev := math.Exp(first["logVar"][0] / 2)
	for i := range grid {
		grid[i] = first["mu"][0] + dev*(float64(i)/250-8)
	}
	require.NoError(t, m.SetFloats("z", grid))
	decoded := modeltest.Run(t, m)["decoded"]
	likelihood := 0.0
	for i := range grid {
		u, logP := float64(i)/250-8, 0.0
		for j := range input {
			if j%3 != 0 {
				q := decoded[i*input+j]
				logP += x[j]*math.Log(q) + (1-x[j])*math.Log(1-q)
			}
		}
		likelihood += math.Exp(logP-u*u/2) / math.Sqrt(2*math.Pi) / 250
	}
	require.InDelta(t, -math.Log(likelihood), out[modeltest.Metric("nll")][0], 0.02)
	one := vae.Quadrant{Config: config, Known: 2, Rows: 2}
	require.Greater(t, outputsOf(t, one, p, 1, false, modeltest.Inputs{"x": x}, nil)["loss"][0], -math.Log(likelihood)-0.5)
}

// The baseline by itself has the weights, the guess and the loss of the baseline in the
// whole net, and the bound has no gradient for them.
func TestTheGuessIsTheBaseline(t *testing.T) {
	c := vae.Quadrant{Config: vae.Config{Input: 9, Hidden: []int{5, 4}, Latent: 2}}
	x := modeltest.Inputs{"x": pixels(18)}
	p := graph.NewParams(graph.Float64, 2)
	whole := outputsOf(t, c, p, 2, true, x, nil)
	alone := graph.NewParams(graph.Float64, 2)
	guess := outputsOf(t, vae.Guess{c}, alone, 2, true, x, nil)
	require.Equal(t, whole["guess"], guess["guess"])
	require.Equal(t, whole["task/baseline"], guess["task/baseline"])
	for _, q := range alone.All() {
		require.Equal(t, p.Get(q.Name()).Floats(), q.Floats(), q.Name())
	}
	b := graph.New(p, graph.Config{Training: true})
	net := c.Build(b, 2)
	require.Equal(t, []string{"!baseline/*"}, net.Tasks[0].Trains)
	require.Equal(t, []string{"baseline/*"}, net.Tasks[1].Trains)
	c.KeepGuess = true
	require.Len(t, c.Build(graph.New(p, graph.Config{Training: true}), 2).Tasks, 1)
}

func TestInvalidQuadrantsAreErrors(t *testing.T) {
	for want, c := range map[string]vae.Quadrant{
		"Known is 4, want 1, 2 or 3": {Known: 4},
		"Known is -1":                {Known: -1},
		"Draws is -1":                {Draws: -1},
		"Input is 10, which is no square: set Rows":    {Config: vae.Config{Input: 10}},
		"3 rows of an image of 10 pixels":              {Config: vae.Config{Input: 10}, Rows: 3},
		"10 rows of an image of 10 pixels":             {Config: vae.Config{Input: 10}, Rows: 10},
		"-2 rows":                                      {Rows: -2},
		"Conv is set, which Quadrant does not have":    {Config: vae.Config{Conv: &vae.Conv{}}},
		"Classes is set, which Quadrant does not have": {Config: vae.Config{Classes: 3}},
		"Latent is -1":                                 {Config: vae.Config{Latent: -1}},
		"Beta is -1":                                   {Config: vae.Config{Beta: new(-1.0)}},
	} {
		t.Run(want, func(t *testing.T) {
			requireInvalid(t, c, want)
			requireInvalid(t, vae.Guess{c}, want)
		})
	}
}
