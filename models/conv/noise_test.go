package conv_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/modeltest"
	"github.com/stheno-ml/stheno/models/conv"
)

// noisy returns what the noise makes of 20,000 values of 0.5.
func noisy(t *testing.T, n conv.Noise, training bool) []float64 {
	b := graph.New(graph.NewParams(graph.Float64, 1), graph.Config{Training: training, Seed: 2})
	x := b.Input("x", 20, 1000)
	b.Output("y", n.Apply(b, x))
	require.NoError(t, b.Err())
	half := make([]float64, x.DataSize())
	for i := range half {
		half[i] = .5
	}
	return modeltest.Run(t, modeltest.Compile(t, b, modeltest.Inputs{"x": half}))["y"]
}

func TestNoiseHasItsShares(t *testing.T) {
	for name, c := range map[string]struct {
		noise                       conv.Noise
		zeros, halves, ones, spread float64 // spread is the mean squared change
	}{
		"none":            {conv.Noise{}, 0, 1, 0, 0},
		"clip alone":      {conv.Noise{Clip: true}, 0, 1, 0, 0},
		"a level of 0":    {conv.Noise{Kind: conv.Masking}, 0, 1, 0, 0},
		"gaussian":        {conv.Noise{Kind: conv.Gaussian, Level: .2}, 0, 0, 0, .04},
		"masking":         {conv.Noise{Kind: conv.Masking, Level: .25}, .25, .75, 0, .25 * .25},
		"all masked":      {conv.Noise{Kind: conv.Masking, Level: 1}, 1, 0, 0, .25},
		"salt and pepper": {conv.Noise{Kind: conv.SaltAndPepper, Level: .5}, .25, .5, .25, .5 * .25},
		"all salted":      {conv.Noise{Kind: conv.SaltAndPepper, Level: 1}, .5, 0, .5, .25},
		"clipped noise":   {conv.Noise{Kind: conv.Gaussian, Level: 100, Clip: true}, .4980, 0, .4980, .249},
	} {
		t.Run(name, func(t *testing.T) {
			var zeros, halves, ones, spread float64
			y := noisy(t, c.noise, true)
			share := 1 / float64(len(y))
			for _, v := range y {
				spread += (v - .5) * (v - .5) * share
				switch v {
				case 0:
					zeros += share
				case .5:
					halves += share
				case 1:
					ones += share
				}
			}
			require.InDeltaSlice(t, []float64{c.zeros, c.halves, c.ones, c.spread}, []float64{zeros, halves, ones, spread}, .01)
			for _, v := range noisy(t, c.noise, false) {
				require.Equal(t, .5, v, "outside training")
			}
		})
	}
}

// If everything is masked, the reconstruction in training does not depend on x, and the
// loss is that of the clean image.
func TestTheLossComparesWithTheCleanImage(t *testing.T) {
	c := conv.Config{Size: graph.Pair{4, 5}, Encoder: []int{2}, Noise: conv.Noise{Kind: conv.Masking, Level: 1}, Loss: graph.MSE}
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
