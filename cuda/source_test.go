package cuda

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
)

func TestSourceNeedsNoGPU(t *testing.T) {
	b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{})
	b.Keep(b.Exp(b.Input("x", 4, 8)))
	source, err := Source(b)
	require.NoError(t, err)
	require.Contains(t, source, "__global__")

	b.Input("x", 2, 2)
	b.Keep(b.Add(b.Input("y", 3), b.Input("z", 4)))
	_, err = Source(b)
	require.ErrorContains(t, err, "cuda: ")
}
