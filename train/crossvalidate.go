package train

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

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
// all folds, and Options.ValidationSplit takes its samples from each training part. The
// test parts are seen only at the end.
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
