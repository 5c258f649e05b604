package vae

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/modeltest"
)

func TestEachDimensionIsShuffledByItself(t *testing.T) {
	const n, d = 40, 3
	b := graph.New(graph.NewParams(graph.Float64, 1), graph.Config{Seed: 3})
	b.Output("permuted", permuted(b, b.Input("z", n, d)))
	z := make([]float64, n*d)
	for i := range z {
		z[i] = float64(i)
	}
	got := modeltest.Run(t, modeltest.Compile(t, b, modeltest.Inputs{"z": z}))["permuted"]
	columns := [d][]float64{}
	for i, v := range got {
		require.Equal(t, i%d, int(v)%d, "a value stays in its dimension")
		columns[i%d] = append(columns[i%d], float64(int(v)/d))
	}
	require.NotEqual(t, columns[0], columns[1])
	for _, c := range columns {
		require.False(t, slices.IsSorted(c))
		slices.Sort(c)
		for i, v := range c {
			require.Equal(t, float64(i), v, "each sample once")
		}
	}
}

func TestADiscriminatorWithoutAnIdeaCostsTwoBits(t *testing.T) {
	b := graph.New(graph.NewParams(graph.Float64, 1), graph.Config{})
	first, second := b.Input("first", 2, 1), b.Input("second", 2, 1)
	b.Output("loss", distinguish(b, first, second))
	b.Output("right", rightShare(b, first, second))
	m := modeltest.Compile(t, b, modeltest.Inputs{"first": {0, 0}, "second": {0, 0}})
	require.InDelta(t, 2*0.6931471805599453, modeltest.Run(t, m)["loss"][0], 1e-12)
	require.NoError(t, m.SetFloats("first", []float64{30, -30}))
	require.NoError(t, m.SetFloats("second", []float64{-30, -30}))
	out := modeltest.Run(t, m)
	require.InDelta(t, 15, out["loss"][0], 1e-9)
	require.Equal(t, 0.75, out["right"][0])
}
