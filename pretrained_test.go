package stheno_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno"
	"github.com/stheno-ml/stheno/checkpoint"
	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/models/dense"
)

// headed is the encoder of an autoencoder, with a head.
type headed struct{ dense.Config }

func (m headed) Build(b *graph.Builder, batch int) graph.Net {
	code := m.Encode(b, b.Input(graph.InputX, batch, 784))
	y := graph.Dense{Units: 2}.Apply(b.Scope("head"), code)
	return graph.Net{Outputs: map[string]*graph.Node{"y": y}, Tasks: []graph.Task{{Name: "y", Loss: b.Mean(b.Square(y))}}}
}

func TestAModelStartsFromTheEncoderOfAnother(t *testing.T) {
	net := dense.Config{Hidden: []int{16, 4}}
	a, _ := trained(t, net, stheno.Options{})
	path := filepath.Join(t.TempDir(), "ae.stheno")
	require.NoError(t, a.Save(path))

	_, _, err := stheno.Pretrained(path, headed{net}, stheno.Options{}, checkpoint.RestoreOptions{})
	require.ErrorContains(t, err, `weight "head/w" [4 2]: the file has no "head/w"`)
	require.ErrorContains(t, err, `array "decoder/fc1/w"`)

	o, r, err := stheno.Pretrained(path, headed{net}, stheno.Options{Seed: 5}, checkpoint.RestoreOptions{
		SkipHere: []string{"head/*"}, SkipThere: []string{"decoder/*"},
	})
	require.NoError(t, err)
	require.Empty(t, r.Differences)
	require.Equal(t, []string{"head/w", "head/b"}, r.Kept)
	for _, name := range r.Taken {
		require.Equal(t, a.Params().Get(name).Floats(), o.Params.Get(name).Floats(), name)
	}
	require.Equal(t, uint64(5), o.Params.Seed())
}

func TestAPretrainedModelTakesOverTheScalers(t *testing.T) {
	net := dense.Config{Hidden: []int{16, 4}}
	a, _ := trained(t, net, stheno.Options{Scale: map[string]data.ScaleOptions{"x": {Kind: data.MinMax}}})
	path := filepath.Join(t.TempDir(), "ae.stheno")
	require.NoError(t, a.Save(path))

	o, _, err := stheno.Pretrained(path, net, stheno.Options{}, checkpoint.RestoreOptions{})
	require.NoError(t, err)
	require.Equal(t, a.Scalers(), o.Scalers)
	own := stheno.Options{Scale: map[string]data.ScaleOptions{"x": {Kind: data.Standard}}}
	o, _, err = stheno.Pretrained(path, net, own, checkpoint.RestoreOptions{})
	require.NoError(t, err)
	require.Empty(t, o.Scalers, "a field that the options scale")
}
