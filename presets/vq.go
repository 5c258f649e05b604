package presets

import (
	"context"
	"math"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/models/vae"
	"github.com/stheno-ml/stheno/train"
)

const (
	perplexity = "perplexity over the test set"
	deadCodes  = "entries that no test image uses"
)

// vq are presets of autoencoders with a codebook of 256 entries.
func vq() []Preset {
	grid, scalars := squaredError(), squaredError()
	grid.Conv = &vae.Conv{Channels: []int{32, 64}}
	scalars.Hidden, scalars.Latent = []int{512}, 16
	return []Preset{{
		Name: "vqvae", Title: "a grid of 7 by 7 vectors from a codebook", Paper: "van den Oord et al. 2017",
		Data:    mnist + "; 392 bits an image",
		Recipe:  "convolutions 32-64 of stride 2, 49 vectors of 16 values, 256 entries with moving averages, commitment .25; Adam 1e-3, batches of 100, 20 epochs",
		Minutes: 8,
		Figures: []Figure{{Metric: testMSE}, {Metric: perplexity, Higher: true, Target: 128}, {Metric: deadCodes}},
		Run: func(ctx context.Context, r *Run) (map[string]float64, error) {
			return quantize(ctx, r, vae.Quantized{Config: grid}, 20)
		},
	}, {
		Name: "vqvae-scalars", Title: "sixteen numbers of 256 levels each", Paper: "van den Oord et al. 2017",
		Data:    mnist + "; 128 bits an image",
		Recipe:  "784-512-16-512-784, ReLU, sigmoid; squared error; 256 levels with moving averages, commitment .25; Adam 1e-3, batches of 100, 5 epochs",
		Minutes: 1, Fast: true,
		Figures: []Figure{{Metric: testMSE, Expected: .01123, Source: "Pythae 0.1.2 with the same net, data and epochs", Target: .01157}, {Metric: perplexity, Higher: true}, {Metric: deadCodes}},
		Run: func(ctx context.Context, r *Run) (map[string]float64, error) {
			return quantize(ctx, r, vae.Quantized{Config: scalars, Width: 1}, 5)
		},
	}}
}

func quantize(ctx context.Context, r *Run, m vae.Quantized, epochs int) (map[string]float64, error) {
	training, test, err := r.Open(ctx, "mnist")
	if err != nil {
		return nil, err
	}
	p, err := r.Fit(ctx, "train", m, training, train.Options{Batch: 100, Epochs: epochs})
	if err != nil {
		return nil, err
	}
	means, err := r.Evaluate(ctx, m, p, test)
	if err != nil {
		return nil, err
	}
	numbers, err := r.Compute(m, p, test, "indices")
	if err != nil {
		return nil, err
	}
	var hits [256]float64
	for _, k := range numbers[0].Data {
		hits[int(k)] += 1 / float64(len(numbers[0].Data))
	}
	entropy, dead := 0.0, 0.0
	for _, share := range hits {
		if share > 0 {
			entropy -= share * math.Log(share)
		} else {
			dead++
		}
	}
	r.Note("%.0f entries were moved in training", means["moved"])
	return map[string]float64{testMSE: means[graph.MetricMSE], perplexity: math.Exp(entropy), deadCodes: dead}, r.Reconstructions("reconstructions", m, p, test)
}
