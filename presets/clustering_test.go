package presets

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/models/dense"
	"github.com/stheno-ml/stheno/train"
)

// Three groups of points, each near a corner of a cube in eight dimensions.
func TestClusteringFindsGroupsAndEndsWhenTheyStay(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	x := data.Array{Name: graph.InputX, Shape: []int{8}}
	var label []int
	for i := range 600 {
		label = append(label, i%3)
		for k := range 8 {
			v := 0.2 + 0.1*random.NormFloat64()
			if k%3 == i%3 {
				v += 0.6
			}
			x.Values = append(x.Values, float32(v))
		}
	}
	set, err := data.InMemory(x)
	require.NoError(t, err)
	m := dense.Clustering{Config: dense.Config{Input: 8, Hidden: []int{2}, CodeActivation: "linear", Loss: graph.MSE}, Clusters: 3}
	r := &Run{Seed: 1, Backend: cpu.Config{Threads: 1}, Dir: t.TempDir()}
	p, err := r.Fit(t.Context(), "autoencoder", m.Config, set, train.Options{Epochs: 30, Batch: 50})
	require.NoError(t, err)
	assigned, before, err := findClusters(t.Context(), r, m, p, set, rounds{most: 5, steps: 20, changes: 1e-3})
	require.NoError(t, err)
	require.Len(t, before, set.Len())
	score, err := scoreClusters(label, assigned)
	require.NoError(t, err)
	require.Greater(t, score["ACC"], 0.98)

	again, err := r.Fit(t.Context(), "autoencoder", m.Config, set, train.Options{Epochs: 30, Batch: 50})
	require.NoError(t, err)
	same, _, err := findClusters(t.Context(), r, m, again, set, rounds{most: 5, steps: 20, changes: 1e-3})
	require.NoError(t, err)
	require.Equal(t, assigned, same, "it starts again from the pretrained weights")
}
