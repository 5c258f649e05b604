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

// The KL terms of the two dimensions are 0.5 and 0.02, averaged over two samples.
func TestThePenaltyFollowsItsFormula(t *testing.T) {
	kl := []float64{0.9, 0.01, 0.1, 0.03}
	for _, c := range []struct {
		name   string
		config vae.Config
		want   float64
	}{
		{"evidence lower bound", vae.Config{}, 0.52},
		{"beta", vae.Config{Beta: new(4.0)}, 2.08},
		{"no penalty", vae.Config{Beta: new(0.0)}, 0},
		{"capacity below the KL term", vae.Config{Beta: new(10.0), Capacity: new(0.5)}, 0.2},
		{"capacity above the KL term", vae.Config{Beta: new(10.0), Capacity: new(1.0)}, 4.8},
		{"capacity 0 keeps the KL term", vae.Config{Beta: new(10.0), Capacity: new(0.0)}, 5.2},
		{"free bits by dimension", vae.Config{FreeBits: 0.125, Beta: new(2.0)}, 1.25},
		{"free bits and capacity", vae.Config{FreeBits: 0.125, Capacity: new(1.0)}, 0.375},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := graph.New(graph.NewParams(graph.Float64, 1), graph.Config{Training: true})
			x := b.Input("kl", 2, 2)
			penalty := c.config.Penalty(b, x)
			b.Output("penalty", penalty)
			if c.config.FreeBits > 0 {
				b.Output("gradient", b.Grad(penalty, x)[0])
			}
			require.NoError(t, b.Err())
			out := modeltest.Run(t, modeltest.Compile(t, b, modeltest.Inputs{"kl": kl}))
			require.InDelta(t, c.want, out["penalty"][0], 1e-12)
			if c.config.FreeBits > 0 {
				require.Zero(t, out["gradient"][1], "a free dimension has no gradient")
				require.NotZero(t, out["gradient"][0])
			}
		})
	}
}

// The divergence is compared with the integral of q log(q/p).
func TestTheDivergenceIsItsIntegral(t *testing.T) {
	mu, logVar := []float64{0, 1, -2, 0.5}, []float64{0, -1, 1, -4}
	b := graph.New(graph.NewParams(graph.Float64, 1), graph.Config{})
	b.Output("kl", vae.Config{}.KL(b, b.Input("mu", 2, 2), b.Input("logvar", 2, 2)))
	require.NoError(t, b.Err())
	out := modeltest.Run(t, modeltest.Compile(t, b, modeltest.Inputs{"mu": mu, "logvar": logVar}))
	want := make([]float64, len(mu))
	for i := range mu {
		const step = 1e-3
		sd := math.Exp(logVar[i] / 2)
		for e := -12.0; e < 12; e += step {
			z := mu[i] + sd*e
			density := math.Exp(-e*e/2) / math.Sqrt(2*math.Pi)
			want[i] += step * density * (-e*e/2 - math.Log(sd) + z*z/2)
		}
	}
	optest.RequireClose(t, "kl", want, out["kl"], 1e-9)
}

func TestLogVariancesAreClamped(t *testing.T) {
	for want, c := range map[float64]vae.Config{20: {}, 1.5: {LogVar: []float64{-1, 1.5}}} {
		c.Input, c.Latent, c.Init = 2, 3, graph.Constant(1000)
		b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{Training: true})
		_, logVar := c.Encode(b, b.Input("x", 1, 2), nil)
		b.Output("logvar", logVar)
		require.NoError(t, b.Err())
		out := modeltest.Run(t, modeltest.Compile(t, b, modeltest.Inputs{"x": {1, 1}}))
		require.Equal(t, []float64{want, want, want}, out["logvar"])
	}
}

func TestBinarizeDrawsPixelsInTrainingOnly(t *testing.T) {
	const n = 20000
	for _, training := range []bool{true, false} {
		b := graph.New(graph.NewParams(graph.Float64, 1), graph.Config{Training: training, Seed: 3})
		x, _ := vae.Config{Input: 4, Binarize: true}.Inputs(b, n)
		b.Output("x", x)
		require.NoError(t, b.Err())
		grey := []float64{0, 0.25, 0.75, 1}
		var in []float64
		for range n {
			in = append(in, grey...)
		}
		out := modeltest.Run(t, modeltest.Compile(t, b, modeltest.Inputs{"x": in}))["x"]
		if !training {
			require.Equal(t, in, out)
			continue
		}
		mean := make([]float64, 4)
		for i, v := range out {
			require.True(t, v == 0 || v == 1)
			mean[i%4] += v / n
		}
		require.Zero(t, mean[0])
		require.InDelta(t, 1, mean[3], 1e-9)
		require.InDelta(t, 0.25, mean[1], 0.02)
		require.InDelta(t, 0.75, mean[2], 0.02)
	}
}

func TestAConditionReachesEncoderAndDecoder(t *testing.T) {
	c := vae.Config{Input: 3, Latent: 2, Condition: 2, Classes: 3}
	b := graph.New(graph.NewParams(graph.Float64, 1), graph.Config{})
	net := c.Build(b, 2)
	require.NoError(t, b.Err())
	for name, wrong := range map[string]*graph.Node{"a label alone": b.InputNode("label"), "nothing": nil} {
		b := graph.New(graph.NewParams(graph.Float64, 1), graph.Config{})
		if wrong != nil {
			wrong = b.Input("label", 2)
		}
		c.Encode(b, b.Input("x", 2, 3), wrong)
		require.ErrorContains(t, b.Err(), "want the 5 values that each of 2 samples is conditional on, [2 5], have", name)
	}
	modeltest.Name(b, net)
	in := modeltest.Inputs{"x": {0, 1, 0, 0, 1, 0}, "label": {1, 1}, "condition": {0.5, 1, 0.5, 2}}
	out := modeltest.Run(t, modeltest.Compile(t, b, in))
	require.NotEqual(t, out["code"][:2], out["code"][2:], "only the condition differs")
}
