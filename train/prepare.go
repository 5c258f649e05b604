package train

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/stheno-ml/stheno/data"
)

// onSet prepares a training on a set.
func (t *Trainer) onSet(ctx context.Context, set data.Set) (*fitting, error) {
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
	if t.o.Group != nil {
		order.Part = t.o.ownSamples
	}
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
	f, err := t.fitting(validation, fmt.Sprintf("%s, shuffled: %t", samples, order.Shuffle), order, func(o data.BatchOptions) (*data.Batches, error) {
		return data.NewBatches(scaled, o)
	})
	if err != nil {
		return nil, err
	}
	sizes := []int{min(t.o.Batch, set.Len())}
	if last := set.Len() % t.o.Batch; last > 0 && last < sizes[0] && !t.o.DropLast {
		sizes = append(sizes, last)
	}
	if f, err = f.prepared(set.Len(), sizes); err != nil {
		return nil, err
	}
	if t.o.Group != nil {
		if f.someSamples, err = hashOf(scaled); err != nil {
			return nil, errors.Join(err, f.close())
		}
		return f, nil
	}
	if err := f.hold(ctx, scaled, order, sizes); err != nil {
		return nil, errors.Join(err, f.close())
	}
	return f, nil
}

// onStream prepares a training on a stream.
func (t *Trainer) onStream(stream data.Stream) (*fitting, error) {
	if t.o.Overfit > 0 || t.o.ValidationSplit != nil || t.o.Group != nil {
		return nil, errors.New("Options.Overfit, ValidationSplit and Group need a set, not a stream")
	}
	stream, err := t.o.scaledStream(stream)
	if err != nil {
		return nil, err
	}
	validation, err := t.o.scaled(t.o.Validation)
	if err != nil {
		return nil, fmt.Errorf("validation: %w", err)
	}
	order := data.BatchOptions{Size: t.o.Batch, Seed: t.o.Seed, DropLast: t.o.DropLast, Augment: t.o.Augment}
	f, err := t.fitting(validation, "a stream", order, func(o data.BatchOptions) (*data.Batches, error) {
		return data.NewStreamBatches(stream, o)
	})
	if err != nil {
		return nil, err
	}
	return f.prepared(0, []int{t.o.Batch})
}

// fitting returns a training on the batches that open returns.
func (t *Trainer) fitting(validation data.Set, samples string, order data.BatchOptions, open func(data.BatchOptions) (*data.Batches, error)) (f *fitting, err error) {
	f = &fitting{Trainer: t, samples: samples, bySize: map[stepKey]*fedStep{}, validation: validation}
	f.run = &Run{f: f}
	order.Help = f.runs.help
	if f.batches, err = open(order); err != nil {
		return nil, err
	}
	f.fields = f.batches.Fields()
	if f.validation != nil && t.o.DryRun > 0 {
		f.validation = data.Limit(f.validation, t.o.DryRun*t.o.EvalBatch)
	}
	return f, nil
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
	all := f.o.ranks.reporters(f.o.Callbacks)
	if f.o.Progress != nil && f.o.ranks.writes() {
		f.progress = newProgress(f.o.Progress)
		all = append(all, f.progress)
	}
	if f.callbacks, err = newCallbacks(all); err != nil {
		return err
	}
	if f.o.ranks.writes() {
		if f.saver, err = newSaver(f.o.Checkpoints); err != nil {
			return err
		}
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
	errs := []error{f.evalNet.close(), f.batches.Close(), f.saver.close(), f.runs.held.close(), f.heldValidation.close()}
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
