package graph_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/modeltest"
)

// corruptedHalves returns what a corruption makes of 20,000 values of 0.5.
func corruptedHalves(t *testing.T, n graph.Corruption, training bool) []float64 {
	b := graph.New(graph.NewParams(graph.Float64, 1), graph.Config{Training: training, Seed: 2})
	x := b.Input("x", 20, 1000)
	y, _ := n.Apply(b, x)
	b.Output("y", y)
	require.NoError(t, b.Err())
	half := make([]float64, x.DataSize())
	for i := range half {
		half[i] = .5
	}
	return modeltest.Run(t, modeltest.Compile(t, b, modeltest.Inputs{"x": half}))["y"]
}

func TestCorruptionsHaveTheirShares(t *testing.T) {
	for name, c := range map[string]struct {
		noise                       graph.Corruption
		zeros, halves, ones, spread float64 // spread is the mean squared change
	}{
		"none":            {graph.Corruption{}, 0, 1, 0, 0},
		"clip alone":      {graph.Corruption{Clip: true}, 0, 1, 0, 0},
		"a level of 0":    {graph.Corruption{Kind: graph.Masking}, 0, 1, 0, 0},
		"gaussian":        {graph.Corruption{Kind: graph.AddedNoise, Level: .2}, 0, 0, 0, .04},
		"masking":         {graph.Corruption{Kind: graph.Masking, Level: .25}, .25, .75, 0, .25 * .25},
		"all masked":      {graph.Corruption{Kind: graph.Masking, Level: 1}, 1, 0, 0, .25},
		"salt and pepper": {graph.Corruption{Kind: graph.SaltAndPepper, Level: .5}, .25, .5, .25, .5 * .25},
		"all salted":      {graph.Corruption{Kind: graph.SaltAndPepper, Level: 1}, .5, 0, .5, .25},
		"clipped noise":   {graph.Corruption{Kind: graph.AddedNoise, Level: 100, Clip: true}, .4980, 0, .4980, .249},
	} {
		t.Run(name, func(t *testing.T) {
			var zeros, halves, ones, spread float64
			y := corruptedHalves(t, c.noise, true)
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
			for _, v := range corruptedHalves(t, c.noise, false) {
				require.Equal(t, .5, v, "outside training")
			}
		})
	}
}

func TestInvalidCorruptionsAreErrors(t *testing.T) {
	for want, l := range map[string]graph.Corruption{
		`kind "salt" is unknown: want "gaussian", "masking" or "salt-and-pepper"`: {Kind: "salt", Level: .1},
		"level 0.5 without a kind":       {Level: .5},
		"level -1: want a finite number": {Kind: graph.AddedNoise, Level: -1},
		"level NaN":                      {Kind: graph.AddedNoise, Level: math.NaN()},
		"level +Inf":                     {Kind: graph.AddedNoise, Level: math.Inf(1)},
		"level 1.5: want a probability":  {Kind: graph.Masking, Level: 1.5},
	} {
		require.ErrorContains(t, l.Check(), want)
		b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{Training: true})
		l.Apply(b, b.Input("x", 2, 3))
		require.ErrorContains(t, b.Err(), want)
	}
}
