package main

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"runtime/metrics"
	"slices"
	"time"

	"github.com/stheno-ml/stheno/data"
)

// timed is a session with its measurements.
type timed struct {
	*session
	took   []time.Duration
	losses []float64     // of every step, including warm-up
	total  time.Duration // sum of took
	allocs uint64
	peak   uint64 // bytes
	// ownTurn is set for a session on a GPU. Other work on the processor hardly
	// disturbs it, and the GPU would reduce its clock between turns. So it runs all
	// its steps in one turn, until they have taken minTime in total.
	ownTurn bool
	minTime time.Duration
}

// warmSteps run before timing starts: the first one fills caches.
const warmSteps = 2

// prepare warms a session up, and measures the memory that building and running took
// in addition to before.
func prepare(ctx context.Context, s *session, x [][]float32, before uint64) (*timed, error) {
	t := &timed{session: s}
	for i := range warmSteps {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := t.run(x, i); err != nil {
			return nil, err
		}
		if used := heap(); used > before {
			t.peak = max(t.peak, used-before)
		}
	}
	return t, nil
}

func (t *timed) run(x [][]float32, i int) error {
	loss, err := t.step(x[i%len(x)], i*len(x[0]))
	if err == nil {
		t.losses = append(t.losses, loss)
	}
	return err
}

// stepsPerTurn is the number of steps that a session runs in one turn, one after the
// other as in training.
const stepsPerTurn = 5

// timeLimit ends a session's timed steps, but not before it has minSteps of them,
// which are enough for a median.
const (
	timeLimit = 90 * time.Second
	minSteps  = 3
)

// maxSteps is the maximum number of timed steps of a session with a turn of its own.
const maxSteps = 5000

// race times steps of the sessions in turns of some steps, so that other work on the
// machine affects all of them alike. A session that exceeds timeLimit gets no more
// turns.
func race(ctx context.Context, ts []*timed, steps int, x [][]float32, tick func()) error {
	for done := 0; done < steps; done += stepsPerTurn {
		for _, t := range ts {
			n := min(stepsPerTurn, steps-done)
			if t.ownTurn && done > 0 {
				continue
			}
			if t.ownTurn {
				n = steps
			}
			if err := t.turn(ctx, done, n, x, tick); err != nil {
				return err
			}
		}
	}
	return nil
}

// turn times n steps, after done steps that are already timed. The garbage of other
// sessions is collected before the clock starts.
func (t *timed) turn(ctx context.Context, done, n int, x [][]float32, tick func()) error {
	t.took, t.losses = slices.Grow(t.took, n), slices.Grow(t.losses, n) // not while steps are timed
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for i := 0; i < n || t.total < t.minTime && i < maxSteps; i++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		if i < n {
			tick()
		}
		if t.total > timeLimit && len(t.took) >= minSteps {
			continue
		}
		start := time.Now()
		if err := t.run(x, warmSteps+done+i); err != nil {
			return err
		}
		took := time.Since(start)
		t.took, t.total = append(t.took, took), t.total+took
	}
	runtime.ReadMemStats(&after)
	t.allocs += after.Mallocs - before.Mallocs
	return nil
}

// median returns the median step time.
func (t *timed) median() time.Duration { return median(t.took) }

func median(took []time.Duration) time.Duration {
	s := slices.Sorted(slices.Values(took))
	if len(s)%2 == 1 {
		return s[len(s)/2]
	}
	return (s[len(s)/2-1] + s[len(s)/2]) / 2
}

// heap returns the bytes of the heap's objects, including garbage that is not yet
// collected.
func heap() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// readBatches reads up to n full batches of a set into memory.
func readBatches(ctx context.Context, set data.Set, batch, n int, seed uint64) ([][]float32, error) {
	if set.Len() < batch {
		return nil, fmt.Errorf("the training set has %d samples, fewer than a batch of %d", set.Len(), batch)
	}
	b, err := data.NewBatches(set, data.BatchOptions{Size: batch, Seed: seed, Shuffle: true, DropLast: true})
	if err != nil {
		return nil, err
	}
	defer b.Close()
	var out [][]float32
	for len(out) < n {
		x, err := b.Next(ctx)
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		out = append(out, slices.Clone(x.Field("x")))
	}
	return out, nil
}
