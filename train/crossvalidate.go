package train

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/vm"
)

// FoldOptions are the options of CrossValidate.
type FoldOptions struct {
	// Folds is the number of folds; 0 means 5.
	Folds int
	// By says how samples are divided; its zero value is at random. Its seed is not
	// Options.Seed, so trainings with other seeds have the same folds.
	By data.FoldOptions
	// Prepare, if not nil, changes the two parts of a fold. What it learns from data,
	// such as the means for data.Standardize, it takes from the training part.
	Prepare func(training, test data.Set) (data.Set, data.Set, error)
	// Callbacks, if not nil, returns the callbacks of a fold, counted from 1.
	Callbacks func(fold int) []Callback
	// Parallel is the number of folds that are trained side by side; 0 means 1. Results
	// do not depend on it. They share the processor, so give each a part of it, such as
	// cpu.Config{Threads: 4}. Build is then called by several goroutines.
	Parallel int
	// Backends, if not empty, replaces Options.Backend: of the folds in progress, each
	// has another of these. With fewer than Parallel, some are shared.
	Backends []vm.Backend
}

// FoldResult is the outcome of a fold.
type FoldResult struct {
	Fold     int                // counted from 1
	Seed     uint64             // of its training
	Samples  int                // to train on
	Tested   int                // samples of the test part
	Training map[string]float64 // Epoch.Metrics of the last epoch
	Test     map[string]float64 // the result of Evaluate on the test part
	// Params are the parameters. They are nil if the fold was complete before this
	// process: its folder has a checkpoint of them.
	Params *graph.Params
}

// CrossValidation is the outcome of CrossValidate.
type CrossValidation struct {
	// Folds are the complete folds, in order.
	Folds []FoldResult
	// Mean and Std are the mean of FoldResult.Test over these folds, and the standard
	// deviation with divisor n-1, which is 0 for one fold.
	Mean, Std map[string]float64
}

// String has the mean and the standard deviation of each number, such as
// "bce 0.0931 ± 0.0012, mse 0.0103 ± 0.0003 in 5 folds".
func (c *CrossValidation) String() string {
	if c == nil || len(c.Folds) == 0 {
		return "no folds"
	}
	var out []string
	for _, name := range slices.Sorted(maps.Keys(c.Mean)) {
		if name != Loss || len(c.Mean) == 1 {
			out = append(out, fmt.Sprintf("%s %.4g ± %.2g", name, c.Mean[name], c.Std[name]))
		}
	}
	return fmt.Sprintf("%s in %d folds", strings.Join(out, ", "), len(c.Folds))
}

// CrossValidate trains the model once for each fold of a set (data.Folds), with new
// parameters, and evaluates it on the fold's test part. The seed of fold i, from 1, is
// element i of the SplitMix64 sequence (Steele et al. 2014) that Options.Seed starts.
// Of Options.Params only the element type is used. Options.Validation is the same for
// all folds, and the test parts are seen only at the end.
//
// With Options.Checkpoints, Dir has a folder "fold-1" and so on for each fold, with its
// checkpoints, and with "result.json" when it is complete. With Checkpoints.Resume,
// complete folds are not trained again, and others go on: a cross-validation that is
// killed at any moment and started again ends in the same numbers.
//
// An error in a fold ends the others, too. The result then has the complete folds.
func CrossValidate(ctx context.Context, m Model, set data.Set, o Options, folds FoldOptions) (*CrossValidation, error) {
	v, err := newCrossValidation(ctx, m, set, o, folds)
	if err != nil {
		return nil, named(fmt.Errorf("cross-validation: %w", err))
	}
	results, err := v.run(ctx)
	if err != nil {
		err = named(fmt.Errorf("cross-validation: %w", err))
	}
	return summarized(results), err
}

// crossValidation is a cross-validation in progress.
type crossValidation struct {
	model Model
	o     Options
	by    FoldOptions
	folds []data.Fold
}

func newCrossValidation(ctx context.Context, m Model, set data.Set, o Options, by FoldOptions) (*crossValidation, error) {
	if by.Folds == 0 {
		by.Folds = 5
	}
	if len(by.Backends) == 0 {
		by.Backends = []vm.Backend{o.Backend}
	}
	switch {
	case m == nil:
		return nil, errNoModel
	case ctx == nil:
		return nil, errNoContext
	case slices.Contains(by.Backends, nil):
		return nil, errNoBackend
	case by.Folds < 2 || by.Parallel < 0:
		return nil, fmt.Errorf("%d folds, %d side by side: want at least 2 folds, and no negative number", by.Folds, by.Parallel)
	case len(o.Callbacks) > 0:
		return nil, errors.New("Options.Callbacks would follow all folds at the same time: set FoldOptions.Callbacks")
	case o.Checkpoints != nil && o.Checkpoints.Dir == "":
		return nil, o.Checkpoints.validate()
	}
	if o.DryRun > 0 {
		o.Checkpoints = nil
	}
	parts, err := data.Folds(set, by.Folds, by.By)
	if err != nil {
		return nil, err
	}
	by.Parallel = min(max(by.Parallel, 1), len(parts))
	if o.Progress != nil && by.Parallel > 1 {
		o.Progress = &lockedWriter{w: o.Progress}
	}
	return &crossValidation{m, o, by, parts}, nil
}

