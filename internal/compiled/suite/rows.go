package suite

import (
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
)

// embedded is rows of a table by indices, the sum of their squares, and the
// gradient with respect to the table.
type embedded struct {
	g                   *gorgonia.ExprGraph
	table, at, rows, dx *graph.Node
}

func newEmbedded(t *testing.T, dtype tensor.Dtype, axis int, at ...int) *embedded {
	e := &embedded{g: gorgonia.NewGraph()}
	x := make([]float64, 12)
	for i := range x {
		x[i] = float64(i + 1)
	}
	e.table = gorgonia.NewMatrix(e.g, dtype, gorgonia.WithName("table"), gorgonia.WithShape(4, 3), gorgonia.WithValue(dense64(x, dtype, 4, 3)))
	e.at = gorgonia.NewVector(e.g, tensor.Int, gorgonia.WithName("at"), gorgonia.WithShape(len(at)), gorgonia.WithValue(tensor.New(tensor.WithBacking(at))))
	e.rows = must(gorgonia.ByIndices(e.table, e.at, axis))
	grads, err := gorgonia.Grad(must(gorgonia.Sum(must(gorgonia.Square(e.rows)))), e.table)
	require.NoError(t, err)
	e.dx = grads[0]
	return e
}

func (on Machine) rowsAreTakenByIndicesInAKernel(t *testing.T) {
	for _, dtype := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
		e := newEmbedded(t, dtype, 0, 2, 0, 2)
		m := on.With(Settings{Strict: true}).New(e.g)
		require.NoError(t, m.RunAll())
		requireFloats(t, e.rows, 7, 8, 9, 1, 2, 3, 7, 8, 9)
		requireFloats(t, e.dx, 2, 4, 6, 0, 0, 0, 28, 32, 36, 0, 0, 0)
		require.NoError(t, m.Verify())
		require.NoError(t, gorgonia.Let(e.at, tensor.New(tensor.WithBacking([]int{3, 3, 3}))))
		m.Reset()
		require.NoError(t, m.RunAll())
		requireFloats(t, e.rows, 10, 11, 12, 10, 11, 12, 10, 11, 12)
		requireFloats(t, e.dx, 0, 0, 0, 0, 0, 0, 0, 0, 0, 60, 66, 72)
		require.NoError(t, m.Close())

		e = newEmbedded(t, dtype, 1, 2, 0, 2, 2)
		m = on.With(Settings{Strict: true}).New(e.g)
		require.NoError(t, m.RunAll())
		requireFloats(t, e.rows, 3, 1, 3, 3, 6, 4, 6, 6, 9, 7, 9, 9, 12, 10, 12, 12)
		requireFloats(t, e.dx, 2, 0, 18, 8, 0, 36, 14, 0, 54, 20, 0, 72)
		require.NoError(t, m.Close())
	}
}

func (on Machine) anIndexOutOfRangeIsAnErrorThatNamesIt(t *testing.T) {
	for _, c := range []struct {
		axis int
		at   []int
		want []string
	}{
		{0, []int{0, 4}, []string{"index 4, element 1 of at", "axis 0 of extent 4"}},
		{0, []int{-1, 0}, []string{"index -1, element 0 of at", "axis 0 of extent 4"}},
		{1, []int{0, 1, 3}, []string{"index 3, element 2 of at", "axis 1 of extent 3"}},
	} {
		e := newEmbedded(t, tensor.Float64, c.axis, c.at...)
		m := on.New(e.g)
		err := m.RunAll()
		for _, want := range append(c.want, e.rows.Name()) {
			require.ErrorContains(t, err, want)
		}
		valid := make([]int, len(c.at))
		require.NoError(t, gorgonia.Let(e.at, tensor.New(tensor.WithBacking(valid))))
		m.Reset()
		require.NoError(t, m.RunAll(), "the next run succeeds")
		require.NoError(t, m.Close())
	}
}
