package presets

import (
	"context"
	"fmt"
	"strings"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/metrics"
	"github.com/stheno-ml/stheno/models/dense"
	"github.com/stheno-ml/stheno/optim"
	"github.com/stheno-ml/stheno/train"
)

const (
	testSSE    = "test squared error of an image"
	testError  = "test error, %"
	mnistSplit = "MNIST, 50,000 to train on, the last 10,000 of the training set to choose the epoch by, 10,000 to test"
)

// denseDeep are presets of deep and of wide dense autoencoders, most of which are
// scored by the classes of their codes.
func denseDeep() []Preset {
	return []Preset{
		{
			Name:    "hinton-deep",
			Title:   "four layers to a code of 30",
			Paper:   "Hinton and Salakhutdinov, Reducing the dimensionality of data with neural networks (2006)",
			Data:    mnist,
			Recipe:  "784-1000-500-250-30 and back, tied, SiLU, linear code, sigmoid output, squared error, without pretraining; Adam 1e-3 to 0 by a cosine, batches of 256, 60 epochs",
			Minutes: 14,
			Figures: []Figure{{Metric: testSSE, Expected: 3.00, Source: "the paper; PCA 13.87", Target: 3}},
			Run:     hintonDeep,
		},
		{
			Name:   "sdae-3",
			Title:  "three layers pretrained one by one as denoising autoencoders",
			Paper:  "Vincent et al., Stacked denoising autoencoders (2010)",
			Data:   mnistSplit,
			Recipe: "784-1000-1000-1000-10, sigmoid, tied, masking 0.25; Adam 1e-3, batches of 256, 30 epochs a layer; then a classifier by Adam 1e-3 to 0 by a cosine, 50 epochs, the best by the validation error; the same without pretraining",
			// The net without pretraining takes as long as the fine-tuning.
			Minutes: 15,
			Figures: []Figure{
				{Metric: testError, Expected: 1.28, Source: "the paper, ± .22, as remembered and not read again", Target: 1.45},
				{Metric: ofPlain, Target: 1},
			},
			Run: sdae,
		},
		{
			Name:    "cae",
			Title:   "codes that change little with the image",
			Paper:   "Rifai et al., Contractive auto-encoders (2011)",
			Data:    mnistSplit,
			Recipe:  "784-1000, sigmoid, tied, cross entropy, squared norm of the Jacobian 1.5e-3; Adam 1e-3, batches of 256, 100 epochs; then a classifier by Adam 1e-3 to 0 by a cosine, 50 epochs, the best by the validation error; the same with weight decay instead of the norm, trained until it has the same validation MSE",
			Minutes: 8,
			Figures: []Figure{
				{Metric: testError, Expected: 1.14, Source: "the paper, as remembered and not read again", Target: 1.4},
				{Metric: jacobianShare, Target: 1},
				{Metric: mseShare},
			},
			Run: contractive,
		},
		{
			Name:    "k-sparse",
			Title:   "the 25 greatest of 1,000 linear units",
			Paper:   "Makhzani and Frey, k-sparse autoencoders (2013)",
			Data:    mnist,
			Recipe:  "784-1000 linear, tied, squared error; batches of 256, 5 epochs of Adam 1e-3 with k 100, 5 with k 50, 20 with k 25 and a rate that falls to 0 by a cosine, k 50 in evaluation; logistic regression on the codes; the same with ReLU and L1 1e-5 instead of k",
			Minutes: 8,
			Figures: []Figure{
				{Metric: testError, Expected: 1.35, Source: "the paper, as remembered and not read again", Target: 1.8},
				{Metric: ofL1, Target: 1},
			},
			Run: kSparse,
		},
	}
}

func hintonDeep(ctx context.Context, r *Run) (map[string]float64, error) {
	training, test, err := r.Open(ctx, "mnist")
	if err != nil {
		return nil, err
	}
	m := dense.Config{
		Hidden: []int{1000, 500, 250, 30}, Tied: true, Activation: "silu", CodeActivation: "linear", OutputActivation: "sigmoid", Loss: graph.MSE,
	}
	p, err := r.Fit(ctx, "train", m, training, train.Options{
		Batch: 256, Epochs: 60, Schedules: map[string]train.Schedule{"rate": train.Cosine(1e-3, 0)},
	})
	if err != nil {
		return nil, err
	}
	means, err := r.Evaluate(ctx, m, p, test)
	if err != nil {
		return nil, err
	}
	return map[string]float64{testSSE: 784 * means[graph.MetricMSE]}, r.Reconstructions("reconstructions", m, p, test)
}

