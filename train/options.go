package train

import (
	"errors"
	"fmt"
	"io"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/optim"
	"github.com/stheno-ml/stheno/vm"
)

// Model is anything that builds its net for a batch size into a graph: the
// configs of the packages under models are. A net whose tasks take turns is built
// once for each of them.
type Model interface {
	Build(b *graph.Builder, batch int) graph.Net
}

// Options are the settings of training. Only Backend has no default.
type Options struct {
	// Backend compiles the steps, such as cpu.Config{}.
	Backend vm.Backend
	// Optimizer is that of tasks that name none; nil means Adam with its usual
	// settings.
	Optimizer graph.Optimizer
	// Params are the parameters to go on from; nil starts new ones, float32, from
	// Seed. Training that goes on takes the order of samples and the random numbers
	// of the epochs that follow: two epochs and another two are the same as four.
	Params *graph.Params
	// Epochs is the number of passes over the training set; 0 means 1.
	Epochs int
	// Batch is the number of samples in a step; 0 means 128. A last short batch of
	// an epoch is a step of its own size.
	Batch int
	// EvalBatch is the number of samples in a step of an evaluation; 0 means Batch.
	EvalBatch int
	// DropLast leaves a last short batch of an epoch out instead.
	DropLast bool
	// Seed is what starts, orders of samples and random numbers are drawn from.
	Seed uint64
	// Schedules set scalar inputs in every step: by the full name, such as
	// "elbo/rate", or by the last element of it, such as "rate" or "beta", for all
	// that end so. The full name goes first. Evaluation leaves scalars as the model
	// has them.
	Schedules map[string]Schedule
	// Validation, where not nil, is evaluated after every epoch.
	Validation data.Set
	// Progress, where not nil, is shown how it goes: a bar on a terminal, a line
	// per epoch elsewhere.
	Progress io.Writer
	// Name stands before the progress.
	Name string
	// OnEpoch, where not nil, is called after every epoch; an error ends the run.
	OnEpoch func(Epoch) error
}

var (
	errNoModel   = errors.New("no model")
	errNoBackend = errors.New("no backend: set Options.Backend, such as cpu.Config{}")
	errNoContext = errors.New("no context: give context.Background()")
	errNoTrainer = errors.New("no trainer: make it by New")
	errNoStep    = errors.New("no step: make it by NewTrainStep or NewEvalStep")
)

// named is an error with the name of the package before it.
func named(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("train: %w", err)
}

// complete returns the options with defaults filled in, or what is wrong with
// them.
func (o Options) complete(m Model) (Options, error) {
	switch {
	case m == nil:
		return o, errNoModel
	case o.Epochs < 0 || o.Batch < 0 || o.EvalBatch < 0:
		return o, fmt.Errorf("%d epochs, batches of %d, of %d in evaluation: none can be negative", o.Epochs, o.Batch, o.EvalBatch)
	}
	if o.Epochs == 0 {
		o.Epochs = 1
	}
	if o.Batch == 0 {
		o.Batch = 128
	}
	if o.EvalBatch == 0 {
		o.EvalBatch = o.Batch
	}
	if o.Optimizer == nil {
		o.Optimizer = optim.Adam{}
	}
	if o.Params == nil {
		o.Params = graph.NewParams(graph.Float32, o.Seed)
	}
	return o, nil
}
