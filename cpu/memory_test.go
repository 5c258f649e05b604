package cpu

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/models/conv"
	"github.com/stheno-ml/stheno/models/dense"
)

func TestTheArenaHoldsAtLeastWhatIsNeededAtOnce(t *testing.T) {
	for name, c := range map[string]struct {
		model interface {
			Build(b *graph.Builder, batch int) graph.Net
		}
		dtype graph.Dtype
		least int64 // a layer's result alone
	}{
		"dense in float64": {dense.Config{Input: 30, Hidden: []int{20}}, graph.Float64, 8 * 8 * 20},
		"dense in float32": {dense.Config{Input: 30, Hidden: []int{20}}, graph.Float32, 4 * 8 * 20},
		"conv in float32":  {conv.Config{}, graph.Float32, 4 * 16 * 28 * 28}, // images go one by one
	} {
		t.Run(name, func(t *testing.T) {
			b := graph.New(graph.NewParams(c.dtype, 1), graph.Config{})
			b.Keep(c.model.Build(b, 8).Tasks[0].Loss)
			m, err := Config{}.Build(b)
			require.NoError(t, err)
			held := m.Memory()
			require.GreaterOrEqual(t, held.Least, c.least)
			require.GreaterOrEqual(t, held.Arena, held.Least)
			require.LessOrEqual(t, float64(held.Arena), 1.5*float64(held.Least))
			require.GreaterOrEqual(t, held.Scratch, int64(0))
			require.NoError(t, m.Close())
			require.Zero(t, m.Memory())
		})
	}
}
