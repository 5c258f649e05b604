package train

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/stheno-ml/stheno/data"
)

// By the time a loss is NaN, that step or the one before it may have spoilt the
// weights. Training then rolls the parameters back to the last copy and replays the
// steps from there, one at a time. It keeps each step only if it leaves finite
// numbers.

// checkLosses returns an error unless the losses of a run are finite.
func (f *fitting) checkLosses(r run, values []float64) error {
	for i, v := range r.step.scalars {
		if v.loss && !finite(values[i]) {
			return f.nonFinite(r, v.name, values[i], "")
		}
	}
	return nil
}

func (f *fitting) nonFinite(r run, task string, loss float64, param string) *NonFinite {
	return &NonFinite{Epoch: r.epoch + 1, Step: r.first/f.o.Batch + 1, Task: task, Loss: loss, Param: param}
}

// checkParams returns an error unless the parameters are finite. No run may be in
// flight.
func (f *fitting) checkParams() error {
	param, err := f.backup.firstNonFinite()
	if err == nil && param != "" {
		at := f.batches.Position()
		return f.nonFinite(run{epoch: at.Epoch, first: at.Next}, "", 0, param)
	}
	return err
}

// renewBackup copies the parameters if they are finite. No run may be in flight.
func (f *fitting) renewBackup() error {
	start := time.Now()
	if err := f.checkParams(); err != nil {
		return err
	}
	err := f.backup.save(f.batches.Position(), f.started)
	f.backup.took = time.Since(start)
	return err
}

// rollBack makes the parameters finite again after training failed. It returns the
// error, with the step that caused it where there is one.
func (f *fitting) rollBack(ctx context.Context, failed error) error {
	ignore := func(run, []float64, error) error { return nil }
	_ = f.runs.finish(ignore) // a run after the one that failed
	if f.o.Group != nil {
		return f.rollBackAlone(failed)
	}
	if bad := (*NonFinite)(nil); errors.As(failed, &bad) {
		return f.replay(ctx, bad)
	}
	if bad := (*NonFinite)(nil); errors.As(f.checkParams(), &bad) {
		f.consistent = false
		return errors.Join(failed, f.replay(context.WithoutCancel(ctx), bad))
	}
	return failed
}

// rollBackAlone goes back to the last copy if the parameters are not finite. Steps cannot be
// repeated without the other ranks, which may have copies of other steps.
func (f *fitting) rollBackAlone(failed error) error {
	var bad *NonFinite
	if !errors.As(failed, &bad) && !errors.As(f.checkParams(), &bad) {
		return failed
	}
	f.consistent = false
	return errors.Join(failed, f.backup.restore())
}

// replay goes back to the last copy and takes the steps since then again, one at a
// time. The error it returns names the step that fails. The parameters are then as
// they were before it.
func (f *fitting) replay(ctx context.Context, seen *NonFinite) error {
	until := f.batches.Position()
	if err := f.backup.restore(); err != nil {
		return errors.Join(seen, err)
	}
	f.started = f.backup.steps
	if err := f.batches.Seek(f.backup.at); err != nil {
		return errors.Join(seen, err)
	}
	for earlier(f.batches.Position(), until) {
		batch, err := f.batches.Next(ctx)
		if errors.Is(err, io.EOF) {
			err = f.recordEpoch()
		} else if err == nil {
			err = f.tryStep(batch)
		}
		if bad := (*NonFinite)(nil); err != nil && !errors.As(err, &bad) {
			err = errors.Join(seen, err)
		}
		if err != nil {
			return err
		}
	}
	seen.Passed = true
	return seen
}

// tryStep takes one step and rolls it back unless all losses and parameters are
// finite after it.
func (f *fitting) tryStep(b *data.Batch) error {
	if err := f.backup.save(f.batches.Position(), f.started); err != nil {
		return err
	}
	var bad *NonFinite
	check := func(r run, values []float64, err error) error {
		if err != nil {
			return f.atStep(r, err)
		}
		param, err := f.backup.firstNonFinite()
		if err != nil {
			return err
		}
		if err := f.checkLosses(r, values); errors.As(err, &bad) {
			bad.Param = param
		} else if param != "" {
			bad = f.nonFinite(r, "", values[0], param)
		}
		return nil
	}
	err := f.runStep(b, check)
	if err == nil {
		err = f.runs.finish(check)
	}
	if err == nil && bad != nil {
		err = bad
	}
	if err != nil {
		return errors.Join(err, f.backup.restore())
	}
	return nil
}

// earlier reports whether batch position a comes before b.
func earlier(a, b data.Position) bool {
	return a.Epoch < b.Epoch || a.Epoch == b.Epoch && a.Next < b.Next
}