// run trains the folds and returns the results of those that are complete.
func (v *crossValidation) run(ctx context.Context) ([]FoldResult, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	next := make(chan int)
	results, errs := make([]*FoldResult, len(v.folds)), make([]error, len(v.folds))
	var workers sync.WaitGroup
	for w := range v.by.Parallel {
		workers.Go(func() {
			for i := range next {
				if errs[i] = ctx.Err(); errs[i] == nil {
					results[i], errs[i] = v.fold(ctx, i, v.by.Backends[w%len(v.by.Backends)])
				}
				if errs[i] != nil {
					errs[i] = fmt.Errorf("fold %d: %w", i+1, errs[i])
					cancel()
				}
			}
		})
	}
	for i := range v.folds {
		next <- i
	}
	close(next)
	workers.Wait()
	var done []FoldResult
	for _, r := range results {
		if r != nil {
			done = append(done, *r)
		}
	}
	return done, first(errs)
}

// first is the first error that is not the end of the context, or else the first.
func first(errs []error) error {
	i := slices.IndexFunc(errs, func(err error) bool { return err != nil && !errors.Is(err, context.Canceled) })
	if i < 0 {
		i = slices.IndexFunc(errs, func(err error) bool { return err != nil })
	}
	if i < 0 {
		return nil
	}
	return errs[i]
}

// fold trains and evaluates one fold, unless its folder has the result.
func (v *crossValidation) fold(ctx context.Context, i int, backend vm.Backend) (*FoldResult, error) {
	training, test := v.folds[i].Train, v.folds[i].Test
	if prepare := v.by.Prepare; prepare != nil {
		var err error
		if training, test, err = prepare(training, test); err != nil {
			return nil, fmt.Errorf("FoldOptions.Prepare: %w", err)
		}
		if training == nil || test == nil {
			return nil, errors.New("FoldOptions.Prepare returned no set")
		}
	}
	o := v.o
	o.Backend, o.Seed = backend, splitMix(o.Seed, i+1)
	o.Name = strings.TrimSpace(fmt.Sprintf("%s fold %d/%d", o.Name, i+1, len(v.folds)))
	dtype := graph.Float32
	if o.Params != nil {
		dtype = o.Params.Dtype()
	}
	o.Params = graph.NewParams(dtype, o.Seed)
	if v.by.Callbacks != nil {
		o.Callbacks = v.by.Callbacks(i + 1)
	}
	file := foldFile{}
	if o.Checkpoints != nil {
		own := *o.Checkpoints
		own.Dir = filepath.Join(own.Dir, fmt.Sprintf("fold-%d", i+1))
		o.Checkpoints = &own
		var err error
		if file, err = v.foldFile(own, i, o, training, test); err != nil {
			return nil, err
		}
		if r, err := file.read(own.Resume); r != nil || err != nil {
			return r, err
		}
	}
	t, err := New(v.model, o)
	if err != nil {
		return nil, err
	}
	defer t.Close()
	trained, err := t.Fit(ctx, training)
	if err != nil {
		return nil, err
	}
	r := &FoldResult{Fold: i + 1, Seed: o.Seed, Samples: training.Len(), Tested: test.Len(), Params: trained.Params}
	if n := len(trained.Epochs); n > 0 {
		r.Training = trained.Epochs[n-1].Metrics
	}
	if r.Test, err = t.Evaluate(ctx, test); err != nil {
		return nil, err
	}
	return r, file.write(r)
}

// summarized returns folds with the means and deviations over them.
func summarized(folds []FoldResult) *CrossValidation {
	c := &CrossValidation{Folds: folds, Mean: map[string]float64{}, Std: map[string]float64{}}
	n := float64(len(folds))
	for _, f := range folds {
		for name, v := range f.Test {
			c.Mean[name] += v / n
		}
	}
	for name, mean := range c.Mean {
		var squares float64
		for _, f := range folds {
			squares += (f.Test[name] - mean) * (f.Test[name] - mean)
		}
		c.Std[name] = math.Sqrt(squares / max(1, n-1))
	}
	return c
}

// splitMix is element i, from 1, of the SplitMix64 sequence of a seed.
func splitMix(seed uint64, i int) uint64 {
	z := seed + uint64(i)*0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// lockedWriter lets several trainings write whole lines.
type lockedWriter struct {
	sync.Mutex
	w io.Writer
}

func (l *lockedWriter) Write(p []byte) (int, error) {
	l.Lock()
	defer l.Unlock()
	return l.w.Write(p)
}
