package presets

import (
	"bytes"
	"context"
	"errors"
	"math"
	"slices"

	"github.com/stheno-ml/stheno/compress"
	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/estimate"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/models/vae"
	"github.com/stheno-ml/stheno/optim"
	"github.com/stheno-ml/stheno/sampler"
	"github.com/stheno-ml/stheno/train"
	"github.com/stheno-ml/stheno/vm"
)

// variational are presets of variational autoencoders and their likelihoods.
func variational() []Preset {
	return []Preset{
		vaePyTorch(), vaeFixed(), vaePlanar(), vampPrior(), bitsBack(),
		importance(1), importance(5), importance(50), importanceFull(),
	}
}

// drawnLoss is the metric of a negative bound of drawn codes.
const drawnLoss = "test loss, nats an image"

func vaePyTorch() Preset {
	return Preset{
		Name:    "vae-pytorch",
		Title:   "a variational autoencoder of grey images",
		Paper:   "Kingma and Welling 2013; PyTorch's example",
		Data:    "MNIST, 60,000 to train on, 10,000 to test; grey values as targets of cross entropy",
		Recipe:  "784-400-20, ReLU; Adam 1e-3, batches of 128, 10 epochs; the loss has one drawn code",
		Minutes: 0.3,
		Fast:    true,
		Figures: []Figure{{Metric: drawnLoss, Expected: 105.6, Source: "PyTorch's example", Target: 106}},
		Run: func(ctx context.Context, r *Run) (map[string]float64, error) {
			training, test, err := r.Open(ctx, "mnist")
			if err != nil {
				return nil, err
			}
			m := vae.Config{}
			p, err := r.Fit(ctx, "train", m, training, train.Options{Epochs: 10})
			if err != nil {
				return nil, err
			}
			means, err := r.Evaluate(ctx, m, p, test)
			if err != nil {
				return nil, err
			}
			return map[string]float64{drawnLoss: means[train.Loss]}, r.codes(m, p, test)
		},
	}
}

// binaryEpochs is the length of the long recipes on binary images.
const binaryEpochs = 200

// cooled is Adam with a rate that falls to 0, after which the best epoch is as a rule
// the last. The recipe of Pythae's script, 500 epochs with a rate of 1e-4 that is twice
// lowered, ends with 92.5 nats.
func cooled() train.Options {
	return train.Options{Batch: 100, Epochs: binaryEpochs, Schedules: map[string]train.Schedule{"rate": train.Cosine(1e-3, 0)}}
}

func vaeFixed() Preset {
	p := onBinarized(vae.Config{Latent: 40}, cooled(), binaryEpochs)
	p.Name, p.Title = "vae-fixed", "a variational autoencoder of binary images"
	p.Paper = "Kingma and Welling 2013"
	p.Recipe = "784-400-40, ReLU; Adam 1e-3, falling to 0 by a cosine, batches of 100, 200 epochs, the best by the validation images"
	p.Minutes = 9
	p.Figures = []Figure{{Metric: nll200, Expected: 89.78, Source: "Pythae's reproduction; 89.9 in Rezende and Mohamed 2015", Target: 90}}
	return p
}

func vaePlanar() Preset {
	p := onBinarized(vae.Planar{Config: vae.Config{Latent: 40}, Flows: 10}, cooled(), binaryEpochs)
	p.Name, p.Title = "vae-planar", "a posterior with ten planar flows"
	p.Paper = "Rezende and Mohamed 2015"
	p.Recipe = "784-400-40, ReLU, 10 planar flows; else as vae-fixed"
	p.Minutes = 20
	p.Figures = []Figure{{Metric: nll200, Target: 89.5}}
	return p
}

func vampPrior() Preset {
	o := train.Options{Batch: 100, Epochs: 100, Optimizer: optim.Adam{Rate: new(5e-4)}, Schedules: map[string]train.Schedule{
		"rate": train.Sequence([]float64{.7}, train.Constant(5e-4), train.Cosine(5e-4, 0)),
		"beta": train.WarmUp(.1, train.Constant(1)),
	}}
	p := onBinarized(vae.Vamp{Config: vae.Config{Hidden: []int{300, 300}, Latent: 40, Gated: true}, Components: 100}, o, 0)
	p.Name, p.Title = "vamp-100", "a prior of 100 learned pseudo-inputs"
	p.Paper = "Tomczak and Welling 2018"
	p.Recipe = "784-300-300-40, gated, 100 pseudo-inputs; Adam 5e-4, falling to 0 from epoch 70, beta rises for 10 epochs, batches of 100, 100 epochs"
	p.Minutes = 6
	p.Figures = []Figure{{Metric: nll200, Expected: 85.57, Source: "Tomczak and Welling 2018, with 500 pseudo-inputs, 5,000 draws and 2,000 epochs", Target: 89}}
	return p
}

