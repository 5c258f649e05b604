package suite

import (
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/value"
	"github.com/stheno-ml/stheno/tape"
	"github.com/stheno-ml/stheno/vm"
)

func (on Machine) fedArraysAreNeverWritten(t *testing.T) {
	for _, dtype := range []graph.Dtype{graph.Float32, graph.Float64} {
		b := graph.New(graph.NewParams(dtype, 1), graph.Config{})
		ours := MachineOf(t, on, b, nil, b.Square(b.Input("x", 2)))
		other, err := tape.Config{}.Compile(ours.Program())
		require.NoError(t, err)
		defer other.Close()
		run := func(m vm.Machine, want ...float64) {
			t.Helper()
			require.Equal(t, want, Outputs(t, m)[0])
		}
		data, exact := []float32{1, 2, 3, 4}, []float64{5, 6}
		for range 2 {
			require.NoError(t, ours.Feed("x", data[:2]))
			run(ours, 1, 4)
			require.NoError(t, other.Feed("x", data[2:]))
			run(other, 9, 16)
			require.NoError(t, ours.Feed("x", data[:2]))
			require.NoError(t, ours.SetFloats("x", []float64{7, 8}))
			run(ours, 49, 64)
			for _, m := range []vm.Machine{ours, other} {
				require.NoError(t, m.SetFloats("x", exact))
				run(m, 25, 36)
				require.NoError(t, m.Feed("x", data[2:]))
				run(m, 9, 16)
			}
		}
		require.Equal(t, []float32{1, 2, 3, 4}, data, "%v", dtype)
		require.Equal(t, []float64{5, 6}, exact, "%v", dtype)
	}
}

func (on Machine) boundArraysAreNeverWritten(t *testing.T) {
	for _, bound := range []*tensor.Dense{
		tensor.New(tensor.WithShape(2), tensor.WithBacking([]float32{5, 6})),
		tensor.New(tensor.WithShape(2), tensor.WithBacking([]float64{5, 6})),
	} {
		g := gorgonia.NewGraph()
		x := gorgonia.NewVector(g, bound.Dtype(), gorgonia.WithName("x"), gorgonia.WithShape(2))
		y := gorgonia.Must(gorgonia.Square(x))
		m := on.New(g)
		other := tensor.New(tensor.WithShape(2), tensor.Of(bound.Dtype()))
		for range 2 {
			require.NoError(t, gorgonia.Let(x, bound))
			m.Reset()
			require.NoError(t, m.RunAll())
			requireFloats(t, y, 25, 36)
			require.NoError(t, gorgonia.Let(x, other))
			m.Reset()
			require.NoError(t, m.RunAll())
			requireFloats(t, y, 0, 0)
		}
		requireFloats(t, x, 0, 0)
		kept, err := value.Floats(bound)
		require.NoError(t, err)
		require.Equal(t, []float64{5, 6}, kept)
	}
}

// The next value of w is written in place, unless a later step reads w. Here the product
// for v reads w after the step that computes next.
func (on Machine) aLaterStepReadsTheOldValueOfAParameter(t *testing.T) {
	for _, dtype := range []graph.Dtype{graph.Float32, graph.Float64} {
		p := graph.NewParams(dtype, 1)
		b := graph.New(p, graph.Config{Training: true})
		w, v := b.Param("w", graph.Ones(), 4, 4), b.Param("v", graph.Constant(20), 4, 4)
		next := b.AddConst(w, 1)
		b.Update(w, next)
		b.Update(v, b.MatMul(b.Tanh(b.MatMul(v, next)), w)) // tanh of 160 is 1
		m := MachineOf(t, on, b, nil)
		require.NoError(t, vm.Run(m))
		for i := range 16 {
			require.Equal(t, 2.0, p.Get("w").Floats()[i], "%v", dtype)
			require.Equal(t, 4.0, p.Get("v").Floats()[i], "%v", dtype)
		}
		require.NoError(t, m.Close())
	}
}
