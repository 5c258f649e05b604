package vae_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/optest"
	"github.com/stheno-ml/stheno/internal/modeltest"
	"github.com/stheno-ml/stheno/lower"
	"github.com/stheno-ml/stheno/models/vae"
)

func TestItIsAnAutoencoder(t *testing.T) {
	modeltest.Autoencoder(t,
		vae.Config{},
		vae.Config{Input: 6, Hidden: []int{}, Latent: 2, Activation: "tanh", Beta: new(0.0), Classes: 3},
		vae.Config{Latent: 2, Beta: new(4.0), Classes: 2, Conv: &vae.Conv{Shape: []int{1, 3, 2}, Channels: []int{2}, Kernel: 2}},
		vae.Config{Input: 6, Hidden: []int{4, 3}, Decoder: []int{5}, Latent: 2, Gated: true, BatchNorm: true, Likelihood: vae.BetaBinomial, Levels: 16},
		vae.Config{Latent: 2, BatchNorm: true, Likelihood: vae.Logistic, Conv: &vae.Conv{Shape: []int{2, 3, 2}, Channels: []int{2, 3}}},
		vae.Config{Input: 6, Latent: 2, Likelihood: vae.GaussianShared, Capacity: new(0.0), LogVar: []float64{-8, 2}},
		vae.Config{Latent: 2, FreeBits: 0.25, Blocks: []vae.Block{{Size: 3}, {Likelihood: vae.Bernoulli}, {Likelihood: vae.Multinomial, Size: 4}}},
		vae.Config{Input: 6, Latent: 2, Condition: 2, Binarize: true},
		vae.Config{Input: 6, Latent: 2, Condition: 2, Classes: 3})
}

// The score is the negative bound in closed form: the cross entropy at the mean of
// the code, plus the KL term without beta.
func TestTheScoreIsTheNegativeBoundAtTheMean(t *testing.T) {
	const batch, input = 3, 6
	c := vae.Config{Input: input, Hidden: []int{5}, Latent: 2, Beta: new(0.3)}
	x := pixels(batch * input)
	s := newStep(t, c, graph.NewParams(graph.Float64, 2), batch, false, modeltest.Inputs{"x": x})
	_, logVar := c.Encode(s.b, s.b.InputNode("x"), nil)
	s.b.Output("logvar", logVar)
	first := s.run(t, 0)
	want := make([]float64, batch)
	mu, lv := first["code"], first["logvar"]
	for i, p := range first["recon"] {
		want[i/input] -= x[i]*math.Log(p) + (1-x[i])*math.Log(1-p)
	}
	for i := range mu {
		want[i/2] += 0.5 * (mu[i]*mu[i] + math.Exp(lv[i]) - 1 - lv[i])
	}
	optest.RequireClose(t, "score", want, first["score"], 1e-12)

	second := s.run(t, 1)
	require.Equal(t, first["score"], second["score"], "the score does not depend on random numbers")
	require.Equal(t, graph.Shape{batch, 2}, graph.Shape(s.net.Outputs["prior"].Shape()))
	require.NotEqual(t, first["prior"], second["prior"], "codes depend on the epoch")
}

func TestBetaIsAScalarThatCanBeZero(t *testing.T) {
	c := vae.Config{Input: 6, Hidden: []int{5}, Latent: 2, Beta: new(0.0)}
	s := newStep(t, c, graph.NewParams(graph.Float64, 2), 3, false, modeltest.Inputs{"x": pixels(18)})
	s.run(t, 0)
	in, ok := s.vm.Program().Input(vae.InputBeta)
	require.True(t, ok)
	require.True(t, in.Optional)
	require.Zero(t, in.Default)

	for _, beta := range []float64{0, 0.5, 4} {
		require.NoError(t, s.vm.Set(vae.InputBeta, beta))
		out := s.run(t, 0)
		recon, kl := out[modeltest.Metric("recon")][0], out[modeltest.Metric("kl")][0]
		require.Positive(t, kl)
		require.InDelta(t, recon+beta*kl, out["loss"][0], 1e-12)
	}
}

// All pixels of an image equal its class. Given the label, the code carries no
// further information, and the label alone decides what is decoded.
func TestTheLabelDecidesWhatAConditionalModelDecodes(t *testing.T) {
	for _, c := range []vae.Config{
		{Input: 4, Hidden: []int{8}, Latent: 2, Classes: 2},
		{Latent: 2, Classes: 2, Conv: &vae.Conv{Shape: []int{1, 2, 2}, Channels: []int{4}}},
	} {
		t.Run(c.String(), func(t *testing.T) {
			p := graph.NewParams(graph.Float32, 4)
			label := []float64{0, 1, 0, 1}
			x := make([]float64, 16)
			for i := range x {
				x[i] = label[i/4]
			}
			in := modeltest.Inputs{"x": x, "label": label}
			s := newStep(t, c, p, 4, true, in)
			for i := range 199 {
				s.run(t, i)
			}
			require.Less(t, s.run(t, 199)[modeltest.Metric("recon")][0], 0.5, "nats of an image of 4 pixels")

			swapped := newStep(t, c, p, 4, false, in)
			z := swapped.net.Outputs["code"]
			decoded := c.Recon(swapped.b, c.Decode(swapped.b, z, swapped.b.Map(lower.Num(1).Sub(lower.Arg(0)), swapped.b.InputNode("label"))))
			swapped.b.Output("other label", decoded)
			out := swapped.run(t, 0)
			for i := range x {
				require.InDelta(t, x[i], out["recon"][i], 0.2)
				require.InDelta(t, 1-x[i], out["other label"][i], 0.2)
			}
		})
	}
}

func TestPixelsAndClassesHaveTheirDomains(t *testing.T) {
	b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{Training: true})
	net := vae.Config{Input: 6, Classes: 10}.Build(b, 3)
	b.Output("loss", net.Tasks[0].Loss)
	p, err := b.Program()
	require.NoError(t, err)
	bounds := map[string][2]float64{}
	for _, d := range p.Domains() {
		bounds[d.Input] = [2]float64{d.Lo, d.Hi}
	}
	require.Equal(t, map[string][2]float64{"x": {0, 1}, "label": {0, 9}}, bounds)
}

func TestMissingAndUnexpectedLabelsAreErrors(t *testing.T) {
	conditional := vae.Config{Input: 6, Classes: 10}
	for want, wrong := range map[string]func(b *graph.Builder){
		`layer "encoder": vae: want the label of each of 2 samples, [2], have nil`:                  func(b *graph.Builder) { conditional.Encode(b, b.Input("x", 2, 6), nil) },
		`layer "decoder": vae: want the label of each of 2 samples, [2], have [3]`:                  func(b *graph.Builder) { conditional.Decode(b, b.Input("z", 2, 20), b.Input("label", 3)) },
		`layer "decoder": vae: there is a label, but Classes is 0: set it to the number of classes`: func(b *graph.Builder) { vae.Config{}.Decode(b, b.Input("z", 2, 20), b.Input("label", 2)) },
		`vae: Classes is -1, want the number of classes, or 0 for none`:                             func(b *graph.Builder) { vae.Config{Classes: -1}.Build(b, 2) },
		`vae: Beta is -1, want a finite number, at least 0`:                                         func(b *graph.Builder) { vae.Config{Beta: new(-1.0)}.Build(b, 2) },
	} {
		b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{})
		require.NotPanics(t, func() { wrong(b) })
		require.ErrorContains(t, b.Err(), want)
	}
}
