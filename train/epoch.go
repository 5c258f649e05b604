package train

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/stheno-ml/stheno/data"
)

// epoch runs the training step on every batch of one epoch. It reads the numbers of a
// step after it has started the next one.
func (f *fitting) epoch(ctx context.Context) (Epoch, error) {
	at := f.batches.Position().Epoch
	out := Epoch{Epoch: at + 1, Losses: make([]float64, 0, f.batches.PerEpoch())}
	start := time.Now()
	var m means
	done := func(r run, values []float64, err error) error {
		if err != nil {
			return f.atStep(r, err)
		}
		if err := f.checkLosses(r, values); err != nil {
			return err
		}
		out.Losses = append(out.Losses, values[0])
		m.add(r, values)
		f.progress.step(at, values[0])
		return nil
	}
	for {
		if f.backup.due() {
			if err := f.runs.finish(done); err != nil {
				return out, err
			}
			if err := f.renewBackup(); err != nil {
				return out, err
			}
		}
		batch, err := f.batches.Next(ctx)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return out, errors.Join(fmt.Errorf("epoch %d: %w", at+1, err), f.runs.finish(done))
		}
		if err := f.runStep(batch, done); err != nil {
			return out, err
		}
	}
	if err := f.runs.finish(done); err != nil {
		return out, err
	}
	out.Took = time.Since(start)
	out.Steps, out.First = len(out.Losses), out.Losses[0]
	out.Metrics = m.byName()
	out.Loss = out.Metrics[Loss]
	return out, f.recordEpoch()
}

// runStep runs the training step on a batch.
func (f *fitting) runStep(b *data.Batch, done done) error {
	s := f.bySize[b.N]
	r := run{s.Step, b.N, b.Epoch, b.First}
	if b.Epoch == f.firstEpoch {
		if err := s.check(b); err != nil {
			return errors.Join(f.runs.finish(done), f.atStep(r, err))
		}
	}
	step := (b.Epoch-f.firstEpoch)*f.batches.PerEpoch() + b.First/f.o.Batch
	if err := s.schedule(s.set, step, f.o.Epochs*f.batches.PerEpoch()); err != nil {
		return errors.Join(f.runs.finish(done), f.atStep(r, err))
	}
	return f.runs.run(s, b, done)
}

// atStep adds the epoch and the step of a run to an error.
func (f *fitting) atStep(r run, err error) error {
	return fmt.Errorf("epoch %d, step %d: %w", r.epoch+1, r.first/f.o.Batch+1, err)
}

// recordEpoch stores in the parameters how many epochs are complete.
func (f *fitting) recordEpoch() error {
	return f.epochCount.SetFloats([]float64{float64(f.batches.Position().Epoch)})
}
