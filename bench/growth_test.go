package main

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/models/conv"
	"github.com/stheno-ml/stheno/models/dense"
	"github.com/stheno-ml/stheno/models/seq"
	"github.com/stheno-ml/stheno/models/vae"
	"github.com/stheno-ml/stheno/train"
)

// TestManyStepsUseNoMoreMemory trains small nets of every kind for manySteps steps.
// It compares the heap and the goroutines early in the training and at the end.
func TestManyStepsUseNoMoreMemory(t *testing.T) {
	const early, all, batch = 500, manySteps, 2
	for name, c := range map[string]struct {
		model  train.Model
		sample int
	}{
		"dense": {dense.Config{Input: 24, Hidden: []int{8, 4}}, 24},
		"vae":   {vae.Config{Input: 24, Hidden: []int{8}, Latent: 3}, 24},
		"conv":  {conv.Config{Size: graph.Pair{6, 6}, Encoder: []int{2, 2}}, 36},
		"lstm":  {seq.Config{Steps: 3, Features: 4, Hidden: []int{5}, Code: 2}, 12},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := train.NewTrainStep(c.model, batch, train.Options{Backend: cpu.Config{}, Params: graph.NewParams(graph.Float32, 1)})
			require.NoError(t, err)
			defer func() { require.NoError(t, s.Close()) }()
			x := make([]float32, batch*c.sample)
			for i := range x {
				x[i] = float32(i%7) / 7
			}
			require.NoError(t, s.Feed("x", x))
			run := func(from, to int) {
				for i := from; i < to; i++ {
					if _, err := s.Run(0, i*batch); err != nil {
						require.NoError(t, err, "step %d", i)
					}
				}
			}
			run(0, early)
			before, goroutines := live(), runtime.NumGoroutine()
			run(early, all)
			require.Less(t, int64(live())-int64(before), int64(32<<10), "bytes that %d steps left on the heap", all-early)
			require.LessOrEqual(t, runtime.NumGoroutine(), goroutines)
		})
	}
}

// live returns the bytes of the heap that are in use.
func live() uint64 {
	for range 3 { // the second round frees what finalizers and pools held
		runtime.GC()
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
