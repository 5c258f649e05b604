package search

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/train"
	"github.com/stheno-ml/stheno/vm"
)

// Build returns the model and the options of training for the values of a trial. It is
// called anew for each trial, and again for one that goes on, and must depend on the
// values only. Several trials call it at the same time.
//
// Validation, and the folder of Checkpoints, are set by the search. Backend may be nil.
// Epochs is set by the search if it uses halving.
type Build func(v Values) (train.Model, train.Options, error)

// Options are the settings of Run. Only Backends has no default, unless Build sets
// train.Options.Backend.
type Options struct {
	// Method suggests what to try; nil means TPE{}.
	Method Method
	// Trials is the number of trials; 0 means 30, or as many as Halving says.
	Trials int
	// Round is the number of trials that are suggested at a time, from the results of
	// the rounds before; 0 means 4. Small rounds learn more from a result, and large
	// ones let more trials run side by side.
	Round int
	// Parallel is the number of trials that run side by side; 0 means 1. Results do not
	// depend on it. Only trials of one round do.
	Parallel int
	// Backends are those of the trials: of those that run side by side, each has another.
	// With fewer than Parallel, some are shared. Give each a part of the processor, such
	// as cpu.Config{Threads: 4}.
	Backends []vm.Backend
	// Seed is that of the suggestions. Those of the trainings are in their options: if
	// they are the same, trials differ in their values only.
	Seed uint64
	// Dir is the folder of the search, with a folder for each trial. A search that was
	// killed goes on if it is started again with the same settings; Trials may be
	// larger. "" means a temporary folder, which is removed at the end.
	Dir string
	// Metric is the number of the validation to compare; "" means train.Loss.
	Metric string
	// Maximize looks for the largest value.
	Maximize bool
	// Halving, if not nil, trains many trials for few epochs, and few for many.
	Halving *Halving
	// Median, if not nil, ends trials early that are worse than others were. It cannot
	// be used with Halving.
	Median *Median
	// Log, if not nil, receives a line for each trial that ends.
	Log io.Writer
}

// complete fills in defaults, and checks the settings.
func (o Options) complete(ctx context.Context, build Build, training, validation data.Set) (Options, error) {
	if o.Method == nil {
		o.Method = TPE{}
	}
	if o.Trials == 0 && o.Halving == nil {
		o.Trials = 30
	}
	o.Round, o.Parallel, o.Metric = cmp.Or(o.Round, 4), cmp.Or(o.Parallel, 1), cmp.Or(o.Metric, train.Loss)
	if len(o.Backends) == 0 {
		o.Backends = []vm.Backend{nil}
	} else if slices.Contains(o.Backends, nil) {
		return o, errors.New("one of Options.Backends is nil")
	}
	switch {
	case ctx == nil:
		return o, errors.New("no context: pass context.Background()")
	case build == nil:
		return o, errors.New("no function that builds a model")
	case training == nil || validation == nil || training.Len() == 0 || validation.Len() == 0:
		return o, errors.New("a search needs samples to train on and others to compare trials by: see data.Split")
	case o.Trials < 0 || o.Round < 0 || o.Parallel < 0:
		return o, fmt.Errorf("%d trials in rounds of %d, %d side by side: none can be negative", o.Trials, o.Round, o.Parallel)
	case o.Halving != nil && o.Median != nil:
		return o, errors.New("Halving and Median are set: set one")
	}
	if o.Halving != nil {
		if _, err := o.Halving.Brackets(); err != nil {
			return o, err
		}
	}
	return o, o.Median.validate()
}

// cost turns a value into one of which the smallest is best.
func (o Options) cost(v float64) float64 {
	if o.Maximize {
		return -v
	}
	return v
}
