package vae_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/edges"
	"github.com/stheno-ml/stheno/internal/modeltest"
	"github.com/stheno-ml/stheno/models/vae"
)

// dense, labelled and image are small nets for the variants.
var (
	dense    = vae.Config{Input: 6, Hidden: []int{5}, Latent: 2}
	labelled = vae.Config{Input: 6, Hidden: []int{}, Latent: 3, Activation: "tanh", Classes: 3}
	image    = vae.Config{Latent: 2, Conv: &vae.Conv{Shape: []int{1, 3, 2}, Channels: []int{2}, Kernel: 2}}
)

func withBeta(c vae.Config, beta float64) vae.Config {
	c.Beta = &beta
	return c
}

func TestVariantsAreAutoencoders(t *testing.T) {
	modeltest.Autoencoder(t, vae.TotalCorrelation{}, vae.TotalCorrelation{Config: withBeta(labelled, 0), Samples: 3, Weighted: true, Alpha: new(0.0), Gamma: new(2.0)}, vae.TotalCorrelation{Config: image})
	modeltest.Autoencoder(t, vae.Factor{Discriminator: []int{3}}, vae.Factor{Config: withBeta(labelled, 2), Discriminator: []int{}, Gamma: new(0.0)}, vae.Factor{Config: image, Discriminator: []int{4, 4}})
	modeltest.Autoencoder(t, vae.MMD{}, vae.MMD{Config: withBeta(labelled, 0), Lambda: new(0.0), Discrepancy: vae.Discrepancy{Kernel: "rbf", Bandwidth: 2, Scales: []float64{1}}}, vae.MMD{Config: image})
	modeltest.Autoencoder(t, vae.Wasserstein{}, vae.Wasserstein{Config: labelled, Lambda: new(0.0)}, vae.Wasserstein{Config: image})
	modeltest.Autoencoder(t, vae.Regularized{}, vae.Regularized{Config: withBeta(labelled, 0), Penalty: "gradient"}, vae.Regularized{Config: image, Penalty: "none"}, vae.Regularized{Config: dense, Penalty: "spectral"})
	modeltest.Autoencoder(t, vae.Adversarial{Critic: []int{3}}, vae.Adversarial{Config: labelled, Critic: []int{}, Lambda: new(0.0)}, vae.Adversarial{Config: image, Gaussian: true, Critic: []int{4, 4}})
	modeltest.Autoencoder(t, vae.GAN{}, vae.GAN{Config: withBeta(labelled, 2), Discriminator: []int{3}, Gamma: new(0.0)}, vae.GAN{Config: image, Discriminator: []int{4, 4}})
	grid := image
	grid.Latent = 0
	modeltest.Autoencoder(t, vae.Quantized{}, vae.Quantized{Config: labelled, Codes: 4, Width: 1, Commitment: new(0.0), Decay: new(0.0), Revive: new(0.0)}, vae.Quantized{Config: grid, Codes: 5, Width: 3})
	modeltest.Autoencoder(t, vae.GumbelSoftmax{}, vae.GumbelSoftmax{Config: withBeta(labelled, 0), Categories: 2, Temperature: new(0.5)}, vae.GumbelSoftmax{Config: image, Hard: true})
}

// variants has one of each.
func variants() []modeltest.Model {
	return []modeltest.Model{
		vae.TotalCorrelation{Config: dense}, vae.Factor{Config: dense, Discriminator: []int{4}}, vae.MMD{Config: dense}, vae.Wasserstein{Config: dense}, vae.Regularized{Config: dense},
		vae.Adversarial{Config: dense, Critic: []int{4}}, vae.GAN{Config: dense, Discriminator: []int{4}}, vae.Quantized{Config: dense, Width: 1, Codes: 4}, vae.GumbelSoftmax{Config: dense, Categories: 3},
	}
}

func TestEvaluationOfVariantsReconstructsWithoutRandomNumbers(t *testing.T) {
	for _, m := range variants() {
		t.Run(fmt.Sprintf("%T", m), func(t *testing.T) {
			b := graph.New(graph.NewParams(graph.Float64, 2), graph.Config{Seed: 1})
			net := m.Build(b, 3)
			modeltest.Name(b, net)
			vm := modeltest.Compile(t, b, modeltest.Inputs{"x": pixels(18)})
			first := modeltest.Run(t, vm)
			require.NoError(t, vm.SetClock(1, 0))
			second := modeltest.Run(t, vm)
			for _, name := range []string{"code", "recon", "score"} {
				require.Equal(t, first[name], second[name], name)
			}
			if _, has := first["prior"]; has {
				require.NotEqual(t, first["prior"], second["prior"])
				require.Equal(t, net.Outputs["code"].Shape(), net.Outputs["prior"].Shape())
			}
		})
	}
}

