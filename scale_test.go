package stheno_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno"
	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/models/dense"
)

// Samples of 0 to 255 reach the net as 0 to 1, and reconstructions come back in their
// range, also after a model was saved and loaded.
func TestScalingIsKeptWithTheModelAndUndoneOnItsOutput(t *testing.T) {
	x, err := data.ArrayOf(data.NewDigits(1, 256), "x")
	require.NoError(t, err)
	x.Shape = []int{784}
	for i := range x.Values {
		x.Values[i] *= 255
	}
	set, err := data.InMemory(x)
	require.NoError(t, err)
	ae, err := stheno.Train(t.Context(), dense.Config{Hidden: []int{32}}, set, stheno.Options{
		Epochs: 20, Batch: 32, Scale: map[string]data.ScaleOptions{"x": {Kind: data.MinMax, Per: data.PerAll}},
	})
	require.NoError(t, err)
	defer ae.Close()
	y, err := ae.Reconstruct(x.Values)
	require.NoError(t, err)
	wrong, zero := 0.0, 0.0
	for i, v := range x.Values {
		wrong += float64(y[i]-v) * float64(y[i]-v)
		zero += float64(v) * float64(v)
	}
	require.Less(t, wrong, zero/2)

	path := filepath.Join(t.TempDir(), "scaled.stheno")
	require.NoError(t, ae.Save(path))
	loaded, err := stheno.Load(path)
	require.NoError(t, err)
	defer loaded.Close()
	again, err := loaded.Reconstruct(x.Values)
	require.NoError(t, err)
	require.Equal(t, y, again)
	before, err := ae.Evaluate(t.Context(), set)
	require.NoError(t, err)
	after, err := loaded.Evaluate(t.Context(), set)
	require.NoError(t, err)
	require.InDelta(t, before["mse"], after["mse"], 1e-6)
}
