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

// Model builds its net into a graph for a batch size. The configs of the packages
// under models are models. A net with Alternate set is built once for each of its
// tasks.
type Model interface {
	Build(b *graph.Builder, batch int) graph.Net
}

// Options are the settings of training. Only Backend has no default.
type Options struct {
	// Backend compiles the steps, such as cpu.Config{}.
	Backend vm.Backend
	// Optimizer is the default for tasks without an optimiser of their own. nil means
	// Adam with its usual settings.
	Optimizer graph.Optimizer
	// Params are the parameters to train; nil means new float32 parameters,
	// initialised from Seed. Parameters that were trained before go on with the
	// sample order and random numbers of the next epoch: two epochs and another two
	// are the same as four.
	Params *graph.Params
	// Epochs is the number of passes over the training set; 0 means 1.
	Epochs int
	// Batch is the number of samples in a step; 0 means 128. If the last batch of an
	// epoch is shorter, it is a step of its own size.
	Batch int
	// EvalBatch is the number of samples in a step of an evaluation; 0 means Batch.
	EvalBatch int
	// DropLast skips the last batch of an epoch if it is shorter than Batch.
	DropLast bool
	// Seed determines the initial weights, the orders of samples and the random
	// numbers.
	Seed uint64
	// Schedules set scalar inputs in every step. A key is the full name of an input,
	// such as "elbo/rate", or only its last element, such as "rate" or "beta". The
	// latter applies to every input whose name ends in that element. The full name
	// takes precedence. Evaluation uses the model's own values of its scalars.
	Schedules map[string]Schedule
	// Validation, if not nil, is evaluated after every epoch.
	Validation data.Set
	// Progress, if not nil, shows the progress of training: a bar on a terminal, a
	// line per epoch elsewhere.
	Progress io.Writer
	// Name is written in front of the progress.
	Name string
	// OnEpoch, if not nil, is called after every epoch. If it returns an error,
	// training ends.
	OnEpoch func(Epoch) error
}

var (
	errNoModel   = errors.New("no model")
	errNoBackend = errors.New("no backend: set Options.Backend, such as cpu.Config{}")
	errNoContext = errors.New("no context: pass context.Background()")
	errNoTrainer = errors.New("no trainer: create it with New")
	errNoStep    = errors.New("no step: create it with NewTrainStep or NewEvalStep")
)

// named adds the name of the package to an error.
func named(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("train: %w", err)
}

// complete returns the options with defaults filled in, or an error for settings out
// of range.
func (o Options) complete(m Model) (Options, error) {
	switch {
	case m == nil:
		return o, errNoModel
	case o.Epochs < 0 || o.Batch < 0 || o.EvalBatch < 0:
		return o, fmt.Errorf("%d epochs, batches of %d, evaluation batches of %d: none can be negative", o.Epochs, o.Batch, o.EvalBatch)
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
