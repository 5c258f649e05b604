package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno"
	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/models/conv"
	"github.com/stheno-ml/stheno/vm"
)

func TestTheCodebookIsUsedAndDecodesToTheDigits(t *testing.T) {
	var out strings.Builder
	folder := t.TempDir()
	require.NoError(t, run(&out, options{data: "digits", samples: 1000, epochs: 5, folder: folder}))
	t.Log(out.String())
	_, line, found := strings.Cut(out.String(), "mean squared error ")
	require.True(t, found)
	var mse, perplexity float64
	var used int
	_, err := fmt.Sscanf(line, "%f, perplexity %f, %d of 64 entries", &mse, &perplexity, &used)
	require.NoError(t, err)
	require.Less(t, mse, 0.03, "a third of the mean picture's")
	require.Greater(t, perplexity, 8.0)
	require.LessOrEqual(t, perplexity, float64(used))
	require.Greater(t, used, 20)
	require.FileExists(t, filepath.Join(folder, "vq.png"))
}

func TestWithoutMovesMostEntriesAreNeverUsed(t *testing.T) {
	training, test, err := stheno.Data("digits")
	require.NoError(t, err)
	net := conv.Config{Encoder: []int{16, 32, width}, CodeActivation: "linear"}
	used := func(fewest float64) float64 {
		ae, err := stheno.Train(t.Context(), quantized{net, 64, fewest}, data.Limit(training, 600), stheno.Options{Epochs: 4, Batch: 32, EvalBatch: 200})
		require.NoError(t, err)
		defer ae.Close()
		means, err := ae.Evaluate(t.Context(), data.Limit(test, 200))
		require.NoError(t, err)
		require.Equal(t, fewest > 0, means["moved"] > 0)
		return means["used"]
	}
	with, without := used(0.9), used(0)
	require.Greater(t, with, 2*without)
}

// Two of four vectors are near entry 0, two are near entry 1, and entry 2 has none.
func TestEntriesMoveToTheMeanOfTheirVectors(t *testing.T) {
	p := graph.NewParams(graph.Float64, 1)
	sum, vectors := make([]float64, 3*width), make([]float64, 4*width)
	sum[0], sum[width], sum[2*width] = 1, -1, 100
	vectors[0], vectors[width], vectors[2*width], vectors[3*width] = 1.5, 2.5, -3, -4
	require.NoError(t, p.Start("sum", graph.Shape{3, width}, sum))
	b := graph.New(p, graph.Config{Training: true})
	nearest, _ := quantized{Entries: 3, Fewest: 0.995}.quantize(b, b.Input("z", 4, width))
	b.Output("nearest", nearest)
	program, err := b.Program()
	require.NoError(t, err)
	m, err := cpu.Config{Strict: true}.Compile(program)
	require.NoError(t, err)
	defer m.Close()
	require.NoError(t, m.SetFloats("z", vectors))
	require.NoError(t, vm.Run(m))
	got, err := m.Floats("nearest")
	require.NoError(t, err)
	require.Equal(t, []float64{1, 1, -1, -1}, []float64{got[0], got[width], got[2*width], got[3*width]})

	count, sums := p.Get("count").Floats(), p.Get("sum").Floats()
	require.InDeltaSlice(t, []float64{decay + (1-decay)*2, decay + (1-decay)*2, 1}, count, 1e-12, "the last is new")
	require.InDelta(t, decay+(1-decay)*4, sums[0], 1e-12)
	require.InDelta(t, -decay-(1-decay)*7, sums[width], 1e-12)
	require.Contains(t, []float64{1.5, 2.5, -3, -4}, sums[2*width], "a vector of the batch")
	require.Equal(t, []float64{1}, p.Get("moved").Floats())
}
