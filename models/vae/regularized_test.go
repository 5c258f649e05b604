package vae_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/modeltest"
	"github.com/stheno-ml/stheno/models/vae"
)

func regularized(t *testing.T, m vae.Regularized, p *graph.Params) func(epoch int) map[string][]float64 {
	t.Helper()
	b := graph.New(p, graph.Config{Training: true, Seed: 4})
	modeltest.Name(b, m.Build(b, 3))
	vm := modeltest.Compile(t, b, modeltest.Inputs{"x": pixels(18)})
	return func(epoch int) map[string][]float64 {
		require.NoError(t, vm.SetClock(epoch, 0))
		return modeltest.Run(t, vm)
	}
}

func TestTheRegularizedLossIsTheSumOfItsTerms(t *testing.T) {
	p := graph.NewParams(graph.Float64, 2)
	out := regularized(t, vae.Regularized{Config: withBeta(dense, 0.3), Lambda: new(0.2)}, p)(0)
	norm, squares := 0.0, 0.0
	for _, z := range out["code"] {
		norm += z * z / 2 / 3
	}
	for _, name := range []string{"decoder/fc1/w", "decoder/logits/w"} {
		for _, w := range p.Get(name).Floats() {
			squares += w * w
		}
	}
	require.InDelta(t, norm, out[modeltest.Metric("norm")][0], 1e-12)
	require.InDelta(t, squares, out[modeltest.Metric("penalty")][0], 1e-12)
	require.InDelta(t, out[modeltest.Metric("recon")][0]+0.3*norm+0.2*squares, out["loss"][0], 1e-12)
}

// The decoder of one dense layer is sigmoid(z w + b), so its Jacobian is known.
func TestTheGradientPenaltyIsOnAverageTheNormOfTheJacobian(t *testing.T) {
	p := graph.NewParams(graph.Float64, 2)
	c := vae.Config{Input: 6, Hidden: []int{}, Latent: 2}
	run := regularized(t, vae.Regularized{Config: c, Penalty: "gradient"}, p)
	const runs = 3000
	mean, want := 0.0, 0.0
	for i := range runs {
		out := run(i)
		mean += out[modeltest.Metric("penalty")][0] / runs
		if i > 0 {
			continue
		}
		for _, y := range out["recon"] {
			require.True(t, y > 0 && y < 1)
		}
		w := p.Get("decoder/logits/w").Floats()
		for n := range 3 {
			for k := range 6 {
				y := out["recon"][n*6+k]
				for d := range 2 {
					j := y * (1 - y) * w[d*6+k]
					want += j * j / 3
				}
			}
		}
	}
	require.InDelta(t, want, mean, want*0.1)
}

// Each dense layer stretches no vector once the power iteration has converged.
func TestTheSpectralDecoderStretchesNothing(t *testing.T) {
	p := graph.NewParams(graph.Float64, 2)
	c := vae.Config{Input: 6, Hidden: []int{}, Latent: 2}
	run := regularized(t, vae.Regularized{Config: c, Penalty: "spectral"}, p)
	for i := range 50 {
		run(i)
	}
	out := run(50)
	logit := func(y float64) float64 { return math.Log(y / (1 - y)) }
	for a := range 2 {
		z, y := 0.0, 0.0
		for k := range 2 {
			z += math.Pow(out["code"][a*2+k]-out["code"][a*2+2+k], 2)
		}
		for k := range 6 {
			y += math.Pow(logit(out["recon"][a*6+k])-logit(out["recon"][a*6+6+k]), 2)
		}
		require.LessOrEqual(t, y, z*(1+1e-6))
		require.Greater(t, y, 0.0)
	}
}
