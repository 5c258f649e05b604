package conv_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/modeltest"
	"github.com/stheno-ml/stheno/models/conv"
)

func TestDenoisingComparesItsResultWithTheTarget(t *testing.T) {
	for name, c := range map[string]conv.Config{
		"images": {Size: graph.Pair{5, 6}, Encoder: []int{3, 2}},
		"series": {Steps: 30, Encoder: []int{3, 2}},
		"flat":   {Size: graph.Pair{5, 6}, Encoder: []int{3}, Residual: 1},
	} {
		b := graph.New(graph.NewParams(graph.Float64, 1), graph.Config{})
		modeltest.Name(b, conv.Denoising{Config: c}.Build(b, 2))
		require.NoError(t, b.Err(), name)
		x, target := make([]float64, 60), make([]float64, 60)
		for i := range x {
			x[i], target[i] = float64(i%7)/7, float64(i%5)/5
		}
		out := modeltest.Run(t, modeltest.Compile(t, b, modeltest.Inputs{"x": x, "target": target}))
		sum, moved := 0.0, 0.0
		for i, y := range out["recon"] {
			sum += (y - target[i]) * (y - target[i]) / 60
			moved = max(moved, (y-x[i])*(y-x[i]))
		}
		require.InDelta(t, sum, out["loss"][0], 1e-12, name)
		require.Less(t, moved, .1, "%s: untrained, it is near to what it reads", name)
		require.NotZero(t, moved)
	}
}

func TestDenoisingHasNoLogits(t *testing.T) {
	require.NoError(t, conv.Denoising{Config: conv.Config{Loss: graph.MSE}}.Validate())
	require.ErrorContains(t, conv.Denoising{Config: conv.Config{Loss: graph.BCE}}.Validate(), "no logit")
	require.ErrorContains(t, conv.Denoising{Config: conv.Config{Steps: -1}}.Validate(), "Steps is -1")
	s, err := conv.Denoising{}.Summary()
	require.NoError(t, err)
	require.Contains(t, s, "denoising autoencoder")
}
