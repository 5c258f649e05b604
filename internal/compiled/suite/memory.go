package suite

import (
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
)

func (on Machine) whatACallerBoundIsNeverWritten(t *testing.T) {
	for _, dtype := range []graph.Dtype{graph.Float32, graph.Float64} {
		b := graph.New(graph.NewParams(dtype, 1), graph.Config{})
		x := b.Input("x", 2)
		y := b.Square(x)
		b.Keep(y)
		ours, err := on.Build(b)
		require.NoError(t, err)
		defer ours.Close()
		other := gorgonia.NewTapeMachine(b.Graph())
		defer other.Close()
		run := func(m graph.VM, want ...float64) {
			t.Helper()
			m.Reset()
			require.NoError(t, m.RunAll())
			requireFloats(t, y, want...)
		}
		data := []float32{1, 2, 3, 4}
		bound := []*tensor.Dense{
			tensor.New(tensor.WithShape(2), tensor.WithBacking([]float32{5, 6})),
			tensor.New(tensor.WithShape(2), tensor.WithBacking([]float64{5, 6})),
		}
		let := bound[0]
		if dtype == graph.Float64 {
			let = bound[1]
		}
		for range 2 {
			require.NoError(t, graph.Feed(ours, x, data[:2]))
			run(ours, 1, 4)
			require.NoError(t, graph.Feed(other, x, data[2:]))
			run(other, 9, 16)
			require.NoError(t, graph.Feed(ours, x, data[:2]))
			require.NoError(t, graph.Fill(x, []float32{7, 8}))
			run(ours, 49, 64)
			for _, m := range []graph.VM{ours, other} {
				require.NoError(t, gorgonia.Let(x, let))
				run(m, 25, 36)
				require.NoError(t, graph.Feed(m, x, data[2:]))
				run(m, 9, 16)
			}
		}
		require.Equal(t, []float32{1, 2, 3, 4}, data, "%v", dtype)
		require.Equal(t, []float32{5, 6}, bound[0].Data(), "%v", dtype)
		require.Equal(t, []float64{5, 6}, bound[1].Data(), "%v", dtype)
	}
}