// codes draws reconstructions, and images of codes from the prior.
func (r *Run) codes(m train.Model, p *graph.Params, test data.Set) error {
	if r.Untrained {
		return nil
	}
	if err := r.Reconstructions("reconstructions", m, p, test); err != nil {
		return err
	}
	prior, err := r.Compute(m, p, data.Limit(test, 24), graph.OutputPrior)
	if err != nil {
		return err
	}
	f, err := train.NewFunction(m, train.Options{Backend: r.Backend, Params: p}, vm.FunctionOptions{Machines: 1})
	if err != nil {
		return err
	}
	defer f.Close()
	images, err := sampler.Decode(f, prior[0].Data, prior[0].Shape[1:])
	if err != nil {
		return err
	}
	half := len(images.Data) / 2
	return r.Grid("samples", []int{1, 28, 28}, images.Data[:half], images.Data[half:])
}

func bitsBack() Preset {
	const metric, coded = "test bound, bits a pixel", "file of the test images, bits a pixel"
	return Preset{
		Name:    "bbans-mnist",
		Title:   "a beta-binomial likelihood of 256 grey levels, for lossless compression",
		Paper:   "Townsend, Bird and Barber 2019",
		Data:    "MNIST, 60,000 to train on, 10,000 to test; 256 grey levels",
		Recipe:  "784-200-50, ReLU, batch norm; Adam 5e-4, batches of 100, 20 epochs; bound of two drawn codes an image",
		Minutes: 2,
		Fast:    true,
		Figures: []Figure{
			{Metric: metric, Expected: 1.391, Source: "the authors' trained weights", Target: 1.4},
			{Metric: coded, Expected: 1.41, Source: "Townsend, Bird and Barber 2019, table 2", Target: 1.4},
		},
		Run: func(ctx context.Context, r *Run) (map[string]float64, error) {
			training, test, err := r.Open(ctx, "mnist")
			if err != nil {
				return nil, err
			}
			m := vae.Config{Hidden: []int{200}, Latent: 50, BatchNorm: true, Likelihood: vae.BetaBinomial}
			p, err := r.Fit(ctx, "train", m, training, train.Options{Batch: 100, Epochs: 20, Optimizer: optim.Adam{Rate: new(5e-4)}})
			if err != nil {
				return nil, err
			}
			parts, err := estimate.Bound(ctx, m, test, estimate.Options{Backend: r.Backend, Params: p, Seed: r.Seed, Draws: 2, Batch: 250})
			if err != nil {
				return nil, err
			}
			bits := 1 / (784 * math.Ln2)
			r.Note("bits a pixel: reconstruction %.4f + KL %.4f; codes are drawn, seed %d", parts.Recon*bits, parts.KL*bits, r.Seed)
			file, err := r.file(m, p, data.Limit(test, r.Size(test.Len(), 50)))
			if err != nil {
				return nil, err
			}
			return map[string]float64{metric: -parts.ELBO * bits, coded: file.BitsPerValue()}, r.codes(m, p, test)
		},
	}
}

// file codes samples without loss, and decodes them.
func (r *Run) file(m train.Model, p *graph.Params, set data.Set) (compress.Stats, error) {
	c, err := compress.New(m, p)
	if err != nil {
		return compress.Stats{}, err
	}
	var file bytes.Buffer
	s, err := compress.Encode(&file, c, set, compress.Options{})
	if err != nil {
		return s, err
	}
	back, _, err := compress.Decode(&file, c, compress.Options{})
	if err != nil {
		return s, err
	}
	x, err := data.ArrayOf(set, graph.InputX)
	if err == nil && !slices.Equal(x.Values, back.Values) {
		err = errors.New("the file decodes to other images than it was coded from")
	}
	r.Note("the file of %d images has %d bytes, header and %d clean bits among them, and decodes to the same bits", s.Samples, s.Bytes, s.Clean)
	return s, err
}
