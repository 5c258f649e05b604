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

// The next value of w is written where w lies, unless a later step reads w: here
// the product that v becomes is made from it after next was.
func (on Machine) aPartThatReadsLaterReadsTheOldValueOfAParameter(t *testing.T) {
	for _, dtype := range []graph.Dtype{graph.Float32, graph.Float64} {
		p := graph.NewParams(dtype, 1)
		b := graph.New(p, graph.Config{Training: true})
		w, v := b.Param("w", graph.Ones(), 4, 4), b.Param("v", graph.Constant(20), 4, 4)
		next := b.AddConst(w, 1)
		b.Update(w, next)
		b.Update(v, b.MatMul(b.Tanh(b.MatMul(v, next)), w)) // tanh of 160 is 1
		m, err := on.Build(b)
		require.NoError(t, err)
		require.NoError(t, m.RunAll())
		for i := range 16 {
			require.Equal(t, 2.0, p.Get("w").Floats()[i], "%v", dtype)
			require.Equal(t, 4.0, p.Get("v").Floats()[i], "%v", dtype)
		}
		require.NoError(t, m.Close())
	}
}
