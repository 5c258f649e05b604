package train_test

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/models/conv"
	"github.com/stheno-ml/stheno/models/dense"
	"github.com/stheno-ml/stheno/train"
)

// BenchmarkLoop compares epochs of trainings with the sum of an epoch's steps, without
// reading batches. The trainings and the bare steps take turns of one epoch, from the
// middle of one to the middle of the next, so that all see the same load of the machine
// and pay for what they do in the background. It reports the time of a step, and for each
// training the median and the least of the ratios to the bare steps before and after it:
// "x" as it is, "x-callbacks" with all callbacks of loopCallbacks and checkpoints,
// "x-scaled" with samples that are scaled as they are read, and "x-augmented" with images
// that are also turned, shifted and bent.
func BenchmarkLoop(b *testing.B) {
	for _, c := range []struct {
		name  string
		model train.Model
		steps int
	}{{"dense", dense.Config{}, 469}, {"conv", conv.Config{}, 50}} {
		b.Run(c.name, func(b *testing.B) {
			set := loaded(b, 128*c.steps)
			scaler, err := data.FitScaler(set, "x", data.ScaleOptions{Kind: data.MinMax})
			require.NoError(b, err)
			scaled, err := scaler.Apply(set)
			require.NoError(b, err)
			augment := train.Options{Augment: []data.Augmentation{data.Warp{Rotate: 10, Shift: 2, Elastic: 1.4}}}
			all := []*shift{
				bareSteps(b, c.model, set, c.steps),
				epochs(b, c.model, set, train.Options{}, c.steps),
				epochs(b, c.model, set, loopCallbacks(b), c.steps),
				epochs(b, c.model, scaled, train.Options{}, c.steps),
				epochs(b, c.model, scaled, augment, c.steps),
			}
			for _, t := range all {
				t.take() // the first epoch compiles, and checks the data
			}
			for b.Loop() {
				for _, t := range all {
					t.seconds = append(t.seconds, t.take())
				}
			}
			all[0].seconds = append(all[0].seconds, all[0].take())
			for _, t := range all {
				t.end()
			}
			bare := all[0].seconds
			b.ReportMetric(median(bare)/float64(c.steps)*1e3, "ms/step")
			for i, name := range []string{"", "x", "x-callbacks", "x-scaled", "x-augmented"} {
				if i == 0 {
					continue
				}
				ratios := make([]float64, b.N)
				for k := range ratios {
					ratios[k] = all[i].seconds[k] / ((bare[k] + bare[k+1]) / 2)
				}
				b.ReportMetric(median(ratios), name)
				b.ReportMetric(slices.Min(ratios), fmt.Sprintf("%s-least", name))
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}

// loaded returns generated digits in memory.
func loaded(b *testing.B, n int) data.Set {
	b.Helper()
	x, err := data.ArrayOf(data.NewDigits(1, n), "x")
	require.NoError(b, err)
	set, err := data.InMemory(x)
	require.NoError(b, err)
	return set
}

// shift is work in a goroutine of its own that goes on only while it is its turn.
type shift struct {
	next    chan bool // whether to go on
	ended   chan struct{}
	seconds []float64 // of the turns
}

// work starts work. It begins with the first turn, and calls pause where a turn may end,
// until that is false.
func work(f func(pause func() bool)) *shift {
	t := &shift{next: make(chan bool), ended: make(chan struct{})}
	go func() {
		defer close(t.ended)
		if <-t.next {
			f(func() bool { t.next <- true; return <-t.next })
		}
	}()
	return t
}

// take gives the work a turn and returns how long it took.
func (t *shift) take() float64 {
	start := time.Now()
	t.next <- true
	<-t.next
	return time.Since(start).Seconds()
}

// end ends the work.
func (t *shift) end() {
	t.next <- false
	<-t.ended
}

// bareSteps runs steps on the batches of a set, and reads each batch in no turn's time.
func bareSteps(b *testing.B, m train.Model, set data.Set, steps int) *shift {
	s, err := train.NewTrainStep(m, 128, train.Options{Backend: cpu.Config{}})
	require.NoError(b, err)
	batches, err := data.NewBatches(set, data.BatchOptions{Prefetch: -1})
	require.NoError(b, err)
	return work(func(pause func() bool) {
		defer s.Close()
		for {
			for range steps {
				batch, err := batches.Next(b.Context())
				if errors.Is(err, io.EOF) {
					batch, err = batches.Next(b.Context())
				}
				require.NoError(b, err)
				require.NoError(b, s.Feed("x", batch.Field("x")))
				_, err = s.Run(batch.Epoch, batch.First)
				require.NoError(b, err)
			}
			if !pause() {
				return
			}
		}
	})
}

// epochs trains without end, with turns from the middle of an epoch to that of the next.
func epochs(b *testing.B, m train.Model, set data.Set, o train.Options, steps int) *shift {
	return work(func(pause func() bool) {
		o.Backend, o.Batch, o.Epochs = cpu.Config{}, 128, 1<<20
		o.Callbacks = append(o.Callbacks, after(func(r *train.Run) error {
			if r.Epoch.Steps == steps/2 && !pause() {
				return errTurnsOver
			}
			return nil
		}))
		_, err := train.Fit(b.Context(), m, set, o)
		require.ErrorIs(b, err, errTurnsOver)
	})
}

var errTurnsOver = errors.New("the turns are over")

// loopCallbacks are options with everything on that follows a training.
func loopCallbacks(b *testing.B) train.Options {
	return train.Options{
		Checkpoints: &train.Checkpoints{Dir: b.TempDir(), EverySteps: 1000},
		Progress:    io.Discard,
		Callbacks: []train.Callback{
			&train.EarlyStopping{}, &train.ReduceOnPlateau{}, &train.Watch{},
			&train.CSVLog{Path: filepath.Join(b.TempDir(), "log.csv"), EverySteps: 10},
			&train.JSONLines{Path: filepath.Join(b.TempDir(), "log.jsonl"), EverySteps: 10},
		},
	}
}

func median(x []float64) float64 {
	x = slices.Sorted(slices.Values(x))
	return x[len(x)/2]
}
