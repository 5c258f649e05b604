package train

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/stheno-ml/stheno/checkpoint"
)

// writing is a checkpoint that is written while training goes on: first among the best, if
// it is to be there, because the other one says that it is.
type writing struct {
	step, epoch    int
	best, usual    bool  // which are written
	noBest, noStep error // why they were not; to be read after done
	done           chan struct{}
}

// begin copies a checkpoint and starts to write it. None is being written.
func (s *saver) begin(c checkpoint.Checkpoint, w *writing) error {
	if err := s.copy.Take(c); err != nil {
		return err
	}
	var keep []string
	for _, b := range s.best {
		keep = append(keep, s.path(bestFile, b.Step))
	}
	w.done, s.writing = make(chan struct{}), w
	go func() {
		defer close(w.done)
		if w.best {
			w.noBest = s.write(bestFile, w.step, func(files []string) []string {
				return slices.DeleteFunc(files, func(f string) bool { return slices.Contains(keep, f) })
			})
		}
		if w.usual {
			w.noStep = s.write(stepFile, w.step, func(files []string) []string { return files[min(s.c.Keep, len(files)):] })
		}
	}()
	return nil
}

// write writes the copy, and removes those files of its kind that are old.
func (s *saver) write(prefix string, step int, old func(files []string) []string) error {
	if err := s.copy.Save(s.path(prefix, step)); err != nil {
		return err
	}
	files, err := s.files(prefix)
	if err != nil {
		return err
	}
	for _, f := range old(files) {
		err = errors.Join(err, os.Remove(f))
	}
	return err
}

// write copies a checkpoint of the training and starts to write it. No run may be in
// flight. If it cannot be written, the user is told, and the next attempt comes when the
// next checkpoint is due.
func (f *fitting) write(w *writing) {
	f.written(true)
	if w.usual {
		f.saver.last = time.Now()
	}
	c, err := f.checkpoint()
	if err == nil {
		err = f.saver.begin(c, w)
	}
	if err != nil {
		w.noBest, w.noStep = err, err
		f.report(w)
	}
}

// written reports the checkpoint that was being written, and waits for it if wait is set.
func (f *fitting) written(wait bool) {
	if f.saver == nil || f.saver.writing == nil {
		return
	}
	w := f.saver.writing
	if !wait {
		select {
		case <-w.done:
		default:
			return
		}
	}
	<-w.done
	f.saver.writing = nil
	f.report(w)
}

func (f *fitting) report(w *writing) {
	if w.best && w.noBest != nil {
		f.warn(fmt.Sprintf("no checkpoint of epoch %d, which is among the best: %v: training goes on", w.epoch, w.noBest))
	}
	if !w.usual {
		return
	}
	if f.saver.failed = w.noStep; w.noStep != nil {
		f.warn(fmt.Sprintf("no checkpoint after step %d: %v: training goes on", w.step, w.noStep))
	}
}
