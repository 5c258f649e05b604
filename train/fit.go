package train

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/storage"
)

// Result is the outcome of a training.
type Result struct {
	Params *graph.Params
	Epochs []Epoch
}

// Epoch is the outcome of one pass over the training set.
type Epoch struct {
	Epoch      int                // counted from 1, over all training of the parameters
	Steps      int                // steps in the epoch
	First      float64            // loss of the epoch's first step
	Losses     []float64          // loss of every step
	Loss       float64            // mean training loss over the samples, while the weights change
	Metrics    map[string]float64 // means of losses and metrics over the same samples
	Validation map[string]float64 // the result of Evaluate on Options.Validation after the epoch
	Took       time.Duration      // time for training, without the evaluation
}

// Fit trains the model on the set and evaluates it on Options.Validation after every
// epoch. If the context is cancelled, Fit completes the step in flight and returns
// the result so far, with an error that wraps the context's. A NaN or an infinity in
// a loss or in a parameter is a *NonFinite error.
func Fit(ctx context.Context, m Model, set data.Set, o Options) (*Result, error) {
	t, err := New(m, o)
	if err != nil {
		return nil, err // New has added the package's name
	}
	defer t.Close()
	return t.Fit(ctx, set)
}

// fitting is a training in progress.
type fitting struct {
	*Trainer
	batches    *data.Batches
	bySize     map[int]*fedStep // the steps by batch size
	firstEpoch int              // epochs that the parameters were trained for before
	epochCount *graph.Param     // the state that counts all epochs
	runs       pipeline
	backup     backup
	progress   *progress
}

// Fit trains for Options.Epochs epochs, like the function Fit.
func (t *Trainer) Fit(ctx context.Context, set data.Set) (*Result, error) {
	r := &Result{Params: t.o.Params}
	err := t.check(ctx)
	if err == nil {
		err = t.fit(ctx, set, r)
	}
	return r, named(err)
}

// fit trains and appends to r.
func (t *Trainer) fit(ctx context.Context, set data.Set, r *Result) error {
	f, err := t.fitting(set)
	if err != nil {
		return err
	}
	defer f.batches.Close()
	defer f.progress.close()
	for e := range t.o.Epochs {
		epoch, err := f.epoch(ctx)
		if err == nil && (e+1 == t.o.Epochs || t.o.Validation != nil || t.o.OnEpoch != nil) {
			err = f.checkParams()
		}
		if err != nil {
			return f.rollBack(ctx, err)
		}
		if t.o.Validation != nil {
			if epoch.Validation, err = t.evaluate(ctx, t.o.Validation, e == 0); err != nil {
				return err
			}
		}
		r.Epochs = append(r.Epochs, epoch)
		f.progress.epoch(epoch)
		if t.o.OnEpoch == nil {
			continue
		}
		before := versions(t.o.Params)
		if err := t.o.OnEpoch(epoch); err != nil {
			return err
		}
		if versions(t.o.Params) != before { // replaying steps from the copy would not lead here
			if err := f.backup.save(f.batches.Position()); err != nil {
				return err
			}
		}
	}
	return nil
}

// fitting prepares training and evaluation, so that errors in the settings are
// reported before training starts.
func (t *Trainer) fitting(set data.Set) (*fitting, error) {
	if set == nil || set.Len() == 0 {
		return nil, errors.New("the training set is empty")
	}
	batches, err := data.NewBatches(set, data.BatchOptions{Size: t.o.Batch, Seed: t.o.Seed, Shuffle: true, DropLast: t.o.DropLast})
	if err != nil {
		return nil, err
	}
	f := &fitting{Trainer: t, batches: batches, bySize: map[int]*fedStep{}}
	if err := f.prepare(set); err != nil {
		return nil, errors.Join(err, batches.Close())
	}
	f.progress = newProgress(t.o.Progress, t.o.Name, f.firstEpoch+t.o.Epochs, batches.PerEpoch())
	return f, nil
}

func (f *fitting) prepare(set data.Set) error {
	full, last := min(f.o.Batch, set.Len()), set.Len()%f.o.Batch
	if err := f.prepareStep(full, set); err != nil {
		return err
	}
	if last > 0 && last < full && !f.o.DropLast {
		if err := f.prepareStep(last, set); err != nil {
			return fmt.Errorf("the last batch of an epoch has %d of the %d samples, in batches of %d, and the step for it does not build: %w: set Options.DropLast to skip that batch, or change Options.Batch",
				last, set.Len(), f.o.Batch, err)
		}
	}
	if f.o.Validation != nil {
		if _, err := f.evalSteps(f.o.Validation); err != nil {
			return fmt.Errorf("%w (Options.Validation)", err)
		}
	}
	for _, w := range f.o.Params.Trainable() {
		if !stillFinite(w, savedParam{}) {
			return fmt.Errorf("weight %q has a NaN or an infinity before training", w.Name())
		}
	}
	var err error
	if f.epochCount, err = epochsOf(f.o.Params); err != nil {
		return err
	}
	f.firstEpoch = int(f.epochCount.Floats()[0])
	if err := f.batches.Seek(data.Position{Epoch: f.firstEpoch}); err != nil {
		return err
	}
	f.backup = backup{params: f.o.Params, minInterval: f.minBackupInterval}
	return f.backup.save(f.batches.Position())
}

// prepareStep builds the training step of a batch size, fed by the set.
func (f *fitting) prepareStep(batch int, set data.Set) error {
	s, err := f.trainStep(batch)
	if err != nil {
		return err
	}
	scheduled, err := scheduledOf(s, f.o.Schedules)
	if err != nil {
		return err
	}
	f.bySize[batch], err = feedFrom(s, set.Fields(), scheduled)
	return err
}

// epochsState is the name of the state that counts the epochs of training, [1].
const epochsState = "train/epoch"

// epochsOf returns the state that counts epochs.
func epochsOf(p *graph.Params) (*graph.Param, error) {
	b := graph.New(p, graph.Config{})
	b.State(epochsState, nil, 1)
	if err := b.Err(); err != nil {
		return nil, err
	}
	return p.Get(epochsState), nil
}

// versions returns the total number of changes of all parameters.
func versions(p *graph.Params) (n uint64) {
	for _, q := range p.All() {
		n += q.Storage(storage.Access{}).Version()
	}
	return n
}
