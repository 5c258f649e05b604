package train

import (
	"context"
	"errors"
	"fmt"

	"github.com/stheno-ml/stheno/checkpoint"
)

// save starts to write a checkpoint of the training. No run may be in flight.
func (f *fitting) save() {
	if f.saver != nil && !f.saver.ended {
		f.write(&writing{step: f.started, usual: true})
	}
}

// saveEpoch starts to write a checkpoint of the epoch just completed if one is due, or if
// the epoch is among the best.
func (f *fitting) saveEpoch(e Epoch) {
	if f.saver == nil || f.saver.ended {
		return
	}
	w := &writing{step: f.started, epoch: e.Epoch, best: f.saver.improve(e, f.started), usual: f.saver.dueAfterEpoch(len(f.history))}
	if w.best || w.usual {
		f.write(w)
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
		f.written(true)
		if f.saver.failed == nil {
			f.warn(fmt.Sprintf("training ended after step %d; to go on, train again with Checkpoints.Resume: %s", f.started, f.saver.path(stepFile, f.started)))
		}
		return
	}
	f.written(true)
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