// labelled are the samples of a classification.
type labelled struct{ training, validation, test data.Set }

// openLabelled opens MNIST with a sixth of the training images held out.
func openLabelled(ctx context.Context, r *Run) (labelled, error) {
	training, test, err := r.Open(ctx, "mnist")
	if err != nil {
		return labelled{}, err
	}
	training, validation, err := data.Split(training, data.SplitOptions{Fraction: 1. / 6, InOrder: true})
	return labelled{training, validation, test}, err
}

// fineTuning is the number of epochs of a classifier.
const fineTuning = 50

// classify trains a classifier, whose encoder starts from that of the parameters if they
// are not nil. It returns the test error in percent at the epoch with the least
// validation error.
func classify(ctx context.Context, r *Run, stage string, m dense.Classifier, from *graph.Params, set labelled) (float64, error) {
	p := graph.NewParams(graph.Float32, r.Seed)
	if from != nil {
		for _, q := range from.Trainable() {
			if !strings.HasPrefix(q.Name(), "encoder/") {
				continue
			}
			if err := p.Start(q.Name(), q.Shape(), q.Floats()); err != nil {
				return 0, err
			}
		}
	}
	p, err := r.Fit(ctx, stage, m, set.training, train.Options{
		Params: p, Batch: 256, Epochs: fineTuning, Validation: set.validation, EvalBatch: 500,
		Schedules: map[string]train.Schedule{"rate": train.Cosine(1e-3, 0)},
		Callbacks: []train.Callback{&train.EarlyStopping{Metric: "error", Patience: fineTuning}},
	})
	if err != nil {
		return 0, err
	}
	means, err := r.Evaluate(ctx, m, p, set.test)
	return 100 * means["error"], err
}

const ofPlain = "test error, of that without pretraining"

func sdae(ctx context.Context, r *Run) (map[string]float64, error) {
	set, err := openLabelled(ctx, r)
	if err != nil {
		return nil, err
	}
	m := dense.Config{
		Hidden: []int{1000, 1000, 1000}, Overcomplete: true, Activation: "sigmoid", Tied: true,
		Noise: graph.Corruption{Kind: graph.Masking, Level: 0.25},
	}
	var p *graph.Params
	for _, stage := range m.Pretraining() {
		if p, err = r.Fit(ctx, fmt.Sprintf("layer%d", stage.Layer), stage, set.training, train.Options{Params: p, Batch: 256, Epochs: 30}); err != nil {
			return nil, err
		}
	}
	if err := r.Reconstructions("reconstructions", m, p, set.test); err != nil {
		return nil, err
	}
	classifier := dense.Classifier{Config: m}
	pretrained, err := classify(ctx, r, "classifier", classifier, p, set)
	if err != nil {
		return nil, err
	}
	plain, err := classify(ctx, r, "plain", classifier, nil, set)
	if err != nil {
		return nil, err
	}
	r.Note("without pretraining: %s %.2f", testError, plain)
	return map[string]float64{testError: pretrained, ofPlain: pretrained / plain}, nil
}

const (
	jacobianShare = "squared norm of the Jacobian, of that with weight decay"
	mseShare      = "test MSE, of that with weight decay"
)

