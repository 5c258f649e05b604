// Package stheno is the top-level interface: it trains, uses, saves and loads models.
//
//	train, test, err := stheno.Data("mnist")
//	ae, err := stheno.Train(ctx, vae.Config{Latent: 20}, train, stheno.Options{
//		Epochs: 10, Validation: test, Progress: os.Stderr,
//	})
//	z, err := ae.Encode(x) // [N 20]
//	err = ae.Save("vae.stheno")
//
// And in another program, on another machine or backend:
//
//	ae, err := stheno.Load("vae.stheno")
//
// Models are the configs under models, and any other type with such a Build method.
// They need not be autoencoders. For everything else, use the packages below: graph
// builds nets, train trains them, vm runs them, data reads samples.
package stheno

import (
	"context"

	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/cuda"
	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/train"
	"github.com/stheno-ml/stheno/vm"
)

// Model builds its net into a graph. The configs of the packages under models are
// models.
type Model = train.Model

// Options are the settings of training. All have defaults here: Backend is Fastest()
// if it is nil.
type Options = train.Options

// Epoch is the outcome of one pass over the training set.
type Epoch = train.Epoch

// Data opens a data set by name, such as "mnist" or "fashion-mnist", or by its
// folder. It returns the samples to train on and those to test on, with the fields
// "x" and "label". Package data documents the names and further settings.
func Data(name string) (training, test data.Set, err error) {
	set, err := data.Open(context.Background(), name, data.Options{})
	if err != nil {
		return nil, nil, err
	}
	return set.Train, set.Test, nil
}

// Fastest returns the fastest available backend. That is the first NVIDIA GPU, if
// there is one and the program is built with the tag gpu, and otherwise the
// processor.
func Fastest() vm.Backend {
	if gpus, err := cuda.Devices(); err == nil && len(gpus) > 0 {
		return cuda.Config{}
	}
	return cpu.Config{}
}

// Train trains a model on a set. If training ends early, because of an error or a
// cancelled context, Train returns both the model trained so far and the error. The
// model is nil only if training could not start.
func Train(ctx context.Context, m Model, set data.Set, o Options) (*Autoencoder, error) {
	if o.Backend == nil {
		o.Backend = Fastest()
	}
	r, failed := train.Fit(ctx, m, set, o)
	if r == nil {
		return nil, failed
	}
	o.Params, o.Scale, o.Scalers = r.Params, nil, r.Scalers
	a, err := newAutoencoder(m, o)
	if err != nil {
		if failed == nil {
			failed = err
		}
		return nil, failed
	}
	a.history = r.Epochs
	return a, failed
}
