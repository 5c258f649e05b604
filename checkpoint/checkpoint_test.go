package checkpoint_test

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/checkpoint"
	"github.com/stheno-ml/stheno/graph"
)

// made adds a weight and a state.
func made(t *testing.T, p *graph.Params, start graph.Init) {
	b := graph.New(p, graph.Config{})
	b.Scope("enc").Param("w", start, 2, 3)
	b.State("steps", start)
	require.NoError(t, b.Err())
}

func TestACheckpointIsLoadedBitForBit(t *testing.T) {
	path := filepath.Join(t.TempDir(), "model.stheno")
	for _, dtype := range []graph.Dtype{graph.Float32, graph.Float64} {
		p := graph.NewParams(dtype, 7)
		made(t, p, graph.Normal(0, 1))
		x := p.Get("enc/w").Floats()
		x[0], x[1] = math.Inf(1), math.Copysign(0, -1)
		require.NoError(t, p.Get("enc/w").SetFloats(x))
		require.NoError(t, checkpoint.Save(path, checkpoint.Checkpoint{Model: "vae", Config: json.RawMessage(`{"latent":2}`), Params: p}))

		c, err := checkpoint.Load(path)
		require.NoError(t, err)
		require.Equal(t, "vae", c.Model)
		require.JSONEq(t, `{"latent":2}`, string(c.Config))
		require.Equal(t, []string{"enc/w", "steps"}, c.Params.Waiting())
		made(t, c.Params, nil)
		require.Empty(t, c.Params.Waiting())
		require.Empty(t, c.Compare(c.Params))
		graph.New(c.Params, graph.Config{}).Param("head/w", nil, 4)
		require.Equal(t, []string{`weight "head/w" [4] is not in the file`}, c.Compare(c.Params))
		require.Equal(t, dtype, c.Params.Dtype())
		require.Equal(t, uint64(7), c.Params.Seed())
		for _, q := range p.All() {
			got := c.Params.Get(q.Name())
			require.Equal(t, q.Value().Data(), got.Value().Data())
			require.Equal(t, q.Trainable(), got.Trainable())
		}

		c, err = checkpoint.Load(path)
		require.NoError(t, err)
		require.Equal(t, []string{`weight "enc/w" [2 3] of the file is not in the model`}, c.Compare(c.Params))
	}
}

func TestAFileOfAnotherKindIsAnErrorThatNamesIt(t *testing.T) {
	dir := t.TempDir()
	for content, want := range map[string]string{
		"":                                   "too few",
		"<html></html>":                      "not a safetensors file",
		"\x02\x00\x00\x00\x00\x00\x00\x00{}": "names no model",
	} {
		path := filepath.Join(dir, "other")
		require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
		_, err := checkpoint.Load(path)
		require.ErrorContains(t, err, path)
		require.ErrorContains(t, err, want)
	}
	_, err := checkpoint.Load(filepath.Join(dir, "none"))
	require.ErrorIs(t, err, os.ErrNotExist)
	require.ErrorContains(t, checkpoint.Save(filepath.Join(dir, "x"), checkpoint.Checkpoint{}), "no parameters")
}

func TestAParameterOfAnotherShapeIsAnError(t *testing.T) {
	p := graph.NewParams(graph.Float32, 1)
	require.NoError(t, p.Start("enc/w", graph.Shape{3, 2}, make([]float64, 6)))
	b := graph.New(p, graph.Config{})
	b.Scope("enc").Param("w", nil, 2, 3)
	require.ErrorContains(t, b.Err(), `parameter "enc/w" has shape [2 3], and is to start from shape [3 2]`)
	require.ErrorContains(t, p.Start("v", graph.Shape{3}, make([]float64, 6)), "does not have 6 elements")
}