func contractive(ctx context.Context, r *Run) (map[string]float64, error) {
	set, err := openLabelled(ctx, r)
	if err != nil {
		return nil, err
	}
	var errors, norms, mses [2]float64
	var goal *float64 // the validation MSE of the contractive net, which the other one is trained to
	for i, net := range []struct {
		stage     string
		weight    float64
		optimizer graph.Optimizer
	}{
		{"contractive", 1.5e-3, optim.Adam{}},
		{"decay", 0, optim.Penalty{L2: 1e-6, Weights: []string{"*/w"}}},
	} {
		m := dense.Config{
			Hidden: []int{1000}, Overcomplete: true, Activation: "sigmoid", Tied: true,
			Contraction: dense.Contraction{Weight: new(net.weight)},
		}
		o := train.Options{Batch: 256, Epochs: 100, Optimizer: net.optimizer}
		if goal != nil {
			o.Validation = set.validation
			o.Callbacks = []train.Callback{&train.EarlyStopping{Metric: graph.MetricMSE, Patience: o.Epochs, Goal: goal}}
		}
		p, err := r.Fit(ctx, net.stage, m, set.training, o)
		if err != nil {
			return nil, err
		}
		if goal == nil {
			validation, err := r.Evaluate(ctx, m, p, set.validation)
			if err != nil {
				return nil, err
			}
			goal = new(validation[graph.MetricMSE])
		}
		means, err := r.Evaluate(ctx, m, p, set.test)
		if err != nil {
			return nil, err
		}
		if err := r.Reconstructions("reconstructions "+net.stage, m, p, set.test); err != nil {
			return nil, err
		}
		norms[i], mses[i] = means["jacobian"], means[graph.MetricMSE]
		if errors[i], err = classify(ctx, r, net.stage+"-classifier", dense.Classifier{Config: m}, p, set); err != nil {
			return nil, err
		}
		r.Note("%s: squared norm of the Jacobian %.2f, test MSE %.5f, %s %.2f", net.stage, norms[i], mses[i], testError, errors[i])
	}
	return map[string]float64{testError: errors[0], jacobianShare: norms[0] / norms[1], mseShare: mses[0] / mses[1]}, nil
}

const ofL1 = "test error, of that with L1"

func kSparse(ctx context.Context, r *Run) (map[string]float64, error) {
	training, test, err := r.Open(ctx, "mnist")
	if err != nil {
		return nil, err
	}
	wide := dense.Config{Hidden: []int{1000}, Tied: true, Loss: graph.MSE}
	kept := func(k int) dense.Config {
		c := wide
		c.CodeActivation, c.Sparsity = "linear", dense.Sparsity{K: k, EvalK: 2 * k}
		return c
	}
	l1 := wide
	l1.Sparsity = dense.Sparsity{L1: new(1e-5)}
	// A number of kept units that falls leaves fewer units dead.
	warm, cooling := train.Constant(1e-3), train.Cosine(1e-3, 0)
	type stage struct {
		name   string
		m      dense.Config
		epochs int
		rate   train.Schedule
	}
	var errors [2]float64
	for i, stages := range [][]stage{
		{{"k-100", kept(100), 5, warm}, {"k-50", kept(50), 5, warm}, {"k-25", kept(25), 20, cooling}},
		{{"l1", l1, 30, cooling}},
	} {
		var p *graph.Params
		var net stage
		for _, net = range stages {
			p, err = r.Fit(ctx, net.name, net.m, training, train.Options{
				Params: p, Batch: 256, Epochs: net.epochs, Schedules: map[string]train.Schedule{"rate": net.rate},
			})
			if err != nil {
				return nil, err
			}
		}
		means, err := r.Evaluate(ctx, net.m, p, test)
		if err != nil {
			return nil, err
		}
		if errors[i], err = probeError(r, net.m, p, training, test); err != nil {
			return nil, err
		}
		r.Note("%s: test MSE %.5f, %s %.2f", net.name, means[graph.MetricMSE], testError, errors[i])
		if err := r.Reconstructions("reconstructions "+net.name, net.m, p, test); err != nil {
			return nil, err
		}
	}
	return map[string]float64{testError: errors[0], ofL1: errors[0] / errors[1]}, nil
}

// probeError is the test error in percent of logistic regression on a model's codes.
func probeError(r *Run, m train.Model, p *graph.Params, training, test data.Set) (float64, error) {
	var codes [2][]float64
	var labels [2][]int
	dims := 0
	for i, set := range []data.Set{training, test} {
		code, err := r.Compute(m, p, set, graph.OutputCode)
		if err != nil {
			return 0, err
		}
		label, err := data.ArrayOf(set, graph.InputLabel)
		if err != nil {
			return 0, err
		}
		for _, l := range label.Values {
			labels[i] = append(labels[i], int(l))
		}
		codes[i], dims = wide(code[0].Data), code[0].Shape[1]
	}
	separator, err := metrics.Probe{Iterations: r.Size(100, 5)}.Fit(codes[0], dims, labels[0])
	if err != nil {
		return 0, err
	}
	wrong, err := separator.Error(codes[1], labels[1])
	return 100 * wrong, err
}
