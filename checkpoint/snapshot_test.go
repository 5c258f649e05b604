package checkpoint_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/checkpoint"
	"github.com/stheno-ml/stheno/graph"
)

func TestASnapshotIsTheFileOfTheMomentItWasTaken(t *testing.T) {
	dir := t.TempDir()
	at, late := filepath.Join(dir, "at"), filepath.Join(dir, "late")
	for _, dtype := range []graph.Dtype{graph.Float32, graph.Float64} {
		p := graph.NewParams(dtype, 7)
		made(t, p, graph.Normal(0, 1))
		c := checkpoint.Checkpoint{Model: "vae", Params: p}
		var s checkpoint.Snapshot
		for round := range 2 { // the second copy uses the memory of the first
			require.NoError(t, p.Get("steps").SetFloats([]float64{float64(round)}))
			require.NoError(t, checkpoint.Save(at, c))
			require.NoError(t, s.Take(c))
			require.NoError(t, p.Get("enc/w").SetFloats(make([]float64, 6)))
			require.NoError(t, p.Get("steps").SetFloats([]float64{9}))
			require.NoError(t, s.Save(late))
			want, err := os.ReadFile(at)
			require.NoError(t, err)
			got, err := os.ReadFile(late)
			require.NoError(t, err)
			require.Equal(t, want, got)
		}
	}
}

func TestASnapshotOfNothingIsAnError(t *testing.T) {
	var s checkpoint.Snapshot
	path := filepath.Join(t.TempDir(), "none")
	require.ErrorContains(t, s.Take(checkpoint.Checkpoint{}), "no parameters to copy")
	require.ErrorContains(t, s.Save(path), "nothing was copied: call Take first")
	require.NoFileExists(t, path)
}
