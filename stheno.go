// Package stheno is the front door: a model is trained, used, saved and loaded
// through it.
//
//	train, test, err := stheno.Data("mnist")
//	ae, err := stheno.Train(ctx, vae.Config{Latent: 20}, train, stheno.Options{
//		Epochs: 10, Validation: test, Progress: os.Stderr,
//	})
//	z, err := ae.Encode(x) // [N 20]
//	err = ae.Save("vae.stheno")
//
// and in another program, on another machine or backend
//
//	ae, err := stheno.Load("vae.stheno")
//
// Models are the configs under models, or any type with their Build method, which
// need not be an autoencoder. What the front door leaves out is in the packages
// that it stands on: graph builds nets, train trains them, vm runs them, data
// reads samples.
package stheno

import (
	"context"

	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/cuda"
	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/train"
	"github.com/stheno-ml/stheno/vm"
)

// Model is anything that builds its net: the configs of the packages under models
// are.
type Model = train.Model

// Options are the settings of training. All have a default here: without Backend
// it is that of Fastest.
type Options = train.Options

// Epoch is what one pass over the samples came to.
type Epoch = train.Epoch

// Data opens a data set by name, such as "mnist" or "fashion-mnist", or the folder
// of one: samples to train on and samples to test on, with the fields "x" and
// "label". Package data has the other names and the settings.
func Data(name string) (training, test data.Set, err error) {
	set, err := data.Open(context.Background(), name, data.Options{})
	if err != nil {
		return nil, nil, err
	}
	return set.Train, set.Test, nil
}

// Fastest returns the fastest backend that works here: the first NVIDIA GPU, in a
// program built with the tag gpu on a machine that has one, else the processor.
func Fastest() vm.Backend {
	if gpus, err := cuda.Devices(); err == nil && len(gpus) > 0 {
		return cuda.Config{}
	}
	return cpu.Config{}
}

// Train trains a model on the samples of a set. Where training ends early, by an
// error or because the context was cancelled, what was reached is returned with the
// error; it is nil only if training could not begin.
func Train(ctx context.Context, m Model, set data.Set, o Options) (*Autoencoder, error) {
	if o.Backend == nil {
		o.Backend = Fastest()
	}
	r, failed := train.Fit(ctx, m, set, o)
	if r == nil {
		return nil, failed
	}
	o.Params = r.Params
	a, err := open(m, o)
	if err != nil {
		if failed == nil {
			failed = err
		}
		return nil, failed
	}
	a.history = r.Epochs
	return a, failed
}
