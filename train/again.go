package train

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/stheno-ml/stheno/data"
)

// A step whose loss is a NaN has spoilt the weights by then, and so may have the
// one before it. Training then goes back to the last copy of the parameters and
// takes the same steps again, one at a time, and each is kept only if it leaves
// nothing but finite numbers.

// finite is an error unless the losses of a run are finite.
func (f *fitting) finite(r run, values []float64) error {
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

// sound is an error unless the parameters are finite. No run may be in flight.
func (f *fitting) sound() error {
	param, err := f.backup.broken()
	if err == nil && param != "" {
		at := f.batches.Position()
		return f.nonFinite(run{epoch: at.Epoch, first: at.Next}, "", 0, param)
	}
	return err
}

// renew copies the parameters, if they are finite. No run may be in flight.
func (f *fitting) renew() error {
	start := time.Now()
	if err := f.sound(); err != nil {
		return err
	}
	err := f.backup.take(f.batches.Position())
	f.backup.took = time.Since(start)
	return err
}

// mend sees to it that the parameters are finite after a training ended by an
// error, and returns the error with which step is to blame, if one is.
func (f *fitting) mend(ctx context.Context, failed error) error {
	ignore := func(run, []float64, error) error { return nil }
	_ = f.line.finish(ignore) // of a run after the one that failed
	if bad := (*NonFinite)(nil); errors.As(failed, &bad) {
		return f.again(ctx, bad)
	}
	if bad := (*NonFinite)(nil); errors.As(f.sound(), &bad) {
		return errors.Join(failed, f.again(context.WithoutCancel(ctx), bad))
	}
	return failed
}

// again goes back to the last copy and takes the steps to here again, one at a
// time. It returns an error that names the one that fails; the parameters are then
// as before it.
func (f *fitting) again(ctx context.Context, seen *NonFinite) error {
	until := f.batches.Position()
	if err := f.backup.restore(); err != nil {
		return errors.Join(seen, err)
	}
	if err := f.batches.Seek(f.backup.at); err != nil {
		return errors.Join(seen, err)
	}
	for before(f.batches.Position(), until) {
		batch, err := f.batches.Next(ctx)
		if errors.Is(err, io.EOF) {
			err = f.count()
		} else if err == nil {
			err = f.alone(batch)
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

// alone takes one step, which it takes back if it does not leave all finite.
func (f *fitting) alone(b *data.Batch) error {
	if err := f.backup.take(f.batches.Position()); err != nil {
		return err
	}
	var bad *NonFinite
	check := func(r run, values []float64, err error) error {
		if err != nil {
			return f.where(r, err)
		}
		param, err := f.backup.broken()
		if err != nil {
			return err
		}
		if err := f.finite(r, values); errors.As(err, &bad) {
			bad.Param = param
		} else if param != "" {
			bad = f.nonFinite(r, "", values[0], param)
		}
		return nil
	}
	err := f.take(b, check)
	if err == nil {
		err = f.line.finish(check)
	}
	if err == nil && bad != nil {
		err = bad
	}
	if err != nil {
		return errors.Join(err, f.backup.restore())
	}
	return nil
}

// before tells whether a place in the batches comes before another.
func before(a, b data.Position) bool {
	return a.Epoch < b.Epoch || a.Epoch == b.Epoch && a.Next < b.Next
}
