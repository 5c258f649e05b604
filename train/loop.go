package train

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/stheno-ml/stheno/data"
)

// loop trains epoch after epoch until a limit is reached.
func (f *fitting) loop(ctx context.Context) error {
	for f.completed() || f.reached() == "" {
		err := f.epoch(ctx)
		if err == nil {
			continue
		}
		f.consistent = interrupted(ctx, err)
		if err = f.rollBack(ctx, err); f.consistent || ctx.Err() != nil || !f.callbacks.rewinds(f.run, err) {
			return err
		}
		if err := f.goBack(err); err != nil {
			return err
		}
	}
	return nil
}

// epoch runs the training step on the remaining batches of an epoch and completes it.
// It reads the numbers of a step after it has started the next one.
func (f *fitting) epoch(ctx context.Context) error {
	start, done := time.Now(), f.done
	for !f.completed() && f.reached() == "" {
		f.written(false)
		if f.pause() {
			if err := f.betweenSteps(); err != nil {
				return err
			}
		}
		batch, err := f.batches.Next(ctx)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			if late := f.runs.finish(done); late != nil {
				return errors.Join(fmt.Errorf("epoch %d: %w", f.batches.Position().Epoch+1, err), late)
			}
			return readFailed{fmt.Errorf("epoch %d: %w", f.batches.Position().Epoch+1, err)}
		}
		if err := f.runStep(batch, done); err != nil {
			return err
		}
	}
	if err := f.runs.finish(done); err != nil {
		return err
	}
	f.current.Took += time.Since(start)
	if f.reached() == timeIsUp {
		if err := f.saveLast(); err != nil {
			return err
		}
	}
	if err := f.closeEpoch(ctx); err != nil {
		return err
	}
	if f.current.Steps == 0 { // all its steps were skipped
		f.current.Epoch = f.batches.Position().Epoch + 1
		f.run.Epoch = Epoch{Epoch: f.current.Epoch}
		return f.recordEpoch()
	}
	return f.endEpoch(ctx)
}

// completed reports whether all steps of the current epoch are done, but its evaluation
// is not.
func (f *fitting) completed() bool {
	return f.current.Steps > 0 && f.batches.Position().Epoch >= f.current.Epoch
}

// closeEpoch goes on to the next epoch if a limit was reached after the last batch.
func (f *fitting) closeEpoch(ctx context.Context) error {
	at, per := f.batches.Position(), f.batches.PerEpoch()
	if f.completed() || per == 0 || (at.Next+f.o.Batch-1)/f.o.Batch < per {
		return nil
	}
	if _, err := f.batches.Next(context.WithoutCancel(ctx)); !errors.Is(err, io.EOF) {
		return fmt.Errorf("epoch %d: %w", at.Epoch+1, cmp.Or(err, errLongEpoch))
	}
	return nil
}

var errLongEpoch = errors.New("there is a batch after the last one")

// pause reports whether there is something to do after the steps that were started,
// before the next one starts.
func (f *fitting) pause() bool {
	return f.started > f.paused && (f.callbacks.pause(f.started) || f.saver.due(f.started)) || f.backup.due()
}

// betweenSteps completes the step in flight. It then copies the parameters and writes a
// checkpoint, where that is due.
func (f *fitting) betweenSteps() error {
	if err := f.runs.finish(f.done); err != nil {
		return err
	}
	due := f.started > f.paused
	f.paused = f.started
	// A callback may have changed parameters: replaying steps from the copy would then not lead here.
	if due && f.callbacks.pause(f.started) || f.backup.due() {
		if err := f.renewBackup(); err != nil {
			return err
		}
	}
	if due && f.saver.due(f.started) {
		if err := f.checkParams(); err != nil {
			return err
		}
		f.save()
	}
	return nil
}

// done accounts for a step that ended.
func (f *fitting) done(r run, values []float64, err error) error {
	if err != nil {
		f.last = r
		return f.atStep(r, err)
	}
	if err := f.checkLosses(r, values); err != nil {
		return err
	}
	f.account(r, values)
	f.last, f.run.ahead = r, 1
	return f.callbacks.step(f.run)
}

// account adds the numbers of a step to the epoch's.
func (f *fitting) account(r run, values []float64) {
	e := &f.current
	if e.Steps == 0 {
		e.First = values[0]
	}
	e.Losses = append(e.Losses, values[0])
	e.Steps++
	f.means.add(r, values)
	f.run.Steps, f.run.Values, f.run.Samples, f.run.names = r.number, values, r.n, r.step.Names()
	f.run.scalars = append(f.run.scalars[:0], r.scalars...)
	f.run.Epoch.Epoch, f.run.Epoch.Steps, f.run.Epoch.Loss = e.Epoch, e.Steps, f.means.first()
}

// endEpoch evaluates the model, and calls the callbacks.
func (f *fitting) endEpoch(ctx context.Context) error {
	e := &f.current
	e.Metrics = f.means.byName()
	e.Loss = e.Metrics[Loss]
	e.Extra = f.run.Epoch.Extra
	e.Partial = f.batches.Position().Epoch < e.Epoch
	if err := f.recordEpoch(); err != nil {
		return err
	}
	if f.validation != nil || len(f.callbacks.all) > 0 || f.saver.dueAfterEpoch(len(f.history)+1) || f.reached() != "" {
		if err := f.checkParams(); err != nil {
			return err
		}
	}
	if f.validation != nil {
		var err error
		if e.Validation, err = f.validate(ctx); err != nil {
			return err
		}
		f.evaluated = true
	}
	f.history = append(f.history, *e)
	if err := f.sameWeights(); err != nil {
		return err
	}
	f.run.Epoch, f.run.ahead, f.paused = *e, 0, f.started
	f.current, f.means = Epoch{Epoch: f.batches.Position().Epoch + 1}, means{}
	before := versions(f.o.Params)
	err := f.callbacks.epoch(f.run)
	f.history[len(f.history)-1].Extra = f.run.Epoch.Extra
	if err != nil {
		return err
	}
	f.run.Epoch = Epoch{Epoch: f.current.Epoch}
	if versions(f.o.Params) != before { // replaying steps from the copy would not lead here
		if err := f.renewBackup(); err != nil {
			return err
		}
	}
	f.saveEpoch(f.history[len(f.history)-1])
	return nil
}

// runStep runs the training step on a batch.
func (f *fitting) runStep(b *data.Batch, done done) error {
	f.started++
	r := run{number: f.started, n: b.Whole, epoch: b.Epoch, first: b.First}
	s, err := f.stepFor(b.Whole)
	if err == nil && b.Epoch == f.checkedEpoch {
		err = s.check(b)
	}
	if err == nil {
		at := &f.scalars[f.started%len(f.scalars)]
		*at, err = scalarsAt(*at, s.set, &f.factors, f.started-1, f.plan.steps)
		r.scalars = *at
	}
	for _, v := range r.scalars {
		if err == nil {
			err = s.setScalar(v)
		}
	}
	if err != nil {
		return errors.Join(f.runs.finish(done), f.atStep(r, err))
	}
	r.step = s.Step
	return f.runs.run(s, b, r, done)
}

// atStep adds the epoch and the step of a run to an error.
func (f *fitting) atStep(r run, err error) error {
	return fmt.Errorf("epoch %d, step %d: %w", r.epoch+1, r.first/f.o.Batch+1, err)
}

// recordEpoch stores in the parameters how many epochs are complete.
func (f *fitting) recordEpoch() error {
	return f.epochCount.SetFloats([]float64{float64(f.batches.Position().Epoch)})
}
