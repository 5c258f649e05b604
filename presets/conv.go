package presets

import (
	"context"
	"math"
	"math/rand/v2"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/models/conv"
	"github.com/stheno-ml/stheno/train"
)

// convolutional are presets of convolutional autoencoders.
func convolutional() []Preset {
	const bce = "test BCE, nats a pixel"
	return []Preset{{
		Name:    "keras-conv",
		Title:   "convolutions with a code of 8x4x4",
		Paper:   "The Keras blog, Building autoencoders in Keras (2016)",
		Data:    "MNIST, 60,000 to train on, 10,000 to test",
		Recipe:  "3x3 convolutions to 16, 8 and 8 channels, each with 2x2 max pooling, and back with nearest upsampling, ReLU, cross entropy; Adam 1e-3, batches of 128, 50 epochs",
		Minutes: 2,
		Fast:    true,
		Figures: []Figure{{Metric: bce, Expected: .094, Source: "the Keras blog; .0909 by PyTorch", Target: .0930}},
		Run: func(ctx context.Context, r *Run) (map[string]float64, error) {
			training, test, err := r.Open(ctx, "mnist")
			if err != nil {
				return nil, err
			}
			m := conv.Config{ShrinkLast: true}
			p, err := r.Fit(ctx, "train", m, training, train.Options{Batch: 128, Epochs: 10})
			if err != nil {
				return nil, err
			}
			means, err := r.Evaluate(ctx, m, p, test)
			if err != nil {
				return nil, err
			}
			return map[string]float64{bce: means[train.Loss]}, r.Reconstructions("reconstructions", m, p, test)
		},
	}, {
		Name:    "keras-denoise",
		Title:   "a denoising autoencoder with an overcomplete code of 32x7x7",
		Paper:   "keras.io, Convolutional autoencoder for image denoising (2021)",
		Data:    "MNIST, 60,000 to train on, 10,000 to test, with normal noise of 0.4, clipped to [0,1]; that of the test images is drawn once with seed 1",
		Recipe:  "two 3x3 convolutions to 32 channels, each with 2x2 max pooling, and back with transposed convolutions, ReLU, cross entropy; Adam 1e-3, batches of 128, 10 epochs without noise and 80 with",
		Minutes: 40,
		Figures: []Figure{{Metric: bce, Expected: .0839, Source: "keras.io, 100 epochs with noise", Target: .0850, Bound: .0581}},
		Run: func(ctx context.Context, r *Run) (map[string]float64, error) {
			training, test, err := r.Open(ctx, "mnist")
			if err != nil {
				return nil, err
			}
			m := conv.Config{Encoder: []int{32, 32}, ShrinkLast: true, Up: conv.Transpose}
			p, err := r.Fit(ctx, "clean", m, training, train.Options{Batch: 128, Epochs: 10})
			if err != nil {
				return nil, err
			}
			m.Noise = graph.Corruption{Kind: graph.AddedNoise, Level: .4, Clip: true}
			if p, err = r.Fit(ctx, "noisy", m, training, train.Options{Params: p, Batch: 128, Epochs: 80}); err != nil {
				return nil, err
			}
			noisy, err := data.Map(test, []data.Field{{Name: graph.InputX, Shape: []int{1, 28, 28}}}, 1, func(_ int, d *rand.Rand, from, to [][]float32) error {
				for k, v := range from[0] {
					to[0][k] = min(max(v+.4*float32(d.NormFloat64()), 0), 1)
				}
				return nil
			})
			if err != nil {
				return nil, err
			}
			restored, err := r.Compute(m, p, noisy, graph.OutputRecon)
			if err != nil {
				return nil, err
			}
			clean, err := data.ArrayOf(test, graph.InputX)
			if err != nil {
				return nil, err
			}
			seen, err := data.ArrayOf(data.Limit(noisy, 12), graph.InputX)
			if err != nil {
				return nil, err
			}
			n := len(seen.Values)
			return map[string]float64{bce: crossEntropy(restored[0].Data, clean.Values)},
				r.Grid("clean, noisy and denoised", clean.Shape, clean.Values[:n], seen.Values, restored[0].Data[:n])
		},
	}, inpainting(), maskedAutoencoder()}
}

// crossEntropy is the mean binary cross entropy in nats of probabilities y for values x
// in [0,1]. Probabilities count as at least 1e-7 away from 0 and 1, as in Keras.
func crossEntropy(y, x []float32) (mean float64) {
	for i := range x {
		p, t := min(max(float64(y[i]), 1e-7), 1-1e-7), float64(x[i])
		mean -= (t*math.Log(p) + (1-t)*math.Log1p(-p)) / float64(len(x))
	}
	return mean
}
