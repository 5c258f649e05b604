package presets

import (
	"context"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/metrics"
	"github.com/stheno-ml/stheno/models/dense"
	"github.com/stheno-ml/stheno/optim"
	"github.com/stheno-ml/stheno/train"
)

const (
	testBCE  = "test BCE, nats a pixel"
	testMSE  = "test MSE a pixel"
	mnist    = "MNIST, 60,000 to train on, 10,000 to test"
	kerasWeb = "The Keras blog, Building autoencoders in Keras (2016)"
)

// denseAutoencoders are presets of fully connected autoencoders.
func denseAutoencoders() []Preset {
	return []Preset{
		{
			Name:    "keras-simple",
			Title:   "one hidden layer of 32",
			Paper:   kerasWeb,
			Data:    mnist,
			Recipe:  "784-32-784, ReLU, cross entropy; Adam 1e-3, batches of 256, 50 epochs",
			Minutes: 0.3,
			Fast:    true,
			Figures: []Figure{{Metric: testBCE, Expected: .093, Source: "the Keras blog; .0915 by PyTorch", Target: .0922}},
			Run:     autoencoderOf(dense.Config{Hidden: []int{32}}, testBCE, train.Options{Batch: 256, Epochs: 50}),
		},
		{
			Name:    "linear-pca",
			Title:   "a linear autoencoder finds the principal components",
			Paper:   "Baldi and Hornik, Neural networks and principal component analysis (1989)",
			Data:    mnist,
			Recipe:  "784-32-784, linear, squared error; Adam 1e-3 to 0 by a cosine, batches of 256, 60 epochs",
			Minutes: 0.5,
			Fast:    true,
			Figures: []Figure{
				{Metric: trainRatio, Expected: 1, Source: "exact, by the eigenvectors of the covariance", Target: 1.01, Bound: 1 - 1e-6}, // less is possible by rounding alone
				{Metric: trainMSE, Expected: .01724, Source: "exact, by the eigenvectors of the covariance"},
				{Metric: largestAngle, Expected: 0, Target: 5},
			},
			Run: linearPCA,
		},
		{
			Name:    "keras-deep",
			Title:   "three layers on each side of a code of 32",
			Paper:   kerasWeb,
			Data:    mnist,
			Recipe:  "784-128-64-32-64-128-784, ReLU, cross entropy; Adam 1e-3, batches of 256, 50 epochs",
			Minutes: 0.4,
			Fast:    true,
			Figures: []Figure{{Metric: testBCE, Expected: .0845, Source: ".083 to .0845 by PyTorch, same recipe; .08 to .097 on the Keras blog", Target: .0855}},
			Run:     autoencoderOf(dense.Config{}, testBCE, train.Options{Batch: 256, Epochs: 50}),
		},
		{
			Name:    "keras-deep-mse",
			Title:   "the same with the squared error of a sigmoid",
			Paper:   kerasWeb,
			Data:    mnist,
			Recipe:  "784-128-64-32-64-128-784, ReLU, sigmoid output, squared error; Adam 1e-3, batches of 256, 50 epochs",
			Minutes: 0.4,
			Fast:    true,
			Figures: []Figure{{Metric: testMSE, Expected: .00956, Source: "PyTorch 2.15, the same recipe; PCA of 32 components .01683", Target: .00956}},
			Run:     autoencoderOf(dense.Config{OutputActivation: "sigmoid", Loss: graph.MSE}, testMSE, train.Options{Batch: 256, Epochs: 50}),
		},
		{
			Name:    "sparse-l1",
			Title:   "a penalty of the code's activity makes it sparse",
			Paper:   kerasWeb,
			Data:    mnist,
			Recipe:  "784-32-784, ReLU, cross entropy, L1 1e-4 of the code; Adam 1e-3, batches of 256, 100 epochs; the same without L1",
			Minutes: 1.2,
			Fast:    true,
			Figures: []Figure{
				{Metric: testBCE, Expected: .10, Source: "the Keras blog", Target: .103},
				{Metric: meanCode, Expected: 3.3, Source: "the Keras blog"},
				{Metric: meanCodeShare, Expected: 3.3 / 7.3, Source: "the Keras blog", Target: .5},
			},
			Run: sparseL1,
		},
	}
}

