package cpu

import (
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
)

func TestAFedInputIsReadWhereTheCallerHasIt(t *testing.T) {
	for _, dtype := range []graph.Dtype{graph.Float32, graph.Float64} {
		b := graph.New(graph.NewParams(dtype, 1), graph.Config{})
		x, s := b.Input("x", 2, 3), b.Scalar("s", 1)
		y := b.Mul(b.Square(x), s)
		b.Keep(y)
		m, err := Config{}.Build(b)
		require.NoError(t, err)
		defer m.Close()
		bound := x.Value()
		run := func(want ...float64) {
			t.Helper()
			m.Reset()
			require.NoError(t, m.RunAll())
			got, err := graph.Floats(y)
			require.NoError(t, err)
			require.Equal(t, want, got, "%v", dtype)
		}
		one, two := []float32{1, 2, 3, 4, 5, 6}, []float32{6, 5, 4, 3, 2, 1}
		require.NoError(t, graph.Feed(m, x, one))
		run(1, 4, 9, 16, 25, 36)
		require.NoError(t, graph.Feed(m, x, two))
		run(36, 25, 16, 9, 4, 1)
		two[0] = 7
		if dtype == graph.Float32 {
			run(49, 25, 16, 9, 4, 1)
			zeros, err := graph.Elements[float32](bound)
			require.NoError(t, err)
			require.Equal(t, make([]float32, 6), zeros, "what was bound before is not written to")
		}
		require.NoError(t, graph.Feed(m, x, two))
		run(49, 25, 16, 9, 4, 1)
		require.Equal(t, []float32{1, 2, 3, 4, 5, 6}, one)

		// What the program binds itself is left alone by the next Feed.
		require.NoError(t, graph.SetFloats(x, []float64{1, 1, 1, 1, 1, 1}))
		let := x.Value().(*tensor.Dense)
		require.NoError(t, graph.Feed(m, x, one))
		run(1, 4, 9, 16, 25, 36)
		if dtype == graph.Float32 {
			require.Equal(t, []float32{1, 1, 1, 1, 1, 1}, let.Data())
		}

		require.ErrorContains(t, graph.Feed(m, x, one[:5]), "got 5")
		require.Error(t, graph.Feed(m, x, nil))
		require.ErrorContains(t, graph.Feed(m, y, one), "only an input")
		require.ErrorContains(t, graph.Feed(m, s, one[:1]), "want a tensor")
		require.Error(t, graph.Feed(m, nil, one))
		run(1, 4, 9, 16, 25, 36)
		require.NoError(t, m.Close())
		require.ErrorContains(t, graph.Feed(m, x, one), "closed")
	}
}
