package train

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/storage"
)

// Result is the outcome of a training.
type Result struct {
	Params *graph.Params
	// Scalers are those that samples pass through, by field.
	Scalers map[string]*data.Scaler
	// Epochs are the epochs, including those before training was resumed.
	Epochs []Epoch
	// Steps is the number of steps, including those before training was resumed.
	Steps int
	// Stopped is why training ended before the planned steps, or "".
	Stopped string
	// Skipped are steps that were undone because one of them failed.
	Skipped []Skip
	// Warnings are the lines for the user, which Options.Progress has as well.
	Warnings []string
}

// Epoch is the outcome of one pass over the training set.
type Epoch struct {
	Epoch      int                // counted from 1, over all training of the parameters
	Steps      int                // steps in the epoch
	Partial    bool               // training ended within the epoch
	First      float64            // loss of the epoch's first step
	Losses     []float64          // loss of every step that this process ran
	Loss       float64            // mean training loss over the samples, while the weights change
	Metrics    map[string]float64 // means of losses and metrics over the same samples
	Validation map[string]float64 // the result of Evaluate on Options.Validation after the epoch; under "average/" that of an optim.MovingAverage
	Extra      map[string]float64 // what callbacks recorded; see Run.Record
	Took       time.Duration      // time for training in this process, without the evaluation
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
	plan       limits
	batches    *data.Batches
	fields     []data.Field
	samples    string // describes the samples and their order
	validation data.Set
	averages   *averages            // nil without moving averages
	bySize     map[stepKey]*fedStep // the steps
	epochCount *graph.Param         // the state that counts all epochs
	runs       pipeline
	backup     backup
	saver      *saver
	callbacks  callbacks
	progress   *progress
	evalNet    evalNet
	run        *Run
	warnings   []string

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
}

// Fit trains as the options say, like the function Fit.
func (t *Trainer) Fit(ctx context.Context, set data.Set) (*Result, error) {
	return t.start(ctx, func() (*fitting, error) { return t.onSet(set) })
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
		return r, named(err)
	}
	err = f.train(ctx)
	r.Epochs, r.Steps, r.Stopped, r.Skipped, r.Warnings = f.history, f.run.Steps, f.stopped, f.skipped, f.warnings
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
		f.stopped = why
	}
	if err != nil {
		f.saveAfter(err)
		return errors.Join(err, f.callbacks.end(f.run, err))
	}
	if err := f.callbacks.end(f.run, nil); err != nil {
		return err
	}
	f.save()
	if f.saver != nil && f.saver.failed != nil {
		return fmt.Errorf("training is complete, but its last checkpoint could not be written: %w", f.saver.failed)
	}
	return nil
}

// onSet prepares a training on a set.
func (t *Trainer) onSet(set data.Set) (*fitting, error) {
	if set == nil || set.Len() == 0 {
		return nil, errors.New("the training set is empty")
	}
	validation := t.o.Validation
	if t.o.ValidationSplit != nil {
		var err error
		if set, validation, err = data.Split(set, *t.o.ValidationSplit); err != nil {
			return nil, fmt.Errorf("Options.ValidationSplit: %w", err)
		}
	}
	if err := t.fitScalers(set); err != nil {
		return nil, err
	}
	samples := strconv.Itoa(set.Len())
	if part, ok := set.(fmt.Stringer); ok {
		samples = part.String()
	}
	order := data.BatchOptions{Size: t.o.Batch, Seed: t.o.Seed, Shuffle: true, DropLast: t.o.DropLast, Augment: t.o.Augment}
	if t.o.Overfit > 0 {
		set, order.Shuffle = data.Limit(set, t.o.Overfit*t.o.Batch), false
	}
	scaled, err := t.o.scaled(set)
	if err != nil {
		return nil, err
	}
	if validation, err = t.o.scaled(validation); err != nil {
		return nil, fmt.Errorf("validation: %w", err)
	}
	batches, err := data.NewBatches(scaled, order)
	if err != nil {
		return nil, err
	}
	f := t.fitting(batches, set.Fields(), validation, fmt.Sprintf("%s, shuffled: %t", samples, order.Shuffle))
	sizes := []int{min(t.o.Batch, set.Len())}
	if last := set.Len() % t.o.Batch; last > 0 && last < sizes[0] && !t.o.DropLast {
		sizes = append(sizes, last)
	}
	return f.prepared(set.Len(), sizes)
}

// onStream prepares a training on a stream.
func (t *Trainer) onStream(stream data.Stream) (*fitting, error) {
	if t.o.Overfit > 0 || t.o.ValidationSplit != nil {
		return nil, errors.New("Options.Overfit and Options.ValidationSplit need a set, not a stream")
	}
	stream, err := t.o.scaledStream(stream)
	if err != nil {
		return nil, err
	}
	validation, err := t.o.scaled(t.o.Validation)
	if err != nil {
		return nil, fmt.Errorf("validation: %w", err)
	}
	batches, err := data.NewStreamBatches(stream, data.BatchOptions{Size: t.o.Batch, Seed: t.o.Seed, DropLast: t.o.DropLast, Augment: t.o.Augment})
	if err != nil {
		return nil, err
	}
	f := t.fitting(batches, stream.Fields(), validation, "a stream")
	return f.prepared(0, []int{t.o.Batch})
}

