package cpu

import (
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/compiled/suite"
	"github.com/stheno-ml/stheno/models/conv"
	"github.com/stheno-ml/stheno/models/dense"
)

func TestTheArenaHoldsWhatIsAliveAtOnce(t *testing.T) {
	for name, c := range map[string]struct {
		model interface {
			Build(b *graph.Builder, batch int) graph.Net
		}
		dtype graph.Dtype
		least int64 // a layer's result alone
	}{
		"dense in float64": {dense.Config{Input: 30, Hidden: []int{20}}, graph.Float64, 8 * 8 * 20},
		"dense in float32": {dense.Config{Input: 30, Hidden: []int{20}}, graph.Float32, 4 * 8 * 20},
		"conv in float32":  {conv.Config{}, graph.Float32, 4 * 16 * 28 * 28}, // one image at a time
	} {
		t.Run(name, func(t *testing.T) {
			b := graph.New(graph.NewParams(c.dtype, 1), graph.Config{})
			m := suite.MachineOf(t, Config{}, b, nil, c.model.Build(b, 8).Tasks[0].Loss)
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

// TestAStepThatDoesNotFitSaysWhichBatchWould has a step of several arrays. Each of
// them alone would fit.
func TestAStepThatDoesNotFitSaysWhichBatchWould(t *testing.T) {
	const limit = 1 << 30
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(limit))
	build := func(batch int) error {
		b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{})
		x := b.Input("x", batch, 8)
		y := b.MatMul(x, b.Transpose(x, 1, 0))
		b.Output("sum", b.Sum(b.MatMul(b.Tanh(y), b.Sigmoid(y))))
		p, err := b.Program()
		require.NoError(t, err)
		m, err := Config{Threads: 1}.Compile(p)
		if err == nil {
			err = m.Close()
		}
		return err
	}
	err := build(15000)
	for _, words := range []string{"cpu: out of memory: a step needs 1.6", "GiB of it for values between the steps", "; 1 GiB are free; a batch of about ", " would fit instead of 15000"} {
		require.ErrorContains(t, err, words)
	}
	require.NoError(t, build(100))
}
