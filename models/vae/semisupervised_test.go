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

func TestSemiSupervisedIsAnAutoencoder(t *testing.T) {
	modeltest.Autoencoder(t,
		vae.SemiSupervised{Config: vae.Config{Input: 6, Hidden: []int{5}, Latent: 2}},
		vae.SemiSupervised{Config: vae.Config{Input: 6, Hidden: []int{5, 4}, Latent: 2, Classes: 3, Gated: true, Activation: "tanh"}, Alpha: new(0.0)},
		vae.SemiSupervised{Config: vae.Config{Input: 6, Hidden: []int{5}, Latent: 2, Classes: 2, Likelihood: vae.GaussianLearned, BatchNorm: true}, Alpha: new(46.0)})
}

// The score is the bound of eq. 7 at the means: it is computed here class by class,
// with Encode and Decode of the conditional model.
func TestTheSumOverClassesIsExact(t *testing.T) {
	const batch, input, classes, latent = 3, 6, 4, 2
	for _, config := range []vae.Config{
		{Input: input, Hidden: []int{5, 4}, Latent: latent, Classes: classes, Activation: "softplus"},
		{Input: input, Hidden: []int{5}, Latent: latent, Classes: classes, Gated: true},
	} {
		t.Run(config.String(), func(t *testing.T) {
			c := vae.SemiSupervised{Config: config, Alpha: new(7.0)}
			x := pixels(batch * input)
			in := modeltest.Inputs{"x": x, "label": {2, 0, 3}, "labelled": {1, 0, 1}}
			p := graph.NewParams(graph.Float64, 2)
			out := outputsOf(t, c, p, batch, false, in, nil)
			q := softmaxRows(out["logits"], classes)
			want := make([]float64, batch)
			for y := range classes {
				b := graph.New(p, graph.Config{})
				label := b.Input("label", batch)
				mu, logVar := c.Encode(b, b.Input("x", batch, input), label)
				b.Output("mu", mu)
				b.Output("logVar", logVar)
				b.Output("decoded", c.Recon(b, c.Decode(b, mu, label)))
				require.NoError(t, b.Err())
				of := modeltest.Run(t, modeltest.Compile(t, b, modeltest.Inputs{"x": x, "label": {float64(y), float64(y), float64(y)}}))
				for i := range batch {
					l := math.Log(classes) + math.Log(q[i*classes+y])
					for j, p := range of["decoded"][i*input : (i+1)*input] {
						v := x[i*input+j]
						l -= v*math.Log(p) + (1-v)*math.Log(1-p)
					}
					for k, m := range of["mu"][i*latent : (i+1)*latent] {
						lv := of["logVar"][i*latent+k]
						l += 0.5 * (m*m + math.Exp(lv) - 1 - lv)
					}
					want[i] += q[i*classes+y] * l
				}
			}
			optest.RequireClose(t, "score", want, out["score"], 1e-12)

			nll := -math.Log(q[2]) - math.Log(q[2*classes+3])
			optest.RequireClose(t, "classifier", []float64{nll / 2}, out[modeltest.Metric("classifier")], 1e-12)
			optest.RequireClose(t, "loss", []float64{out[modeltest.Metric("bound")][0] + 7*nll/batch}, out["loss"], 1e-12)
		})
	}
}

