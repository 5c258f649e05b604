package train

import (
	"context"
	"errors"
	"fmt"

	"github.com/stheno-ml/stheno/checkpoint"
)

// save writes a checkpoint of the training. No run may be in flight. If it cannot be
// written, the user is told, and the next attempt comes when the next checkpoint is due.
func (f *fitting) save() {
	if f.saver == nil || f.saver.ended {
		return
	}
	c, err := f.checkpoint()
	if err == nil {
		err = f.saver.write(c, f.started)
	}
	if err != nil {
		f.saver.failed = err
		f.warn(fmt.Sprintf("no checkpoint after step %d: %v: training goes on", f.started, err))
	}
}

// saveLast writes the checkpoint that a training goes on from after its time was up: before
// its epoch is cut short, and before callbacks end it.
func (f *fitting) saveLast() error {
	if f.saver == nil || f.saver.ended {
		return nil
	}
	if err := f.checkParams(); err != nil {
		return err
	}
	f.save()
	f.saver.ended = true
	return nil
}

// saveBest writes a checkpoint of the epoch just completed if it is among the best.
func (f *fitting) saveBest(e Epoch) {
	if f.saver == nil || f.saver.ended || !f.saver.improve(e, f.started) {
		return
	}
	c, err := f.checkpoint()
	if err == nil {
		err = f.saver.writeBest(c, f.started)
	}
	if err != nil {
		f.warn(fmt.Sprintf("no checkpoint of epoch %d, which is among the best: %v: training goes on", e.Epoch, err))
	}
}

// saveAfter writes a checkpoint after training failed. After an interruption, or an
// error in reading data, training can go on from it. After other errors, the state of
// callbacks need not be that of the parameters; the file then holds the model only, as
// it was before the failing step.
func (f *fitting) saveAfter(failed error) {
	if f.saver == nil {
		return
	}
	if f.consistent {
		f.save()
		if f.saver.failed == nil {
			f.warn(fmt.Sprintf("training ended after step %d; to go on, train again with Checkpoints.Resume: %s", f.started, f.saver.path(stepFile, f.started)))
		}
		return
	}
	path := f.saver.path(errorFile, max(0, f.started-1))
	c, err := f.o.weights(f.model)
	if err == nil {
		err = checkpoint.Save(path, c)
	}
	if err != nil {
		f.warn(fmt.Sprintf("the model could not be saved after the error: %v", err))
		return
	}
	f.warn("the model as it was before the error: " + path)
}

// interrupted reports whether an error came between two steps: the context ended, or
// the next batch could not be read.
func interrupted(ctx context.Context, err error) bool {
	var bad *NonFinite
	return !errors.As(err, &bad) && (ctx.Err() != nil || errors.As(err, new(readFailed)))
}

// readFailed is an error in reading the next batch.
type readFailed struct{ error }

// Unwrap returns the error of the data.
func (r readFailed) Unwrap() error { return r.error }
