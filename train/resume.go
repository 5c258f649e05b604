package train

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"

	"github.com/stheno-ml/stheno/checkpoint"
)

// resume restores the training from the newest good checkpoint in the folder, if there
// is one. It comes before any step is built.
func (f *fitting) resume() error {
	c, err := f.found()
	if err == nil && f.o.Checkpoints != nil {
		c, err = f.o.ranks.share(c)
	}
	if err != nil || c.Path == "" {
		return err
	}
	return f.restore(c)
}

// found is the newest good checkpoint in the folder; its path is "" if there is none.
func (f *fitting) found() (c checkpoint.Checkpoint, err error) {
	if f.saver == nil {
		return c, nil
	}
	files, err := f.saver.files(stepFile)
	if err != nil || len(files) == 0 {
		return c, err
	}
	if !f.saver.c.Resume {
		return c, fmt.Errorf("the folder %s has checkpoints of a training, such as %s: set Checkpoints.Resume to go on with it, or choose another folder", f.saver.c.Dir, files[0])
	}
	return f.newest(files)
}

// newest reads the newest file that is not damaged.
func (f *fitting) newest(files []string) (checkpoint.Checkpoint, error) {
	var errs []error
	for _, file := range files {
		c, err := checkpoint.Load(file)
		if err == nil && c.Training == nil {
			err = fmt.Errorf("checkpoint %s: it holds a model, not a training", file)
		}
		if err == nil {
			for _, err := range errs {
				f.warn(fmt.Sprintf("%v: going on from %s instead", err, file))
			}
			return c, nil
		}
		errs = append(errs, err)
	}
	return checkpoint.Checkpoint{}, fmt.Errorf("no checkpoint can be read: %w", errors.Join(errs...))
}

// restore sets parameters, callbacks and the place in the data to those of a
// checkpoint.
func (f *fitting) restore(c checkpoint.Checkpoint) error {
	var s savedState
	if err := json.Unmarshal(c.Training, &s); err != nil {
		return fmt.Errorf("checkpoint %s: the state of the training: %w", c.Path, err)
	}
	if err := s.check(); err != nil {
		return fmt.Errorf("checkpoint %s: %w", c.Path, err)
	}
	if err := f.sameTraining(c, s); err != nil {
		return fmt.Errorf("checkpoint %s: %w", c.Path, err)
	}
	for _, a := range c.Arrays {
		if err := f.o.Params.Start(a.Name, a.Shape, a.Floats()); err != nil {
			return fmt.Errorf("checkpoint %s: %w", c.Path, err)
		}
	}
	if err := f.restoreCallbacks(s.Callbacks); err != nil {
		return fmt.Errorf("checkpoint %s: %w", c.Path, err)
	}
	if err := f.batches.Seek(s.Position); err != nil {
		return fmt.Errorf("checkpoint %s: %w", c.Path, err)
	}
	means, err := s.Means.means()
	if err != nil {
		return fmt.Errorf("checkpoint %s: the state of the training: %w", c.Path, err)
	}
	f.firstEpoch, f.started, f.paused, f.current, f.means = s.FirstEpoch, s.Steps, s.Steps, s.Current.epoch(), means
	f.factors.All, f.stopped, f.stopAt = s.Factors.All, s.Stopped, s.StopAt
	if f.saver != nil {
		f.saver.best = s.Best
	}
	f.skipped, f.history = s.Skipped, nil
	for _, e := range s.History {
		f.history = append(f.history, e.epoch())
	}
	f.run.Steps, f.resumed = f.started, true
	f.run.restoreLast(s.Last)
	f.run.Epoch = Epoch{Epoch: f.current.Epoch, Extra: f.current.Extra}
	return nil
}

func (f *fitting) restoreCallbacks(saved []savedCallback) error {
	all := f.callbacks.stateful()
	if len(all) != len(saved) {
		return fmt.Errorf("%d callbacks with a state, want %d", len(saved), len(all))
	}
	for i, k := range all {
		if v := reflect.ValueOf(k.State()); v.Kind() == reflect.Pointer && !v.IsNil() {
			v.Elem().SetZero()
		}
		if err := json.Unmarshal(saved[i].State, k.State()); err != nil {
			return fmt.Errorf("the state of %T: %w", k, err)
		}
	}
	return nil
}
