package checkpoint_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/checkpoint"
	"github.com/stheno-ml/stheno/graph"
)

// written is the content of a small checkpoint.
func written(t *testing.T) []byte {
	t.Helper()
	p := graph.NewParams(graph.Float32, 7)
	made(t, p, graph.Normal(0, 1))
	path := filepath.Join(t.TempDir(), "small.safetensors")
	require.NoError(t, checkpoint.Save(path, checkpoint.Checkpoint{
		Model: "vae", Config: json.RawMessage(`{"latent":2}`), Training: json.RawMessage(`{"steps":3}`), Params: p,
	}))
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	return content
}

func TestEveryDamagedByteIsNoticed(t *testing.T) {
	content, path := written(t), filepath.Join(t.TempDir(), "damaged")
	for i := range content {
		for _, flip := range []byte{0x01, 0x20, 0x80, 0xff} {
			damaged := append([]byte(nil), content...)
			damaged[i] ^= flip
			require.NoError(t, os.WriteFile(path, damaged, 0o600))
			_, err := checkpoint.Load(path)
			require.ErrorContains(t, err, path, "byte %d, flipped by %#x", i, flip)
		}
	}
}

func TestEveryTruncationIsNoticed(t *testing.T) {
	content, path := written(t), filepath.Join(t.TempDir(), "truncated")
	for n := range content {
		require.NoError(t, os.WriteFile(path, content[:n], 0o600))
		_, err := checkpoint.Load(path)
		require.ErrorContains(t, err, path, "%d bytes", n)
	}
	require.NoError(t, os.WriteFile(path, append(content, 0), 0o600))
	_, err := checkpoint.Load(path)
	require.ErrorContains(t, err, path)
}
