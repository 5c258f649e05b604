package stheno_test

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno"
	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/models/dense"
	"github.com/stheno-ml/stheno/onnx"
)

// A net leaves as an ONNX file, comes in again as a model, is trained on, saved and
// loaded.
func TestANetGoesThroughONNXAndBack(t *testing.T) {
	x := make([]float32, 64*6)
	for i := range x {
		x[i] = float32(i%7) / 7
	}
	set, err := data.InMemory(data.Array{Name: "x", Shape: []int{6}, Values: x})
	require.NoError(t, err)
	o := stheno.Options{Epochs: 2, Batch: 16, Seed: 1, Backend: cpu.Config{Threads: 1}}
	ae, err := stheno.Train(context.Background(), dense.Config{Input: 6, Hidden: []int{4}}, set, o)
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "net.onnx")
	require.NoError(t, onnx.Write(path, ae, onnx.Options{}))
	m, err := onnx.Read(path)
	require.NoError(t, err)
	before, err := ae.Evaluate(context.Background(), set)
	require.NoError(t, err)
	again, err := stheno.Train(context.Background(), m, set, o)
	require.NoError(t, err)
	after, err := again.Evaluate(context.Background(), set)
	require.NoError(t, err)
	require.Less(t, after["mse"], before["mse"])
	saved := filepath.Join(t.TempDir(), "net.stheno")
	require.NoError(t, again.Save(saved))
	loaded, err := stheno.Load(saved)
	require.NoError(t, err)
	want, err := again.Reconstruct(x[:12])
	require.NoError(t, err)
	got, err := loaded.Reconstruct(x[:12])
	require.NoError(t, err)
	require.Equal(t, want, got)
}