// Each task of alternating models changes only its own weights.
func TestAdversariesTrainTheirOwnWeights(t *testing.T) {
	for _, c := range []struct {
		model modeltest.Model
		want  map[string][]string
	}{
		{vae.Factor{Config: dense, Discriminator: []int{4}}, map[string][]string{"elbo": {"encoder/*", "decoder/*"}, "discriminator": {"discriminator/*"}}},
		{vae.Adversarial{Config: dense, Critic: []int{4}}, map[string][]string{"autoencoder": {"encoder/*", "decoder/*"}, "critic": {"critic/*"}}},
		{vae.GAN{Config: dense, Discriminator: []int{4}}, map[string][]string{"encoder": {"encoder/*"}, "decoder": {"decoder/*"}, "discriminator": {"discriminator/*"}}},
	} {
		b := graph.New(graph.NewParams(graph.Float64, 2), graph.Config{Training: true})
		net := c.model.Build(b, 3)
		require.NoError(t, b.Err())
		require.True(t, net.Alternate)
		got := map[string][]string{}
		for _, task := range net.Tasks {
			got[task.Name] = task.Trains
		}
		require.Equal(t, c.want, got)
	}
}

func TestInvalidVariantsAreErrors(t *testing.T) {
	nan := math.NaN()
	for want, m := range map[string]interface {
		modeltest.Model
		Validate() error
	}{
		"Latent is -2":                             vae.TotalCorrelation{Config: vae.Config{Latent: -2}},
		"Beta is -1":                               vae.TotalCorrelation{Config: withBeta(dense, -1)},
		"Samples is -5":                            vae.TotalCorrelation{Samples: -5},
		"Alpha is NaN":                             vae.TotalCorrelation{Alpha: &nan},
		"Gamma is -1":                              vae.TotalCorrelation{Gamma: new(-1.0)},
		"Gamma is -2":                              vae.Factor{Gamma: new(-2.0)},
		"Discriminator[0] is 0":                    vae.Factor{Discriminator: []int{0}},
		"Lambda is -1":                             vae.MMD{Lambda: new(-1.0)},
		`Kernel is "linear", want imq or rbf`:      vae.MMD{Discrepancy: vae.Discrepancy{Kernel: "linear"}},
		"Bandwidth is -1":                          vae.Wasserstein{Discrepancy: vae.Discrepancy{Bandwidth: -1}},
		"Scales is empty":                          vae.Wasserstein{Discrepancy: vae.Discrepancy{Scales: []float64{}}},
		"Scales[1] is 0":                           vae.Wasserstein{Discrepancy: vae.Discrepancy{Scales: []float64{1, 0}}},
		"Beta is 2, but there is no KL term":       vae.Wasserstein{Config: withBeta(dense, 2)},
		"Beta is 3, but there is no KL term":       vae.Adversarial{Config: withBeta(dense, 3)},
		"Critic[1] is -1":                          vae.Adversarial{Critic: []int{2, -1}},
		`Penalty is "l1", want one of l2`:          vae.Regularized{Penalty: "l1"},
		"needs a decoder of plain dense layers":    vae.Regularized{Config: image, Penalty: "spectral"},
		`Lambda is 1, but Penalty "none"`:          vae.Regularized{Penalty: "none", Lambda: new(1.0)},
		"Discriminator is empty":                   vae.GAN{Discriminator: []int{}},
		"Codes is 1, want at least 2":              vae.Quantized{Codes: 1},
		"Width is -1":                              vae.Quantized{Width: -1},
		"Latent is 20, want a multiple of Width":   vae.Quantized{Config: vae.Config{Latent: 20}},
		"Latent is set, but the code has a vector": vae.Quantized{Config: image},
		"Hidden has layers":                        vae.Quantized{Config: vae.Config{Hidden: []int{3}, Conv: &vae.Conv{}}},
		"Classes or Condition is set":              vae.Quantized{Config: vae.Config{Classes: 3, Conv: &vae.Conv{}}},
		"Capacity is 3, which this model":          vae.TotalCorrelation{Config: vae.Config{Capacity: new(3.0)}},
		"FreeBits is 2, which this model":          vae.Wasserstein{Config: vae.Config{FreeBits: 2}},
		"Decay is 1":                               vae.Quantized{Decay: new(1.0)},
		"Revive is 1":                              vae.Quantized{Revive: new(1.0)},
		"Commitment is -1":                         vae.Quantized{Commitment: new(-1.0)},
		"Categories is 1, want at least 2":         vae.GumbelSoftmax{Categories: 1},
		"Latent times Categories is too large":     vae.GumbelSoftmax{Categories: 1 << 40},
		"Temperature is 0, want a finite number":   vae.GumbelSoftmax{Temperature: new(0.0)},
	} {
		require.ErrorContains(t, m.Validate(), want)
		b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{})
		require.Zero(t, m.Build(b, 2))
		require.ErrorContains(t, b.Err(), want)
		_, err := m.Summary()
		require.ErrorContains(t, err, want)
	}
}

func TestNoArgumentMakesAVariantPanic(t *testing.T) {
	edges.Walk(t, func() (receivers []any, functions map[string]any, values []any) {
		b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{Training: true})
		wrong := vae.Config{Latent: -1}
		return []any{
			vae.TotalCorrelation{}, vae.TotalCorrelation{Config: wrong}, vae.Factor{Config: wrong}, vae.MMD{Config: wrong}, vae.Wasserstein{Config: wrong}, vae.Regularized{Config: wrong},
			vae.Adversarial{Config: wrong}, vae.GAN{Config: wrong}, vae.Quantized{Config: wrong}, vae.Quantized{Width: -1}, vae.GumbelSoftmax{Config: wrong}, vae.Discrepancy{},
		}, nil, []any{b, b.Input("x", 2, 784), b.Input("z", 2, 20), b.Scalar("s", 1)}
	})
}
