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

// once are MNIST's first 50,000 training images and the test images, binarised once.
const once = "MNIST, first 50,000 to train on, 10,000 to test; each pixel drawn once with its grey value as probability, seed 1"

// weighted is a model that package estimate can score.
type weighted interface {
	train.Model
	estimate.Model
}

// onBinarized trains and scores a model on images that are binarised once.
func onBinarized(m weighted, o train.Options) Preset {
	return Preset{
		Data: once,
		Run: func(ctx context.Context, r *Run) (map[string]float64, error) {
			training, test, err := r.binarized(ctx)
			if err != nil {
				return nil, err
			}
			p, err := r.Fit(ctx, "train", m, training, o)
			if err != nil {
				return nil, err
			}
			return r.likelihood(ctx, nll200, 200, m, p, test)
		},
	}
}

// binarized opens MNIST, binarised once: the first 50,000 images to train on, and the
// test images.
func (r *Run) binarized(ctx context.Context) (training, test data.Set, err error) {
	training, test, err = r.Open(ctx, "mnist")
	if err != nil {
		return nil, nil, err
	}
	if training, err = data.Binarize(data.Limit(training, 50000), 1); err != nil {
		return nil, nil, err
	}
	test, err = data.Binarize(test, 1)
	return training, test, err
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