func (t *Trainer) fitting(batches *data.Batches, fields []data.Field, validation data.Set, samples string) *fitting {
	f := &fitting{Trainer: t, batches: batches, fields: fields, samples: samples, bySize: map[stepKey]*fedStep{}, validation: validation}
	f.run = &Run{f: f}
	if f.validation != nil && t.o.DryRun > 0 {
		f.validation = data.Limit(f.validation, t.o.DryRun*t.o.EvalBatch)
	}
	return f
}

// prepared prepares steps for batches of the given sizes, the usual one first, and
// everything else, so that mistakes are reported before training starts.
func (f *fitting) prepared(samples int, sizes []int) (*fitting, error) {
	err := f.prepare(sizes)
	if err == nil && len(sizes) > 1 {
		if _, short := f.stepFor(sizes[1]); short != nil {
			err = fmt.Errorf("the last batch of an epoch has %d of the %d samples, in batches of %d, and the step for it does not build: %w: set Options.DropLast to skip that batch, or change Options.Batch",
				sizes[1], samples, f.o.Batch, short)
		}
	}
	if err != nil {
		return nil, errors.Join(err, f.close())
	}
	return f, nil
}

// prepare restores the state of a training that is resumed, and builds the step.
func (f *fitting) prepare(sizes []int) (err error) {
	if f.plan, err = f.o.limits(f.batches.PerEpoch()); err != nil {
		return err
	}
	all := slices.Clone(f.o.Callbacks)
	if f.o.Progress != nil {
		f.progress = newProgress(f.o.Progress)
		all = append(all, f.progress)
	}
	if f.callbacks, err = newCallbacks(all); err != nil {
		return err
	}
	if f.saver, err = newSaver(f.o.Checkpoints); err != nil {
		return err
	}
	if err := f.resume(); err != nil {
		return err
	}
	if f.epochCount, err = epochsOf(f.o.Params); err != nil {
		return err
	}
	if !f.resumed {
		f.firstEpoch = int(f.epochCount.Floats()[0])
		if err := f.batches.Seek(data.Position{Epoch: f.firstEpoch}); err != nil {
			return err
		}
		f.current.Epoch = f.firstEpoch + 1
	}
	f.checkedEpoch = f.batches.Position().Epoch
	s, err := f.stepFor(sizes[0])
	if err != nil {
		return err
	}
	f.factors.inputs = inputNames(s.set)
	if f.averages, err = f.newAverages(); err != nil {
		return err
	}
	return f.begin(s.Names())
}

// begin checks what the step does not depend on, and copies the parameters. The names
// are those of the step's numbers.
func (f *fitting) begin(names []string) error {
	if f.means.names != nil && !slices.Equal(f.means.names, names) {
		return fmt.Errorf("the checkpoint has means of %s, the step has the numbers %s", joined(f.means.names), joined(names))
	}
	if f.validation != nil {
		steps, err := f.evalSteps(f.validation)
		if err != nil {
			return fmt.Errorf("%w (Options.Validation)", err)
		}
		for _, s := range steps {
			names = slices.Clone(s.Names())
		}
		if f.averages != nil {
			for _, name := range names {
				names = append(names, averagePrefix+name)
			}
		}
	}
	if f.saver != nil && f.saver.c.Metric != Loss && !slices.Contains(names, f.saver.c.Metric) {
		return fmt.Errorf("Checkpoints.Metric is %q, which is none of the numbers %s", f.saver.c.Metric, joined(names))
	}
	for _, w := range f.o.Params.Trainable() {
		if !stillFinite(w, savedParam{}) {
			return fmt.Errorf("weight %q has a NaN or an infinity before training", w.Name())
		}
	}
	f.run.Total, f.run.Epoch = f.plan.steps, Epoch{Epoch: f.current.Epoch, Extra: f.current.Extra}
	f.backup = backup{params: f.o.Params, minInterval: f.minBackupInterval}
	return f.backup.save(f.batches.Position(), f.started)
}

// stepFor returns the training step for a batch size in the current phase, fed by the
// fields of the samples.
func (f *fitting) stepFor(batch int) (*fedStep, error) {
	k := stepKey{training: true, batch: batch, phase: f.o.phase(f.batches.Position().Epoch)}
	if s := f.bySize[k]; s != nil {
		return s, nil
	}
	s, err := f.trainStep(k.batch, k.phase)
	if err != nil {
		return nil, err
	}
	scheduled, err := scheduledOf(s, f.o.Schedules)
	if err != nil {
		return nil, err
	}
	fed, err := feedFrom(s, f.fields, scheduled)
	if err == nil {
		f.bySize[k] = fed
	}
	return fed, err
}

// close ends the use of the data and of the folder of checkpoints.
func (f *fitting) close() error {
	if f.progress != nil {
		f.progress.close()
	}
	errs := []error{f.evalNet.close(), f.batches.Close(), f.saver.close()}
	if f.averages != nil {
		errs = append(errs, f.averages.Close())
	}
	return errors.Join(errs...)
}

// warn keeps a line for the user, and shows it.
func (f *fitting) warn(line string) {
	f.warnings = append(f.warnings, line)
	if f.progress != nil {
		f.progress.warn(line)
	}
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
