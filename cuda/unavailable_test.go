//go:build !gpu

package cuda

import (
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
)

func TestWithoutTheTagTheErrorSaysHowToGetIt(t *testing.T) {
	b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{})
	b.Output("sum", b.Sum(b.Input("x", 2)))
	p, err := b.Program()
	require.NoError(t, err)
	_, err = Config{}.Compile(p)
	require.ErrorIs(t, err, ErrUnavailable)
	require.ErrorContains(t, err, "-tags gpu")

	g := gorgonia.NewGraph()
	x := gorgonia.NewVector(g, tensor.Float32, gorgonia.WithName("x"), gorgonia.WithShape(2))
	gorgonia.Must(gorgonia.Neg(x))
	m := New(g)
	require.ErrorIs(t, m.RunAll(), ErrUnavailable)
	require.NoError(t, m.Close())

	_, err = Devices()
	require.ErrorIs(t, err, ErrUnavailable)
	_, err = Libraries()
	require.ErrorIs(t, err, ErrUnavailable)
}
