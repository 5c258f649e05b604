package graph_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
)

func TestDenseIsAnAffineMapOfTheLastAxis(t *testing.T) {
	bothTypes(t, func(t *testing.T, p *graph.Params) {
		b := graph.New(p, graph.Config{})
		x := b.Input("x", 2, 2, 3)
		dense := graph.Dense{Units: 2, Init: from(1, -1, 0, 2, 3, 1), Activation: "relu"}
		y := dense.Apply(b.Scope("fc"), x)
		back := graph.DenseTied{Of: dense.Weight(b.Scope("fc"), 3)}.Apply(b.Scope("tied"), y)
		require.NoError(t, b.Err())
		require.NoError(t, p.Get("fc/b").SetFloats([]float64{0.5, -1}))
		require.NoError(t, p.Get("tied/b").SetFloats([]float64{1, 0, 0}))
		require.Nil(t, p.Get("tied/w"))
		floats := run(t, b, inputs{"x": {1, 2, 3, 0, 1, 0, -1, 0, 2, 1, 1, 1}}, y, back)
		require.Equal(t, graph.Shape{2, 2, 2}, graph.Shape(y.Shape()))
		require.Equal(t, []float64{10.5, 5, 0.5, 1, 5.5, 2, 4.5, 1}, floats(y))
		require.Equal(t, graph.Shape{2, 2, 3}, graph.Shape(back.Shape()))
		require.Equal(t, []float64{
			1 + 10.5 - 5, 10, 31.5 + 5,
			1 + 0.5 - 1, 2, 1.5 + 1,
			1 + 5.5 - 2, 4, 16.5 + 2,
			1 + 4.5 - 1, 2, 13.5 + 1,
		}, floats(back))
	})
}

func TestDenseStartsGlorotUniformWithoutBias(t *testing.T) {
	p := graph.NewParams(graph.Float64, 3)
	b := graph.New(p, graph.Config{})
	graph.Dense{Units: 60}.Apply(b.Scope("fc"), b.Input("x", 2, 40))
	require.NoError(t, b.Err())
	limit, largest := math.Sqrt(6.0/100), 0.0
	for _, w := range p.Get("fc/w").Floats() {
		largest = max(largest, math.Abs(w))
	}
	require.LessOrEqual(t, largest, limit)
	require.Greater(t, largest, 0.99*limit)
	for _, v := range p.Get("fc/b").Floats() {
		require.Zero(t, v)
	}
}

func TestTiedWeightsGatherBothGradients(t *testing.T) {
	b := graph.New(graph.NewParams(graph.Float64, 1), graph.Config{})
	x := b.Input("x", 1, 2)
	dense := graph.Dense{Units: 1, NoBias: true, Init: from(3, 5)}
	w := dense.Weight(b.Scope("fc"), 2)
	y := graph.DenseTied{Of: w, NoBias: true}.Apply(b.Scope("tied"), dense.Apply(b.Scope("fc"), x))
	g := b.Grad(b.Sum(y), w)[0] // sum = (2u-v)(u+v)
	floats := run(t, b, inputs{"x": {2, -1}}, g)
	require.Equal(t, []float64{4*3 + 5, 3 - 2*5}, floats(g))
}
