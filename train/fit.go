package train

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
)

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

// FitStream trains the model on a stream, like Fit. The stream must be at its start, or
// at the position that training is to begin with. Schedules need Options.Steps, because
// the number of steps in an epoch is not known.
func FitStream(ctx context.Context, m Model, stream data.Stream, o Options) (*Result, error) {
	t, err := New(m, o)
	if err != nil {
		return nil, err
	}
	defer t.Close()
	return t.FitStream(ctx, stream)
}

// fitting is a training in progress.
type fitting struct {
	*Trainer
	plan           limits
	batches        *data.Batches
	fields         []data.Field
	samples        string // describes the samples and their order
	someSamples    string // a hash of some of them, in a group
	validation     data.Set
	heldValidation held                 // its samples; nil if they are not held
	averages       *averages            // nil without moving averages
	bySize         map[stepKey]*fedStep // the steps
	epochCount     *graph.Param         // the state that counts all epochs
	runs           pipeline
	backup         backup
	saver          *saver
	callbacks      callbacks
	progress       *progress
	evalNet        evalNet
	run            *Run
	warnings       []string

	firstEpoch   int  // epochs that the parameters were trained for before
	checkedEpoch int  // the epoch in which the values of batches are checked
	evaluated    bool // the values of the validation set were checked
	resumed      bool // from a checkpoint
	consistent   bool // after an error, callbacks and parameters are those after the same step
	started      int  // steps, including those before training was resumed
	paused       int  // the latest step after which none was in flight
	last         run  // the latest step that ended
	current      Epoch
	means        means
	history      []Epoch
	factors      factors
	scalars      [3][]setScalar // of the latest steps: one may be in flight
	skipped      []Skip
	stopped      string // why a callback ended training
	stopAt       int    // the last step then
	ended        string // why training ended before the planned steps
}

// Fit trains as the options say, like the function Fit.
func (t *Trainer) Fit(ctx context.Context, set data.Set) (*Result, error) {
	return t.start(ctx, func() (*fitting, error) { return t.onSet(ctx, set) })
}

// FitStream trains on a stream, like the function FitStream.
func (t *Trainer) FitStream(ctx context.Context, stream data.Stream) (*Result, error) {
	return t.start(ctx, func() (*fitting, error) { return t.onStream(stream) })
}

// start prepares a training and runs it.
func (t *Trainer) start(ctx context.Context, prepare func() (*fitting, error)) (*Result, error) {
	r := &Result{Params: t.o.Params}
	if err := t.check(ctx); err != nil {
		return r, named(err)
	}
	f, err := prepare()
	r.Scalers = t.o.Scalers
	if err != nil {
		t.o.ranks.failed(ctx, err)
		return r, named(err)
	}
	if ctx, err = f.join(ctx); err == nil {
		err = f.train(ctx)
	}
	t.o.ranks.failed(ctx, err)
	r.Epochs, r.Steps, r.Stopped, r.Skipped, r.Warnings = f.history, f.run.Steps, f.ended, f.skipped, f.warnings
	return r, named(errors.Join(err, f.close()))
}

// train trains, calls the callbacks and writes the last checkpoint.
func (f *fitting) train(ctx context.Context) error {
	if f.o.MaxTime > 0 {
		f.plan.until = time.Now().Add(f.o.MaxTime)
	}
	err := f.callbacks.start(f.run)
	if err == nil {
		err = f.loop(ctx)
	}
	if why := f.reached(); err == nil && why != finished {
		f.ended = why
	}
	if f.ended == timeIsUp {
		err = f.saveLast()
	}
	if err != nil {
		f.saveAfter(err)
		return errors.Join(err, f.callbacks.end(f.run, err))
	}
	err = f.callbacks.end(f.run, nil)
	f.save()
	f.written(true)
	if f.saver != nil && f.saver.failed != nil {
		err = errors.Join(err, fmt.Errorf("training is complete, but its last checkpoint could not be written: %w", f.saver.failed))
	}
	return err
}
