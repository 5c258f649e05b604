package presets

import (
	"context"

	"github.com/stheno-ml/stheno/models/dense"
	"github.com/stheno-ml/stheno/train"
)

// denseAutoencoders are presets of fully connected autoencoders.
func denseAutoencoders() []Preset {
	return []Preset{{
		Name:    "keras-simple",
		Title:   "one hidden layer of 32",
		Paper:   "The Keras blog, Building autoencoders in Keras (2016)",
		Data:    "MNIST, 60,000 to train on, 10,000 to test",
		Recipe:  "784-32-784, ReLU, cross entropy; Adam 1e-3, batches of 256, 50 epochs",
		Minutes: 0.3,
		Fast:    true,
		Figures: []Figure{{Metric: "test BCE, nats a pixel", Expected: .093, Source: "the Keras blog; .0915 by PyTorch", Target: .0922}},
		Run: func(ctx context.Context, r *Run) (map[string]float64, error) {
			training, test, err := r.Open(ctx, "mnist")
			if err != nil {
				return nil, err
			}
			m := dense.Config{Hidden: []int{32}}
			p, err := r.Fit(ctx, "train", m, training, train.Options{Batch: 256, Epochs: 50})
			if err != nil {
				return nil, err
			}
			means, err := r.Evaluate(ctx, m, p, test)
			if err != nil {
				return nil, err
			}
			return map[string]float64{"test BCE, nats a pixel": means[train.Loss]}, r.Reconstructions("reconstructions", m, p, test)
		},
	}}
}
