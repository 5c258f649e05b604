package value

import (
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/lower"
)

func TestOfReturnsWhatBindSet(t *testing.T) {
	for _, dtype := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
		g := gorgonia.NewGraph()
		s := gorgonia.NewScalar(g, dtype, gorgonia.WithName("s"))
		x := gorgonia.NewMatrix(g, dtype, gorgonia.WithName("x"), gorgonia.WithShape(2, 1))
		_, err := Of(x)
		require.ErrorContains(t, err, "node x has no value")
		require.NoError(t, Bind(s, 2.5))
		require.NoError(t, Bind(x, 1, 2))
		got, err := Of(s)
		require.NoError(t, err)
		require.Equal(t, []float64{2.5}, got)
		got, err = Of(x)
		require.NoError(t, err)
		require.Equal(t, []float64{1, 2}, got)
		got[0] = 7
		again, err := Of(x)
		require.NoError(t, err)
		require.Equal(t, []float64{1, 2}, again, "a copy")
		require.ErrorContains(t, Bind(x, 1), "[2 1]")
		require.ErrorContains(t, Bind(gorgonia.Must(gorgonia.Neg(x)), 1, 2), "only an input")
		require.ErrorContains(t, Bind(nil), "only an input")
	}
	_, err := Of(nil)
	require.ErrorContains(t, err, "no node")
}

func TestElementsAreInRowMajorOrder(t *testing.T) {
	view := tensor.New(tensor.WithShape(2, 3), tensor.WithBacking([]float64{1, 2, 3, 4, 5, 6}))
	require.NoError(t, view.T())
	x, err := Elements[float64](view)
	require.NoError(t, err)
	require.Equal(t, []float64{1, 4, 2, 5, 3, 6}, x)
	_, err = Elements[float32](view)
	require.ErrorContains(t, err, "want float32")
	_, err = Elements[float64](nil)
	require.ErrorContains(t, err, "no value")
	_, err = Elements[float64](tensor.New(tensor.WithBacking([]float64{1, 2}, []bool{true, false})))
	require.ErrorContains(t, err, "masked")
	require.Nil(t, New([]float64{1}, lower.Shape{2}))
	require.Nil(t, Zero(tensor.Float32, lower.Shape{-1}))
	n, ok := Scalar[float32](gorgonia.NewF32(3))
	require.True(t, ok)
	require.Equal(t, float32(3), n)
	_, ok = Scalar[float64](gorgonia.NewF32(3))
	require.False(t, ok)
}
