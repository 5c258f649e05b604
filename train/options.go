package train

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/stheno-ml/stheno/collective"
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
	// Backend compiles the steps, such as cpu.Config{}. If it is a vm.Holder, such as
	// cuda.Config{}, the samples of a set and of Validation are copied to its memory once,
	// and steps take their batches there: provided that they fit, that each is read more
	// than once, and that none of Augment, MicroBatch and Group is set. The numbers are the
	// same.
	Backend vm.Backend
	// Optimizer is the default for tasks without an optimiser of their own. nil means
	// Adam with its usual settings.
	Optimizer graph.Optimizer
	// Params are the parameters to train; nil means new float32 parameters,
	// initialised from Seed. Parameters that were trained before go on with the
	// sample order and random numbers of the next epoch: two epochs and another two
	// are the same as four.
	Params *graph.Params
	// Epochs is the number of passes over the training set. 0 means 1, or as many as
	// Steps and MaxTime allow if one of them is set.
	Epochs int
	// Steps is the number of steps; 0 means that it follows from Epochs.
	Steps int
	// MaxTime ends training after the step in flight when it has passed; 0 means no
	// limit. It counts from the start of this process' training. The checkpoint is that
	// of the last step, so a training that is resumed goes on with the same epoch.
	MaxTime time.Duration
	// Batch is the number of samples in a step; 0 means 128. If the last batch of an
	// epoch is shorter, it is a step of its own size.
	Batch int
	// MicroBatch, if above 0, is the largest number of samples that run at a time. A
	// training step on a larger batch adds up the gradients of several runs, which takes
	// less memory. The weights move as with the whole batch, but for rounding; batch
	// norm sees each piece by itself.
	MicroBatch int
	// Group, if not nil, are the processes that train together, each with these options: a
	// batch is spread over them, and every one of them has the same weights after every
	// step. The order of samples and the random numbers are those of one process. Layers
	// that normalise over the batch see each rank's part by itself, and states such as
	// their running means become the means over the ranks. Only rank 0 writes checkpoints
	// and calls Reporters. It excludes MicroBatch.
	Group collective.Group
	// Exact, if above 0, cuts batches into this many pieces, at least one for each rank of
	// Group, whose gradients are added in order: the result has the same bits for any
	// number of ranks. 0 means a piece for each rank.
	Exact int
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
	// Scale says how to scale fields, by name. A scaler is fitted to the samples that are
	// trained on, and applied to these and to those of an evaluation. Result.Scalers and
	// checkpoints have the scalers.
	Scale map[string]data.ScaleOptions
	// Scalers are scalers that were fitted before, by field.
	Scalers map[string]*data.Scaler
	// Augment changes the samples of training batches at random, in this order, from Seed.
	// It does not change those of an evaluation.
	Augment []data.Augmentation
	// Freeze keeps weights as they are, for the whole training or for its first epochs.
	Freeze []Freeze
	// Validation, if not nil, is evaluated after every epoch.
	Validation data.Set
	// ValidationSplit, if not nil, holds samples of the training set out and evaluates
	// on them instead.
	ValidationSplit *data.SplitOptions
	// Callbacks follow the training, in this order.
	Callbacks []Callback
	// Checkpoints, if not nil, are written while training.
	Checkpoints *Checkpoints
	// DryRun, if above 0, tries everything with this number of batches: one epoch of so
	// many steps, and an evaluation of as many batches. No checkpoint is written.
	DryRun int
	// Overfit, if above 0, trains on the first batches of the set only, this number of
	// them, in the same order in each epoch. A model that cannot learn these by heart
	// is wrong or too small.
	Overfit int
	// Progress, if not nil, shows the progress of training: a bar on a terminal, a
	// line per epoch elsewhere.
	Progress io.Writer
	// Name is written in front of the progress.
	Name string

	ranks *ranks // of Group; nil without one
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
	case o.Epochs < 0 || o.Steps < 0 || o.MaxTime < 0 || o.Batch < 0 || o.EvalBatch < 0 || o.MicroBatch < 0 || o.DryRun < 0 || o.Overfit < 0:
		return o, fmt.Errorf("%d epochs, %d steps, %v, batches of %d in pieces of %d, evaluation batches of %d, %d batches to try, %d batches to learn by heart: none can be negative",
			o.Epochs, o.Steps, o.MaxTime, o.Batch, o.MicroBatch, o.EvalBatch, o.DryRun, o.Overfit)
	}
	if o.Validation != nil && o.ValidationSplit != nil {
		return o, errors.New("both Options.Validation and Options.ValidationSplit are set: want one of them")
	}
	if err := o.checkGroup(); err != nil {
		return o, err
	}
	if err := checkFreeze(o.Freeze); err != nil {
		return o, err
	}
	if o.DryRun > 0 {
		o.Epochs, o.Steps, o.Checkpoints = 1, o.DryRun, nil
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
	if o.Group != nil && o.ranks == nil {
		o.ranks = &ranks{Group: o.Group}
	}
	if o.Params == nil {
		o.Params = graph.NewParams(graph.Float32, o.Seed)
	}
	return o, nil
}
