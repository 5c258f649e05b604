package cuda

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
)

func TestSourceNeedsNoGPU(t *testing.T) {
	b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{})
	b.Output("y", b.Exp(b.Input("x", 4, 8)))
	p, err := b.Program()
	require.NoError(t, err)
	source, err := Source(p)
	require.NoError(t, err)
	require.Contains(t, source, "__global__")

	_, err = Source(nil)
	require.ErrorContains(t, err, "cuda: no program")
}
