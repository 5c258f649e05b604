package graph_test

import (
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
)

func TestArraysThatDoNotFitAreErrors(t *testing.T) {
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(1 << 29))
	b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{})
	b.Input("x", 1<<14, 1<<14)
	require.ErrorContains(t, b.Err(), `input "x": out of memory: with the shape [16384 16384] there are 1 GiB of such arrays, and 512 MiB are available`)

	b = graph.New(graph.NewParams(graph.Float32, 1), graph.Config{})
	b.Param("first", nil, 1<<12, 1<<14)
	require.NoError(t, b.Err())
	b.Param("second", nil, 1<<13, 1<<14)
	require.ErrorContains(t, b.Err(), `parameter "second": out of memory: with the shape [8192 16384] there are 768 MiB of such arrays`)
}
