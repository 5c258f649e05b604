package train

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
)

// input is the field of a set that the net's input is fed with.
const input = "x"

// Result is what training came to.
type Result struct {
	Params *graph.Params
	Epochs []Epoch
}

// Fit trains the model on the training set and evaluates it on the test set,
// which may be nil, after every epoch. When the context is cancelled it
// finishes the step under way and returns the result so far with an error that
// wraps the context's.
func Fit(ctx context.Context, m Model, training, test data.Set, o Options) (*Result, error) {
	t, err := New(m, o)
	if err != nil {
		return nil, err
	}
	defer t.Close()
	return t.Fit(ctx, training, test)
}

// Fit trains for Options.Epochs epochs, as the function Fit does.
func (t *Trainer) Fit(ctx context.Context, training, test data.Set) (*Result, error) {
	r := &Result{Params: t.o.Params}
	if err := t.usable(ctx); err != nil {
		return r, err
	}
	if training == nil || training.Len() == 0 {
		return r, errors.New("train: the training set is empty")
	}
	batches, err := data.NewBatches(training, data.BatchOptions{Size: t.o.Batch, Seed: t.o.Seed, Shuffle: true, DropLast: t.o.DropLast})
	if err != nil {
		return r, err
	}
	defer batches.Close()
	if _, err := data.FieldOf(training, input); err != nil {
		return r, fmt.Errorf("train: the training set: %w", err)
	}
	show := newProgress(t.o.Progress, t.o.Name, t.o.Epochs, batches.PerEpoch())
	defer show.close()
	for e := range t.o.Epochs {
		epoch, err := t.epoch(ctx, batches, e, show)
		if err != nil {
			return r, err
		}
		if test != nil {
			if epoch.Test, err = t.Evaluate(ctx, test); err != nil {
				return r, err
			}
		}
		r.Epochs = append(r.Epochs, epoch)
		show.epoch(epoch)
		if t.o.OnEpoch != nil {
			if err := t.o.OnEpoch(epoch); err != nil {
				return r, err
			}
		}
	}
	return r, nil
}

// epoch runs the training step on every batch of one epoch. The scalars of a
// step are read when the next one has been started.
func (t *Trainer) epoch(ctx context.Context, batches *data.Batches, e int, show *progress) (Epoch, error) {
	out := Epoch{Epoch: e + 1}
	start := time.Now()
	var m means
	done := func(s Runner, n int, values []float64, err error) error {
		if err != nil {
			return fmt.Errorf("train: epoch %d, step %d: %w", e+1, out.Steps+1, err)
		}
		if err := finite(values[0], e, out.Steps); err != nil {
			return err
		}
		if out.Steps == 0 {
			out.First = values[0]
		}
		out.Steps++
		out.Losses = append(out.Losses, values[0])
		m.add(s, values, n)
		show.step(e, values[0])
		return nil
	}
	var line pipeline
	for {
		batch, err := batches.Next(ctx)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return out, errors.Join(fmt.Errorf("train: epoch %d: %w", e+1, err), line.finish(done))
		}
		s, err := t.steps.Train(batch.N)
		if err != nil {
			return out, errors.Join(err, line.finish(done))
		}
		if err := line.run(s, batch.N, batch.Field(input), e, batch.First, done); err != nil {
			return out, err
		}
	}
	if err := line.finish(done); err != nil {
		return out, err
	}
	out.Took = time.Since(start)
	out.Metrics = m.byName()
	out.Loss = m.sums[0] / float64(m.n)
	return out, nil
}
