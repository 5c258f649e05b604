package train

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/stheno-ml/stheno/data"
)

// epoch runs the training step on every batch of one epoch. The numbers of a step
// are read when the next one has been started.
func (f *fitting) epoch(ctx context.Context) (Epoch, error) {
	at := f.batches.Position().Epoch
	out := Epoch{Epoch: at + 1, Losses: make([]float64, 0, f.batches.PerEpoch())}
	start := time.Now()
	var m means
	done := func(r run, values []float64, err error) error {
		if err != nil {
			return f.where(r, err)
		}
		if err := f.finite(r, values); err != nil {
			return err
		}
		out.Losses = append(out.Losses, values[0])
		m.add(r, values)
		f.show.step(at, values[0])
		return nil
	}
	for {
		if f.backup.due() {
			if err := f.line.finish(done); err != nil {
				return out, err
			}
			if err := f.renew(); err != nil {
				return out, err
			}
		}
		batch, err := f.batches.Next(ctx)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return out, errors.Join(fmt.Errorf("epoch %d: %w", at+1, err), f.line.finish(done))
		}
		if err := f.take(batch, done); err != nil {
			return out, err
		}
	}
	if err := f.line.finish(done); err != nil {
		return out, err
	}
	out.Took = time.Since(start)
	out.Steps, out.First = len(out.Losses), out.Losses[0]
	out.Metrics = m.byName()
	out.Loss = out.Metrics[Loss]
	return out, f.count()
}

// take takes a training step on a batch.
func (f *fitting) take(b *data.Batch, done done) error {
	s := f.bySize[b.N]
	r := run{s.Step, b.N, b.Epoch, b.First}
	if b.Epoch == f.start {
		if err := s.check(b); err != nil {
			return errors.Join(f.line.finish(done), f.where(r, err))
		}
	}
	step := (b.Epoch-f.start)*f.batches.PerEpoch() + b.First/f.o.Batch
	if err := s.schedule(s.set, step, f.o.Epochs*f.batches.PerEpoch()); err != nil {
		return errors.Join(f.line.finish(done), f.where(r, err))
	}
	return f.line.run(s, b, done)
}

// where adds to an error in which step it arose.
func (f *fitting) where(r run, err error) error {
	return fmt.Errorf("epoch %d, step %d: %w", r.epoch+1, r.first/f.o.Batch+1, err)
}

// count notes that an epoch is over.
func (f *fitting) count() error {
	return f.epochs.SetFloats([]float64{float64(f.batches.Position().Epoch)})
}
