package train

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/stheno-ml/stheno/data"
)

// Evaluate returns the means of the model's losses and metrics over a set. Loss is
// the first task's loss; MSE is present if the model reconstructs its input. Of the
// options it uses Backend, Params, EvalBatch, Scalers and Seed.
func Evaluate(ctx context.Context, m Model, set data.Set, o Options) (map[string]float64, error) {
	t, err := New(m, o)
	if err != nil {
		return nil, err
	}
	defer t.Close()
	return t.Evaluate(ctx, set)
}

// Evaluate returns the means over a set, like the function Evaluate.
func (t *Trainer) Evaluate(ctx context.Context, set data.Set) (map[string]float64, error) {
	if err := t.check(ctx); err != nil {
		return nil, named(err)
	}
	scaled, err := t.o.scaled(set)
	if err != nil {
		return nil, named(err)
	}
	means, err := t.evaluate(ctx, scaled, nil, true)
	return means, named(err)
}

// evalSteps returns the steps that evaluate a set, by batch size.
func (t *Trainer) evalSteps(set data.Set) (map[int]*fedStep, error) {
	if set == nil || set.Len() == 0 {
		return nil, errors.New("the set to evaluate is empty")
	}
	steps := map[int]*fedStep{}
	full := min(t.o.EvalBatch, set.Len())
	for _, n := range []int{full, set.Len() % full} {
		if n == 0 {
			continue
		}
		s, err := t.evalStep(n)
		if err != nil {
			return nil, err
		}
		if steps[n], err = feedFrom(s, set.Fields(), nil); err != nil {
			return nil, err
		}
	}
	return steps, nil
}

// evaluate returns the means over a set, whose samples may be held. If check is set, it
// first checks the values of each batch.
func (t *Trainer) evaluate(ctx context.Context, set data.Set, from held, check bool) (map[string]float64, error) {
	steps, err := t.evalSteps(set)
	if err != nil {
		return nil, err
	}
	var own *ownBatches
	if t.o.ranks != nil {
		if own, err = t.o.ranks.choose(set, t.o.EvalBatch); err != nil {
			return nil, err
		}
		if set = own.set; set == nil {
			return own.means(steps)
		}
	}
	runs := pipeline{held: from}
	batches, err := data.NewBatches(set, data.BatchOptions{Size: t.o.EvalBatch, Help: runs.help, IndicesOnly: from != nil})
	if err != nil {
		return nil, err
	}
	defer batches.Close()
	var m means
	done := func(r run, values []float64, err error) error {
		if err != nil {
			return fmt.Errorf("evaluation, samples %d to %d: %w", r.first, r.first+r.n-1, err)
		}
		if own != nil {
			own.take(r, values)
			return nil
		}
		m.add(r, values)
		return nil
	}
	for {
		batch, err := batches.Next(ctx)
		if errors.Is(err, io.EOF) {
			break
		}
		var s *fedStep
		if err == nil {
			s = steps[batch.N]
			if own != nil {
				batch.First = own.place(batch.First)
			}
			if check {
				err = s.check(batch)
			}
		}
		if err != nil {
			return nil, errors.Join(fmt.Errorf("evaluation: %w", err), runs.finish(done))
		}
		if err := runs.run(s, batch, run{step: s.Step, n: batch.N, epoch: batch.Epoch, first: batch.First}, done); err != nil {
			return nil, errors.Join(err, runs.finish(done))
		}
	}
	if err := runs.finish(done); err != nil {
		return nil, err
	}
	if own != nil {
		return own.means(steps)
	}
	return m.byName(), nil
}

// means accumulates numbers, weighted by samples.
type means struct {
	names []string
	sums  []float64
	n     int
}

func (m *means) add(r run, values []float64) {
	if m.names == nil {
		m.names, m.sums = r.step.Names(), make([]float64, len(values))
	}
	for i, v := range values {
		m.sums[i] += v * float64(r.n)
	}
	m.n += r.n
}

// first is the mean of the first number.
func (m *means) first() float64 { return m.sums[0] / float64(m.n) }

// byName returns the means. The first is also present as Loss.
func (m *means) byName() map[string]float64 {
	out := make(map[string]float64, len(m.names)+1)
	for i, name := range m.names {
		out[name] = m.sums[i] / float64(m.n)
	}
	out[Loss] = m.first()
	return out
}
