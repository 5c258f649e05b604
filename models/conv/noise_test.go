package conv_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/modeltest"
	"github.com/stheno-ml/stheno/models/conv"
)

// If everything is masked, the reconstruction in training does not depend on x, and the
// loss is that of the clean image.
func TestTheLossComparesWithTheCleanImage(t *testing.T) {
	c := conv.Config{Size: graph.Pair{4, 5}, Encoder: []int{2}, Noise: graph.Corruption{Kind: graph.Masking, Level: 1}, Loss: graph.MSE}
	loss := func(v float64) float64 {
		b := graph.New(graph.NewParams(graph.Float64, 1), graph.Config{Training: true})
		modeltest.Name(b, c.Build(b, 1))
		require.NoError(t, b.Err())
		x := make([]float64, 20)
		for i := range x {
			x[i] = v
		}
		out := modeltest.Run(t, modeltest.Compile(t, b, modeltest.Inputs{"x": x}))
		require.Equal(t, make([]float64, 20), out["recon"], "biases start at 0")
		return out["loss"][0]
	}
	require.InDelta(t, .25, loss(.5), 1e-12)
	require.InDelta(t, .49, loss(.7), 1e-12)
}
