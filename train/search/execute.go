package search

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/stheno-ml/stheno/train"
	"github.com/stheno-ml/stheno/vm"
)

// trial trains one trial up to a number of epochs, or to its end if it is 0, unless its
// folder has the outcome. The error is one that ends the search.
func (r *runner) trial(ctx context.Context, t *Trial, epochs int, backend vm.Backend) error {
	folder := filepath.Join(r.dir, fmt.Sprintf("trial-%04d", t.Number))
	whole, err := t.read(folder)
	if err != nil {
		return err
	}
	if epochs > 0 && len(t.Epochs) > epochs { // an earlier process went on after this rung
		t.Epochs, t.Error, t.Stopped = t.Epochs[:epochs], "", ""
	}
	if t.settled(epochs, whole) {
		return nil
	}
	start := time.Now()
	fit, err := r.fit(ctx, t, folder, epochs, backend)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if errors.As(err, new(*fs.PathError)) {
		return fmt.Errorf("trial %d: %w", t.Number, err)
	}
	t.Seconds += time.Since(start).Seconds()
	if fit != nil {
		t.Stopped = fit.Stopped
		if late := t.follow(fit.Epochs, r.o.Metric); err == nil {
			err = late
		}
	}
	if err != nil {
		t.Error, t.Stopped = err.Error(), ""
	}
	return t.write(folder, err == nil && epochs == 0)
}

// fit trains a trial, from its last checkpoint if there is one.
func (r *runner) fit(ctx context.Context, t *Trial, folder string, epochs int, backend vm.Backend) (*train.Result, error) {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, err
	}
	m, o, err := r.build(t.Values)
	if err != nil {
		return nil, err
	}
	var checkpoints train.Checkpoints
	if o.Checkpoints != nil {
		checkpoints = *o.Checkpoints
	}
	checkpoints.Dir, checkpoints.Resume = folder, true
	o.Validation, o.ValidationSplit, o.Checkpoints = r.validation, nil, &checkpoints
	if o.Backend == nil {
		o.Backend = backend
	}
	if epochs > 0 {
		o.Epochs = epochs
	}
	if r.o.Median != nil {
		o.Callbacks = append(slices.Clone(o.Callbacks), pruner{o: r.o, before: r.before})
	}
	return train.Fit(ctx, m, r.training, o)
}

// follow takes the metric's values over from a training.
func (t *Trial) follow(epochs []train.Epoch, metric string) error {
	t.Epochs = nil
	for _, e := range epochs {
		v, ok := e.Validation[metric]
		switch {
		case !ok:
			return fmt.Errorf("the validation has no number %q (Options.Metric)", metric)
		case math.IsNaN(v) || math.IsInf(v, 0):
			return fmt.Errorf("%q is %g after epoch %d", metric, v, e.Epoch)
		}
		t.Epochs = append(t.Epochs, v)
	}
	if len(t.Epochs) == 0 {
		return errors.New("training ended before the first epoch")
	}
	return nil
}

// log writes the line of a trial that ended.
func (r *runner) log(t *Trial, took time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	v, ok := t.Value()
	if ok {
		if r.best == nil || r.o.cost(v) < r.o.cost(r.best.value) {
			r.best = &logged{t.Number, v}
		}
	}
	if r.o.Log == nil {
		return
	}
	line := fmt.Sprintf("trial %d", t.Number)
	if t.Bracket == 0 {
		line += fmt.Sprintf("/%d", r.o.Trials)
	}
	if ok {
		line += fmt.Sprintf("  %s %.5g after %d epochs  best %.5g (trial %d)", r.o.Metric, v, len(t.Epochs), r.best.value, r.best.number)
	}
	if t.State() != "complete" {
		line += "  " + t.State()
	}
	if t.Error != "" {
		line += ": " + t.Error
	}
	fmt.Fprintf(r.o.Log, "%s  %.1fs  %v\n", line, took.Seconds(), t.Values)
}
