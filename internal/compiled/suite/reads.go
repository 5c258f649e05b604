package suite

import (
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// aReadFillsOneValueThatIsTheProgramsOwn checks what Read does on Gorgonia's machine:
// the first run sets the destination, and later runs write into that value. It does not
// share memory with the node's value.
func (on Machine) aReadFillsOneValueThatIsTheProgramsOwn(t *testing.T) {
	on.both(t, func(t *testing.T, machine func(*gorgonia.ExprGraph, ...gorgonia.VMOpt) gorgonia.VM) {
		g := gorgonia.NewGraph()
		own := []float64{1, 2}
		x := vector(g, "x", own...)
		require.NoError(t, gorgonia.Let(x, tensor.New(tensor.WithBacking(own))))
		y := gorgonia.Must(gorgonia.Neg(x))
		var vectors, scalars gorgonia.Value
		given := gorgonia.Value(tensor.New(tensor.WithBacking([]float64{7, 7})))
		mine := given
		gorgonia.Read(y, &vectors)
		gorgonia.Read(gorgonia.Must(gorgonia.Sum(y)), &scalars)
		gorgonia.Read(gorgonia.Must(gorgonia.Square(x)), &given)
		m := machine(g)
		defer m.Close()
		require.NoError(t, m.RunAll())
		first, sum := vectors, scalars
		require.Equal(t, []float64{-1, -2}, first.Data())
		require.Equal(t, -3., sum.Data())
		require.Same(t, mine, given)
		require.Equal(t, []float64{1, 4}, mine.Data())
		first.Data().([]float64)[0] = 9
		requireFloats(t, y, -1, -2)

		own[0] = 5
		m.Reset()
		require.NoError(t, m.RunAll())
		require.Same(t, first, vectors)
		require.Same(t, sum, scalars)
		require.Equal(t, []float64{-5, -2}, first.Data())
		require.Equal(t, -7., sum.Data())
		require.Equal(t, []float64{25, 4}, mine.Data())
	})
}

func (on Machine) aReadWithoutADestinationIsAnErrorThatNamesTheNode(t *testing.T) {
	g := gorgonia.NewGraph()
	y := gorgonia.Must(gorgonia.Neg(vector(g, "x", 1, 2)))
	gorgonia.WithName("y")(y)
	gorgonia.Read(y, nil)
	require.ErrorContains(t, on.New(g).RunAll(), "read of y: its destination is nil")

	g = gorgonia.NewGraph()
	y = gorgonia.Must(gorgonia.Neg(vector(g, "x", 1, 2)))
	gorgonia.WithName("y")(y)
	other := gorgonia.Value(gorgonia.NewF64(1))
	gorgonia.Read(y, &other)
	m := on.New(g)
	defer m.Close()
	require.ErrorContains(t, m.RunAll(), "read of y")
}
