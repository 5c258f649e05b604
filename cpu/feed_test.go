package cpu

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/compiled/suite"
)

func TestAFedInputIsReadInPlace(t *testing.T) {
	for _, dtype := range []graph.Dtype{graph.Float32, graph.Float64} {
		b := graph.New(graph.NewParams(dtype, 1), graph.Config{})
		x, s := b.Input("x", 2, 3), b.Scalar("s", 1)
		m := suite.MachineOf(t, Config{}, b, nil, b.Mul(b.Square(x), s))
		run := func(want ...float64) {
			t.Helper()
			require.Equal(t, want, suite.Outputs(t, m)[0], "%v", dtype)
		}
		one, two := []float32{1, 2, 3, 4, 5, 6}, []float32{6, 5, 4, 3, 2, 1}
		require.NoError(t, m.Feed("x", one))
		run(1, 4, 9, 16, 25, 36)
		require.NoError(t, m.Feed("x", two))
		run(36, 25, 16, 9, 4, 1)
		two[0] = 7
		if dtype == graph.Float32 {
			run(49, 25, 16, 9, 4, 1)
		}
		require.NoError(t, m.Feed("x", two))
		run(49, 25, 16, 9, 4, 1)
		require.Equal(t, []float32{1, 2, 3, 4, 5, 6}, one)

		// Feed leaves the elements of SetFloats unchanged, and SetFloats those of Feed.
		exact := []float64{1, 1, 1, 1, 1, 1}
		require.NoError(t, m.SetFloats("x", exact))
		run(1, 1, 1, 1, 1, 1)
		require.Equal(t, []float32{7, 5, 4, 3, 2, 1}, two)
		require.NoError(t, m.Feed("x", one))
		run(1, 4, 9, 16, 25, 36)
		require.Equal(t, []float64{1, 1, 1, 1, 1, 1}, exact)
		require.Zero(t, testing.AllocsPerRun(10, func() {
			if m.Feed("x", two) != nil || m.Feed("x", one) != nil {
				panic("refused")
			}
		}))

		require.ErrorContains(t, m.Feed("x", one[:5]), "got 5")
		require.Error(t, m.Feed("x", nil))
		require.ErrorContains(t, m.Feed("out0", one), `no input "out0"`)
		require.NoError(t, m.Feed("s", one[:1]), "one element")
		run(1, 4, 9, 16, 25, 36)
		require.NoError(t, m.Close())
		require.ErrorContains(t, m.Feed("x", one), "closed")
	}
}
