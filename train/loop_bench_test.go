package train_test

import (
	"errors"
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

// BenchmarkLoop compares an epoch with the sum of its steps, on the same batches, in
// turn. It reports the time of a step and the epoch's time in units of that sum: "x" as
// it is, "x-callbacks" with all callbacks of loopCallbacks and checkpoints, "x-scaled"
// with samples that are scaled as they are read, and "x-augmented" with images that
// are also turned, shifted and bent.
func BenchmarkLoop(b *testing.B) {
	for _, c := range []struct {
		name  string
		model train.Model
		steps int
	}{{"dense", dense.Config{}, 200}, {"conv", conv.Config{}, 50}} {
		b.Run(c.name, func(b *testing.B) {
			set := loaded(b, 128*c.steps)
			scaler, err := data.FitScaler(set, "x", data.ScaleOptions{Kind: data.MinMax})
			require.NoError(b, err)
			scaled, err := scaler.Apply(set)
			require.NoError(b, err)
			augment := train.Options{Augment: []data.Augmentation{data.Warp{Rotate: 10, Shift: 2, Elastic: 1.4}}}
			var step, plain, all, read, warped []float64
			for b.Loop() {
				raw := sumOfSteps(b, c.model, set)
				step = append(step, raw/float64(c.steps)*1e3)
				plain = append(plain, epochTime(b, c.model, set, train.Options{})/raw)
				all = append(all, epochTime(b, c.model, set, loopCallbacks(b))/raw)
				read = append(read, epochTime(b, c.model, scaled, train.Options{})/raw)
				warped = append(warped, epochTime(b, c.model, scaled, augment)/raw)
			}
			b.ReportMetric(median(step), "ms/step")
			b.ReportMetric(median(plain), "x")
			b.ReportMetric(slices.Min(plain), "x-least")
			b.ReportMetric(median(all), "x-callbacks")
			b.ReportMetric(median(read), "x-scaled")
			b.ReportMetric(median(warped), "x-augmented")
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

// sumOfSteps is the time of an epoch's steps, without reading batches, of three epochs.
func sumOfSteps(b *testing.B, m train.Model, set data.Set) (seconds float64) {
	b.Helper()
	s, err := train.NewTrainStep(m, 128, train.Options{Backend: cpu.Config{}})
	require.NoError(b, err)
	defer s.Close()
	batches, err := data.NewBatches(set, data.BatchOptions{Prefetch: -1})
	require.NoError(b, err)
	defer batches.Close()
	for range 3 * (batches.PerEpoch() + 1) {
		batch, err := batches.Next(b.Context())
		if errors.Is(err, io.EOF) {
			continue
		}
		require.NoError(b, err)
		start := time.Now()
		require.NoError(b, s.Feed("x", batch.Field("x")))
		_, err = s.Run(batch.Epoch, batch.First)
		require.NoError(b, err)
		seconds += time.Since(start).Seconds()
	}
	return seconds / 3
}

// epochTime is the time of one of three epochs of Fit.
func epochTime(b *testing.B, m train.Model, set data.Set, o train.Options) float64 {
	b.Helper()
	o.Backend, o.Batch, o.Epochs = cpu.Config{}, 128, 3
	mark := &marker{}
	o.Callbacks = append(o.Callbacks, mark)
	_, err := train.Fit(b.Context(), m, set, o)
	require.NoError(b, err)
	return time.Since(mark.start).Seconds() / 3
}

// marker notes when the first step starts.
type marker struct {
	train.Base
	start time.Time
}

func (m *marker) Start(*train.Run) error { m.start = time.Now(); return nil }

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
