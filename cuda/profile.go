//go:build gpu

package cuda

import (
	"errors"
	"time"

	"github.com/stheno-ml/stheno/cuda/internal/driver"
	"github.com/stheno-ml/stheno/vm"
)

// stopwatch times the steps of runs, whose calls are then enqueued one by one:
// a step's time includes the gap before the next call.
type stopwatch struct {
	device *device
	stream *driver.Stream
	marks  []*driver.Event // before each step, and after the last
	at     int             // the current step; -1 before the first
	took   []time.Duration
	failed error
}

func (e *engine[T]) newStopwatch() *stopwatch {
	w := &stopwatch{device: e.device, stream: e.stream, took: make([]time.Duration, len(e.plan.Steps)), at: -1}
	for range len(e.plan.Steps) + 1 {
		m, err := e.device.NewEvent(true)
		if err != nil {
			w.failed = err
			break
		}
		w.marks = append(w.marks, m)
	}
	return w
}

// before marks the beginning of a call's step, and the end of the steps before.
func (w *stopwatch) before(step int) error {
	if w.failed != nil {
		return w.failed
	}
	for w.at < min(step, len(w.took)) {
		w.at++
		if err := w.marks[w.at].Record(w.stream); err != nil {
			return err
		}
	}
	return nil
}

// finish adds up the times of a run.
func (w *stopwatch) finish() error {
	if err := w.before(len(w.took)); err != nil {
		return err
	}
	w.at = -1
	if err := w.stream.Synchronize(); err != nil {
		return err
	}
	for i := range w.took {
		ms, err := w.marks[i].Elapsed(w.marks[i+1])
		if err != nil {
			return err
		}
		w.took[i] += time.Duration(ms * float64(time.Millisecond))
	}
	return nil
}

func (w *stopwatch) close() error {
	var errs []error
	for _, m := range w.marks {
		errs = append(errs, m.Close())
	}
	return errors.Join(errs...)
}

// Profile starts or stops timing the steps.
func (e *engine[T]) Profile(on bool) []time.Duration {
	var took []time.Duration
	if e.profile != nil {
		took = e.profile.took
		e.stream.Synchronize()
		e.profile.close()
		e.profile = nil
	}
	if on {
		e.profile = e.newStopwatch()
	}
	return took
}

// Inner is nil: no step has parts that are timed.
func (e *engine[T]) Inner(int) []vm.StepProfile { return nil }
