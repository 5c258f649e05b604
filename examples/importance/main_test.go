package main

import (
	"io"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/models/vae"
	"github.com/stheno-ml/stheno/train"
)

func TestMoreDrawsGiveAHigherBound(t *testing.T) {
	bounds, err := run(io.Discard, options{data: "digits", samples: 600, epochs: 3})
	require.NoError(t, err)
	t.Log(bounds)
	for i, of := range bounds {
		require.Less(t, of[0], of[1], "net %d", i)
		require.Less(t, of[1], of[2], "net %d", i)
	}
	require.Less(t, bounds[0][2], bounds[2][2], "the bound of 50 draws is highest for the net that was trained with it")
	require.Greater(t, bounds[0][0], -784*math.Ln2, "that of coin flips")
}

// A decoder that ignores the code makes each pixel a coin flip, so log p(x) is known. The
// posterior has mean 1 in one element, so its divergence from the prior is a half.
func TestTheBoundRisesFromTheEvidenceLowerBoundToTheLikelihood(t *testing.T) {
	zero := vae.Config{Hidden: []int{1}, Latent: latent, Init: graph.Zeros()}
	exact := -784 * math.Ln2
	for _, c := range []struct {
		draws  int
		lo, hi float64
	}{{1, exact - 0.6, exact - 0.4}, {5, exact - 0.3, exact - 0.02}, {200, exact - 0.05, exact + 0.05}} {
		p := graph.NewParams(graph.Float64, 1)
		bias := make([]float64, latent)
		bias[0] = 1
		require.NoError(t, p.Start("encoder/mu/b", graph.Shape{latent}, bias))
		means, err := train.Evaluate(t.Context(), weighted{zero, c.draws}, data.NewDigits(1, 400), train.Options{Backend: cpu.Config{}, Params: p, EvalBatch: 20})
		require.NoError(t, err)
		require.Greater(t, -means[train.Loss], c.lo, "%d draws", c.draws)
		require.Less(t, -means[train.Loss], c.hi, "%d draws", c.draws)
	}
}
