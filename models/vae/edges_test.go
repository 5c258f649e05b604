package vae_test

import (
	"math"
	"testing"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/edges"
	"github.com/stheno-ml/stheno/models/vae"
)

func TestNoArgumentMakesTheModelPanic(t *testing.T) {
	edges.Walk(t, func() (receivers []any, functions map[string]any, values []any) {
		b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{Training: true})
		c := vae.Config{Likelihood: vae.BetaBinomial}
		return []any{
			c, vae.Config{Levels: 1 << 40, Likelihood: vae.Categorical}, vae.Config{Blocks: []vae.Block{{Size: 1 << 40}, {Size: -1}}}, vae.Config{Condition: 1 << 40}, vae.Config{LogVar: []float64{math.NaN(), 1}},
			vae.Importance{}, vae.Importance{Draws: 1 << 40}, vae.Planar{Config: c}, vae.Planar{Flows: -1}, vae.Autoregressive{}, vae.Autoregressive{Units: []int{1 << 40}},
			vae.Vamp{}, vae.Vamp{Components: 1 << 40}, vae.TwoLayer{}, vae.TwoLayer{TopLatent: 1 << 40, TopHidden: []int{}},
			vae.Config{}, vae.Config{Input: -1}, vae.Config{Hidden: []int{1 << 40}}, vae.Config{Latent: -1}, vae.Config{Latent: 1 << 40}, vae.Config{Beta: new(math.NaN())}, vae.Config{Conv: &vae.Conv{}},
			vae.Quadrant{}, vae.Quadrant{Rows: 1 << 40, Known: -1}, vae.Quadrant{Config: vae.Config{Input: 1 << 40}}, vae.Quadrant{Draws: 1 << 40}, vae.Guess{}, vae.SemiSupervised{}, vae.SemiSupervised{Config: vae.Config{Classes: 1 << 40}},
			vae.Missing{}, vae.Missing{Draws: 1 << 40}, vae.Items{}, vae.Items{Config: vae.Config{Input: 784}}, vae.Items{Dropout: new(math.NaN())},
		}, nil, []any{b, b.Input("x", 2, 784), b.Input("image", 2, 1, 28, 28), b.Input("series", 2, 28, 28), b.Input("z", 2, 32), b.Scalar("s", 1)}
	})
}
