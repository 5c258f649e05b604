package cpu

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/models/dense"
)

func TestTheArenaHoldsAtLeastWhatIsAlive(t *testing.T) {
	b := graph.New(graph.NewParams(graph.Float64, 1), graph.Config{})
	b.Keep(dense.Config{Input: 30, Hidden: []int{20}}.Build(b, 8).Tasks[0].Loss)
	m, err := Config{}.Build(b)
	require.NoError(t, err)
	arena, least := m.Memory()
	require.GreaterOrEqual(t, least, int64(8*8*20), "the hidden layer, 8 bytes an element")
	require.GreaterOrEqual(t, arena, least)
	require.NoError(t, m.Close())
	arena, least = m.Memory()
	require.Zero(t, arena+least)
}
