package stheno_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno"
	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/train"
)

func TestACheckpointOfATrainingIsAModel(t *testing.T) {
	dir := t.TempDir()
	x, err := data.ArrayOf(data.NewDigits(1, 64), "x")
	require.NoError(t, err)
	ae, err := stheno.Train(t.Context(), small, data.NewDigits(1, 64), stheno.Options{
		Epochs: 2, Batch: 32, Checkpoints: &train.Checkpoints{Dir: dir}, Callbacks: []train.Callback{&train.EarlyStopping{}},
	})
	require.NoError(t, err)
	defer ae.Close()
	want, err := ae.Encode(x.Values)
	require.NoError(t, err)

	loaded, err := stheno.Load(filepath.Join(dir, "step-000000004.safetensors"))
	require.NoError(t, err)
	defer loaded.Close()
	got, err := loaded.Encode(x.Values)
	require.NoError(t, err)
	require.Equal(t, want, got)
	require.NoError(t, loaded.Train(t.Context(), data.NewDigits(1, 64), stheno.Options{Batch: 32}))
	require.Equal(t, 3, loaded.History()[0].Epoch, "training goes on with the next epoch")
}
