package train_test

import (
	"io"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/train"
)

// meter measures the memory after some steps.
type meter struct {
	train.Base
	t        *testing.T
	at       []int
	heap     []uint64 // bytes in use
	resident []int    // bytes of the process in memory; nil where the system does not say
}

func (m *meter) Step(r *train.Run) error {
	if len(m.heap) == len(m.at) || r.Steps != m.at[len(m.heap)] {
		return nil
	}
	runtime.GC()
	var s runtime.MemStats
	runtime.ReadMemStats(&s)
	m.heap = append(m.heap, s.HeapInuse)
	if text, err := os.ReadFile("/proc/self/statm"); err == nil {
		pages, err := strconv.Atoi(strings.Fields(string(text))[1])
		require.NoError(m.t, err)
		m.resident = append(m.resident, pages*os.Getpagesize())
	}
	return nil
}

func (m *meter) requireNoGrowth(bytes int) {
	require.Len(m.t, m.heap, 2)
	m.t.Logf("heap %d to %d bytes, resident %v", m.heap[0], m.heap[1], m.resident)
	require.Less(m.t, int(m.heap[1])-int(m.heap[0]), bytes, "bytes of the heap")
	if m.resident != nil {
		require.Less(m.t, m.resident[1]-m.resident[0], 8*bytes, "bytes of the process")
	}
}

func TestTenThousandStepsGrowNoMemory(t *testing.T) {
	m := &meter{t: t, at: []int{1000, 10000}}
	o := train.Options{Backend: cpu.Config{}, Steps: 10000, Batch: 8, Validation: points{n: 16}, Callbacks: []train.Callback{m},
		Checkpoints: &train.Checkpoints{Dir: t.TempDir(), EverySteps: 1000, EveryEpochs: -1}}
	_, err := train.Fit(t.Context(), narrow{noise: 0.1}, points{n: 800}, o)
	require.NoError(t, err)
	m.requireNoGrowth(1 << 20)
}

func TestAMillionStreamedSamplesTakeLessMemoryThanTheyWouldFill(t *testing.T) {
	const samples = 1_000_000
	stream := data.FromFunc([]data.Field{{Name: "x", Shape: []int{12}}}, func(int) (func([][]float32) error, error) {
		i := 0
		return func(to [][]float32) error {
			if i == samples {
				return io.EOF
			}
			for k := range to[0] {
				to[0][k] = float32((i*7+k*k)%31) / 31
			}
			i++
			return nil
		}, nil
	})
	m := &meter{t: t, at: []int{1, samples / 500}}
	r, err := train.FitStream(t.Context(), narrow{}, data.Shuffle(stream, 10000, 1), train.Options{
		Backend: cpu.Config{}, Batch: 500, Callbacks: []train.Callback{m},
	})
	require.NoError(t, err)
	require.Equal(t, samples/500, r.Steps)
	require.Less(t, r.Epochs[0].Loss, 0.9*r.Epochs[0].First)
	m.requireNoGrowth(samples * 12 * 4 / 16)
}

func TestATrainingOnAStreamGoesOnExactly(t *testing.T) {
	fit := func(dir string, ctx func(*train.Run) error) error {
		o := resumable(dir)
		o.Steps, o.Epochs = 14, 0
		o.Callbacks = []train.Callback{after(ctx)}
		_, err := train.FitStream(t.Context(), narrow{noise: 0.3}, data.Shuffle(data.FromSet(points{n: 90}), 40, 1), o)
		return err
	}
	whole, dir := t.TempDir(), t.TempDir()
	require.NoError(t, fit(whole, func(*train.Run) error { return nil }))
	require.ErrorIs(t, fit(dir, func(r *train.Run) error {
		if r.Steps == 9 {
			return io.ErrUnexpectedEOF
		}
		return nil
	}), io.ErrUnexpectedEOF)
	require.NoError(t, fit(dir, func(*train.Run) error { return nil }))
	name, want := final(t, whole)
	require.Equal(t, "step-000000014.safetensors", name)
	_, got := final(t, dir)
	require.Equal(t, want, got)
}
