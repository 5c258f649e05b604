package presets

import (
	"context"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/estimate"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/train"
)

// Draws of importance sampling.
const (
	nll200  = "test NLL, nats an image, 200 draws"
	nll5000 = "test NLL, nats an image, 5000 draws"
)

// once are MNIST's training images, split, and the test images, binarised once.
const once = "MNIST, first 50,000 to train on, last 10,000 of the training set to choose the epoch by where a recipe says so, 10,000 to test; each pixel drawn once with its grey value as probability, seed 1"

// weighted is a model that package estimate can score.
type weighted interface {
	train.Model
	estimate.Model
}

// onBinarized trains and scores a model on images that are binarised once. If patience
// is above 0, training ends when the bound of the validation images has not improved for
// so many epochs, and the best epoch is scored.
func onBinarized(m weighted, o train.Options, patience int) Preset {
	return Preset{
		Data: once,
		Run: func(ctx context.Context, r *Run) (map[string]float64, error) {
			training, validation, test, err := r.binarized(ctx)
			if err != nil {
				return nil, err
			}
			o := o
			if patience > 0 {
				o.Validation, o.Callbacks = validation, []train.Callback{&train.EarlyStopping{Patience: patience}}
			}
			p, err := r.Fit(ctx, "train", m, training, o)
			if err != nil {
				return nil, err
			}
			return r.likelihood(ctx, nll200, 200, m, p, test)
		},
	}
}

// binarized opens MNIST, binarised once: the first 50,000 images to train on, the last
// 10,000 of the training images, and the test images.
func (r *Run) binarized(ctx context.Context) (training, validation, test data.Set, err error) {
	training, test, err = r.Open(ctx, "mnist")
	if err != nil {
		return nil, nil, nil, err
	}
	if training, err = data.Binarize(training, 1); err != nil {
		return nil, nil, nil, err
	}
	if training, validation, err = data.Split(training, data.SplitOptions{Fraction: 1. / 6, InOrder: true}); err != nil {
		return nil, nil, nil, err
	}
	test, err = data.Binarize(test, 1)
	return training, validation, test, err
}

// likelihood scores a model by importance sampling, and draws what it has learned.
func (r *Run) likelihood(ctx context.Context, metric string, n int, m weighted, p *graph.Params, test data.Set) (map[string]float64, error) {
	o := estimate.Options{Backend: r.Backend, Params: p, Seed: r.Seed, Draws: r.Size(n, 5)}
	l, err := estimate.LogLikelihood(ctx, m, test, o)
	if err != nil {
		return nil, err
	}
	o.Draws = 1
	parts, err := estimate.Bound(ctx, m, test, o)
	if err != nil {
		return nil, err
	}
	r.Note("log p(x) by %d draws: %.2f, standard error %.2f over images; negative bound of one draw %.2f = %.2f + KL %.2f; codes are drawn, seed %d",
		l.Draws, l.Mean, l.Error, -parts.ELBO, parts.Recon, parts.KL, r.Seed)
	if normal, ok := m.(estimate.Normal); ok {
		u, err := estimate.ActiveUnits(ctx, normal, test, o)
		if err != nil {
			return nil, err
		}
		r.Note("%d of %d dimensions are active", u.Active, len(u.Variance))
	}
	return map[string]float64{metric: -l.Mean}, r.codes(m, p, test)
}
