package graph_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
)

func TestOneHotRowsHaveAOneAtTheClass(t *testing.T) {
	for classes, want := range map[int][]float64{
		1: {1, 0, 0, 0, 0},
		3: {1, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0},
	} {
		out := evaluate(t, graph.Shape{5}, [][]float64{{0, 2, 1, 3, math.NaN()}}, func(b *graph.Builder, x []*graph.Node) []*graph.Node {
			return []*graph.Node{b.OneHot(x[0], classes)}
		})
		require.Equal(t, want, out[0])
	}
}

func TestWrongLabelsAreErrors(t *testing.T) {
	for want, build := range map[string]func(b *graph.Builder){
		"want labels [N], have [2 3]":  func(b *graph.Builder) { b.OneHot(b.Input("x", 2, 3), 4) },
		"0 classes: want at least 1":   func(b *graph.Builder) { b.OneHot(b.Input("x", 2), 0) },
		"has more than 2^31-1 element": func(b *graph.Builder) { b.OneHot(b.Input("x", 2), 1<<40) },
	} {
		b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{})
		build(b)
		require.ErrorContains(t, b.Err(), want)
	}
}