// With all labels known, the bound is that of a conditional model plus log Classes, and
// the classifier learns from its own term only.
func TestWithAllLabelsItIsTheConditionalModel(t *testing.T) {
	const input, classes = 6, 3
	config := vae.Config{Input: input, Hidden: []int{5}, Latent: 2, Classes: classes, LogVar: []float64{-31, -30}}
	x := pixels(2 * input)
	p := graph.NewParams(graph.Float64, 2)
	in := modeltest.Inputs{"x": x, "label": {2, 1}}
	want := outputsOf(t, config, p, 2, true, in, nil)["loss"][0]
	in["labelled"] = []float64{1, 1}
	c := vae.SemiSupervised{Config: config, Alpha: new(0.0)}
	gradient := func(b *graph.Builder) {
		net := b.InputNode("alpha")
		require.NotNil(t, net)
	}
	got := outputsOf(t, c, p, 2, true, in, gradient)["loss"][0]
	require.InDelta(t, want+math.Log(classes), got, 1e-5, "the codes have nearly no variance")

	b := graph.New(p, graph.Config{Training: true})
	net := c.Build(b, 2)
	b.Output("gradient", b.Grad(net.Tasks[0].Loss, b.Node(p.Get("classifier/logits/w")))[0])
	require.NoError(t, b.Err())
	require.NotContains(t, modeltest.Run(t, modeltest.Compile(t, b, in))["gradient"], math.NaN())
	for _, g := range modeltest.Run(t, modeltest.Compile(t, b, in))["gradient"] {
		require.Zero(t, g)
	}
}

func TestALabelThatIsNotKnownChangesNothing(t *testing.T) {
	c := vae.SemiSupervised{Config: vae.Config{Input: 6, Hidden: []int{5}, Latent: 2, Classes: 3}}
	p := graph.NewParams(graph.Float64, 2)
	loss := func(label float64) float64 {
		return outputsOf(t, c, p, 1, true, modeltest.Inputs{"x": pixels(6), "label": {label}, "labelled": {0}}, nil)["loss"][0]
	}
	require.Equal(t, loss(0), loss(2))
}

func TestCodesOfThePriorHaveOneClass(t *testing.T) {
	c := vae.SemiSupervised{Config: vae.Config{Input: 6, Hidden: []int{5}, Latent: 2, Classes: 4}}
	const n = 2000
	in := modeltest.Inputs{"x": pixels(6 * n), "label": make([]float64, n), "labelled": make([]float64, n)}
	prior := outputsOf(t, c, graph.NewParams(graph.Float32, 1), n, false, in, nil)["prior"]
	counts := [4]float64{}
	for i := 0; i < len(prior); i += 6 {
		require.ElementsMatch(t, []float64{1, 0, 0, 0}, prior[i:i+4])
		for k := range counts {
			counts[k] += prior[i+k] / n
		}
	}
	for _, share := range counts {
		require.InDelta(t, 0.25, share, 0.05)
	}
}

func softmaxRows(x []float64, n int) []float64 {
	out := make([]float64, len(x))
	for i := 0; i < len(x); i += n {
		sum := 0.0
		for j := range n {
			out[i+j] = math.Exp(x[i+j])
			sum += out[i+j]
		}
		for j := range n {
			out[i+j] /= sum
		}
	}
	return out
}

func TestInvalidSemiSupervisedConfigsAreErrors(t *testing.T) {
	for want, c := range map[string]vae.SemiSupervised{
		"Classes is 1, want at least 2":                   {Config: vae.Config{Classes: 1}},
		"Classes is -1":                                   {Config: vae.Config{Classes: -1}},
		"Hidden is empty, but SemiSupervised needs":       {Config: vae.Config{Hidden: []int{}}},
		"Alpha is -1":                                     {Alpha: new(-1.0)},
		"Alpha is NaN":                                    {Alpha: new(math.NaN())},
		"Conv is set, which SemiSupervised does not have": {Config: vae.Config{Conv: &vae.Conv{}}},
		"FreeBits is set, which SemiSupervised":           {Config: vae.Config{FreeBits: 1}},
		"Condition is set, which SemiSupervised":          {Config: vae.Config{Condition: 1}},
		"Latent is -1":                                    {Config: vae.Config{Latent: -1}},
	} {
		t.Run(want, func(t *testing.T) { requireInvalid(t, c, want) })
	}
	b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{})
	c := vae.SemiSupervised{Config: vae.Config{Input: 6, Latent: 2, Classes: 3}}
	c.DecodeCode(b, b.Input("z", 2, 2))
	require.ErrorContains(t, b.Err(), "want a batch of samples of shape [5], have [2 2]")
}
