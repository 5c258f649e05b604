package train

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
)

// Result is what training came to.
type Result struct {
	Params *graph.Params
	Epochs []Epoch
}

// Epoch is what one pass over the training set came to.
type Epoch struct {
	Epoch      int                // counted from 1, over all training of the parameters
	Steps      int                // steps in the epoch
	First      float64            // loss of the epoch's first step
	Losses     []float64          // loss of every step
	Loss       float64            // mean training loss, weighted by samples, while the weights changed
	Metrics    map[string]float64 // means of losses and metrics over the same
	Validation map[string]float64 // means over Options.Validation after the epoch, as of Evaluate
	Took       time.Duration      // training, without the evaluation
}

// Fit trains the model on the set and evaluates it on Options.Validation after
// every epoch. When the context is cancelled it finishes the step in flight and
// returns the result so far with an error that wraps the context's. A NaN or an
// infinity in a loss or in a parameter is a *NonFinite.
func Fit(ctx context.Context, m Model, set data.Set, o Options) (*Result, error) {
	t, err := New(m, o)
	if err != nil {
		return nil, err // it has the package's name
	}
	defer t.Close()
	return t.Fit(ctx, set)
}

// fitting is a training under way.
type fitting struct {
	*Trainer
	batches *data.Batches
	bySize  map[int]*fed // the steps
	start   int          // epochs that the parameters had before
	epochs  *graph.Param // those that they have
	line    pipeline
	backup  backup
	show    *progress
}

// Fit trains for Options.Epochs epochs, as the function Fit does.
func (t *Trainer) Fit(ctx context.Context, set data.Set) (*Result, error) {
	r := &Result{Params: t.o.Params}
	err := t.usable(ctx)
	if err == nil {
		err = t.fit(ctx, set, r)
	}
	return r, named(err)
}

// fit trains and notes in r what came of it.
func (t *Trainer) fit(ctx context.Context, set data.Set, r *Result) error {
	f, err := t.fitting(set)
	if err != nil {
		return err
	}
	defer f.batches.Close()
	defer f.show.close()
	for e := range t.o.Epochs {
		epoch, err := f.epoch(ctx)
		if err == nil && (e+1 == t.o.Epochs || t.o.Validation != nil || t.o.OnEpoch != nil) {
			err = f.sound()
		}
		if err != nil {
			return f.mend(ctx, err)
		}
		if t.o.Validation != nil {
			if epoch.Validation, err = t.evaluate(ctx, t.o.Validation, e == 0); err != nil {
				return err
			}
		}
		r.Epochs = append(r.Epochs, epoch)
		f.show.epoch(epoch)
		if t.o.OnEpoch == nil {
			continue
		}
		before := versions(t.o.Params)
		if err := t.o.OnEpoch(epoch); err != nil {
			return err
		}
		if versions(t.o.Params) != before { // the copy leads no longer to where we are
			if err := f.backup.take(f.batches.Position()); err != nil {
				return err
			}
		}
	}
	return nil
}

// fitting gets all ready that training and evaluation need, so that what is wrong
// is told before it starts.
func (t *Trainer) fitting(set data.Set) (*fitting, error) {
	if set == nil || set.Len() == 0 {
		return nil, errors.New("the training set is empty")
	}
	batches, err := data.NewBatches(set, data.BatchOptions{Size: t.o.Batch, Seed: t.o.Seed, Shuffle: true, DropLast: t.o.DropLast})
	if err != nil {
		return nil, err
	}
	f := &fitting{Trainer: t, batches: batches, bySize: map[int]*fed{}}
	if err := f.prepare(set); err != nil {
		return nil, errors.Join(err, batches.Close())
	}
	f.show = newProgress(t.o.Progress, t.o.Name, f.start+t.o.Epochs, batches.PerEpoch())
	return f, nil
}

func (f *fitting) prepare(set data.Set) error {
	full, last := min(f.o.Batch, set.Len()), set.Len()%f.o.Batch
	if err := f.ready(full, set); err != nil {
		return err
	}
	if last > 0 && last < full && !f.o.DropLast {
		if err := f.ready(last, set); err != nil {
			return fmt.Errorf("the last batch of an epoch has %d of the %d samples, in batches of %d, and the step for it does not build: %w: leave it out by Options.DropLast, or take another Options.Batch",
				last, set.Len(), f.o.Batch, err)
		}
	}
	if f.o.Validation != nil {
		if _, err := f.evaluation(f.o.Validation); err != nil {
			return fmt.Errorf("%w (Options.Validation)", err)
		}
	}
	for _, w := range f.o.Params.Trainable() {
		if !whole(w, saved{}) {
			return fmt.Errorf("weight %q holds a NaN or an infinity before training", w.Name())
		}
	}
	var err error
	if f.epochs, err = epochsOf(f.o.Params); err != nil {
		return err
	}
	f.start = int(f.epochs.Floats()[0])
	if err := f.batches.Seek(data.Position{Epoch: f.start}); err != nil {
		return err
	}
	f.backup = backup{params: f.o.Params, least: f.rest}
	return f.backup.take(f.batches.Position())
}

// ready builds the training step of a batch size, fed by the set.
func (f *fitting) ready(batch int, set data.Set) error {
	s, err := f.trainStep(batch)
	if err != nil {
		return err
	}
	scheduled, err := scheduledOf(s, f.o.Schedules)
	if err != nil {
		return err
	}
	f.bySize[batch], err = match(s, set.Fields(), scheduled)
	return err
}

// epochsState counts the epochs that parameters were trained for, [1].
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

// versions counts the changes of all parameters.
func versions(p *graph.Params) (n uint64) {
	for _, q := range p.All() {
		n += q.Version()
	}
	return n
}