// autoencoderOf trains an autoencoder on MNIST. Its loss on the test set is the metric.
func autoencoderOf(m dense.Config, metric string, o train.Options) func(context.Context, *Run) (map[string]float64, error) {
	return func(ctx context.Context, r *Run) (map[string]float64, error) {
		training, test, err := r.Open(ctx, "mnist")
		if err != nil {
			return nil, err
		}
		p, err := r.Fit(ctx, "train", m, training, o)
		if err != nil {
			return nil, err
		}
		means, err := r.Evaluate(ctx, m, p, test)
		if err != nil {
			return nil, err
		}
		return map[string]float64{metric: means[train.Loss]}, r.Reconstructions("reconstructions", m, p, test)
	}
}

const (
	trainMSE     = "train MSE a pixel"
	trainRatio   = "train MSE of that of PCA"
	largestAngle = "largest angle with PCA, degrees"
)

// linearPCA compares a linear autoencoder with the principal components of the set it
// is trained on.
func linearPCA(ctx context.Context, r *Run) (map[string]float64, error) {
	training, test, err := r.Open(ctx, "mnist")
	if err != nil {
		return nil, err
	}
	m := dense.Config{Hidden: []int{32}, Activation: "linear", Loss: graph.MSE}
	p, err := r.Fit(ctx, "train", m, training, train.Options{
		Batch: 256, Epochs: 60, Optimizer: optim.Adam{}, Schedules: map[string]train.Schedule{"rate": train.Cosine(1e-3, 0)},
	})
	if err != nil {
		return nil, err
	}
	means, err := r.Evaluate(ctx, m, p, training)
	if err != nil {
		return nil, err
	}
	x, err := data.ArrayOf(training, graph.InputX)
	if err != nil {
		return nil, err
	}
	pixels := wide(x.Values)
	exact, err := metrics.FitPCA(pixels, 784, 32)
	if err != nil {
		return nil, err
	}
	least, err := exact.MSE(pixels)
	if err != nil {
		return nil, err
	}
	angles, err := metrics.PrincipalAngles(p.Get("decoder/fc1/w").Floats(), exact.Directions, 784)
	if err != nil {
		return nil, err
	}
	r.Note("PCA has a train MSE of %.6f a pixel", least)
	return map[string]float64{
		trainMSE: means[train.Loss], trainRatio: means[train.Loss] / least, largestAngle: angles[len(angles)-1],
	}, r.Reconstructions("reconstructions", m, p, test)
}

// wide are values in float64.
func wide(x []float32) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = float64(v)
	}
	return out
}

const (
	meanCode      = "mean of the code"
	meanCodeShare = "mean of the code, of that without L1"
)

// sparseL1 trains the net with the penalty and without.
func sparseL1(ctx context.Context, r *Run) (map[string]float64, error) {
	training, test, err := r.Open(ctx, "mnist")
	if err != nil {
		return nil, err
	}
	const units = 32
	o := train.Options{Batch: 256, Epochs: 100}
	values := map[string]float64{}
	var codes [2]float64
	for i, net := range []struct {
		stage  string
		weight float64
	}{{"plain", 0}, {"l1", 1e-4}} {
		m := dense.Config{Hidden: []int{units}, Sparsity: dense.Sparsity{L1: new(net.weight)}}
		p, err := r.Fit(ctx, net.stage, m, training, o)
		if err != nil {
			return nil, err
		}
		means, err := r.Evaluate(ctx, m, p, test)
		if err != nil {
			return nil, err
		}
		codes[i] = means["l1"] / units
		if values[testBCE] = means[string(graph.BCE)]; i == 0 {
			r.Note("without L1: %s %.4f, %s %.2f", testBCE, values[testBCE], meanCode, codes[0])
		} else if err := r.Reconstructions("reconstructions", m, p, test); err != nil {
			return nil, err
		}
	}
	values[meanCode], values[meanCodeShare] = codes[1], codes[1]/codes[0]
	return values, nil
}
