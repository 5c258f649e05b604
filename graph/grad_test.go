package graph_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
)

func TestSecondLossOnOneGraphHasItsOwnGradient(t *testing.T) {
	p := graph.NewParams(graph.Float64, 1)
	b := graph.New(p, graph.Config{})
	w := b.Param("w", from(3, 4), 2)
	first := b.Sum(b.Square(w))
	second := b.Sum(b.Scale(w, 5))
	g1 := b.Grad(first, w)[0]
	g2 := b.Grad(second, w)[0]
	again := b.Grad(first, w)[0]
	require.NoError(t, b.Err())
	floats := run(t, b, nil, g1, g2, again)
	require.Equal(t, []float64{6, 8}, floats(g1))
	require.Equal(t, []float64{5, 5}, floats(g2))
	require.Equal(t, []float64{6, 8}, floats(again))
}

func TestGradientOfAGradient(t *testing.T) {
	p := graph.NewParams(graph.Float64, 1)
	b := graph.New(p, graph.Config{})
	w := b.Param("w", from(2, -1), 2)
	cube := b.Sum(b.Mul(b.Square(w), w))
	g := b.Grad(cube, w)[0]        // 3w^2
	gg := b.Grad(b.Sum(g), w)[0]   // 6w
	ggg := b.Grad(b.Sum(gg), w)[0] // 6
	require.NoError(t, b.Err())
	floats := run(t, b, nil, g, gg, ggg)
	require.Equal(t, []float64{12, 3}, floats(g))
	require.Equal(t, []float64{12, -6}, floats(gg))
	require.Equal(t, []float64{6, 6}, floats(ggg))
}

func TestGradientThroughGorgoniasOwnOps(t *testing.T) {
	p := graph.NewParams(graph.Float64, 1)
	b := graph.New(p, graph.Config{})
	w := b.Param("w", from(0.5, -0.25, 1, 2), 2, 2)
	h := gorgonia.Must(gorgonia.Tanh(gorgonia.Must(gorgonia.Mul(w, w)))) // Gorgonia's matrix product
	loss := b.Sum(b.Square(h))
	g := b.Grad(loss, w)[0]
	same := b.Grad(b.Sum(b.Square(b.Map(tanh(), b.MatMul(w, w)))), w)[0]
	require.NoError(t, b.Err())
	floats := run(t, b, nil, g, same)
	require.InDeltaSlice(t, floats(same), floats(g), 1e-12)
}

func TestGradientMistakesAreNamed(t *testing.T) {
	for name, c := range map[string]struct {
		build func(b *graph.Builder)
		want  string
	}{
		"not a scalar": {func(b *graph.Builder) { w := b.Param("w", nil, 2); b.Grad(w, w) }, "want a scalar"},
		"not reached": {func(b *graph.Builder) {
			w, v := b.Param("w", nil, 2), b.Scope("far").Param("v", nil, 2)
			b.Grad(b.Sum(w), w, v)
		}, "does not depend on far/v"},
		"nil loss": {func(b *graph.Builder) { b.Grad(nil, b.Param("w", nil, 2)) }, "operand 0 is nil"},
		"an op of Gorgonia's without gradient": {func(b *graph.Builder) {
			w := b.Param("w", nil, 2)
			b.Grad(b.Sum(gorgonia.Must(gorgonia.Gt(w, w, true))), w)
		}, "no gradient reaches w"},
	} {
		t.Run(name, func(t *testing.T) {
			b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{})
			require.NotPanics(t, func() { c.build(b) })
			require.ErrorContains(t, b.Err(), c.want)
		})
	}
}
