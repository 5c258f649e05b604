package train

import (
	"errors"
	"fmt"

	"github.com/stheno-ml/stheno/data"
)

// Skip are steps whose effect was undone, because one of them failed.
type Skip struct {
	From int    `json:"from"` // counted from 1
	To   int    `json:"to"`   // inclusive
	Why  string `json:"why"`
}

// goBack restores the last checkpoint, and goes on after the step that failed.
func (f *fitting) goBack(failed error) error {
	if f.o.Group != nil {
		return fmt.Errorf("%w (several processes that train together do not go back to a checkpoint by themselves: start them again with Checkpoints.Resume)", failed)
	}
	if f.saver == nil {
		return fmt.Errorf("%w (to go back to a checkpoint, set Options.Checkpoints)", failed)
	}
	f.written(true)
	files, err := f.saver.files(stepFile)
	if err != nil {
		return errors.Join(failed, err)
	}
	if len(files) == 0 {
		return fmt.Errorf("%w (there is no checkpoint yet to go back to)", failed)
	}
	c, err := f.newest(files)
	if err != nil {
		return errors.Join(failed, err)
	}
	at, step, skipped := f.batches.Position(), f.started, f.skipped
	if bad := (*NonFinite)(nil); !errors.As(failed, &bad) { // the next batch may have been read as well
		at, step = data.Position{Epoch: f.last.epoch, Next: f.last.first + f.last.n}, f.last.number
	}
	if err := f.restore(c); err != nil {
		return errors.Join(failed, err)
	}
	from := f.started + 1
	if err := f.batches.Seek(at); err != nil {
		return errors.Join(failed, err)
	}
	f.started, f.paused, f.run.Steps = step, step, step
	f.skipped = append(skipped, Skip{from, step, failed.Error()})
	f.warn(fmt.Sprintf("%v: going back to checkpoint %s and skipping steps %d to %d", failed, c.Path, from, step))
	return f.backup.save(f.batches.Position(), f.started)
}
