package graph

import (
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

func TestScalarIsTheOneElement(t *testing.T) {
	g := gorgonia.NewGraph()
	for name, n := range map[string]*Node{
		"float32": gorgonia.NewScalar(g, Float32, gorgonia.WithValue(float32(2.5))),
		"float64": gorgonia.NewScalar(g, Float64, gorgonia.WithValue(2.5)),
		"tensor":  gorgonia.NewTensor(g, Float32, 2, gorgonia.WithShape(1, 1), gorgonia.WithName("x"), gorgonia.WithValue(tensor.New(tensor.WithShape(1, 1), tensor.WithBacking([]float32{2.5})))),
	} {
		x, err := Scalar(n)
		require.NoError(t, err, name)
		require.Equal(t, 2.5, x, name)
	}
	_, err := Scalar(gorgonia.NewVector(g, Float32, gorgonia.WithName("v"), gorgonia.WithShape(2), gorgonia.WithInit(gorgonia.Zeroes())))
	require.ErrorContains(t, err, "node v has shape [2], want one element")
	_, err = Scalar(gorgonia.NewScalar(g, Float32, gorgonia.WithName("s")))
	require.ErrorContains(t, err, "has no value")
	_, err = Scalar(nil)
	require.Error(t, err)
}

func TestFillingAnInputAndSettingTheClockDoNotAllocate(t *testing.T) {
	for _, dtype := range []Dtype{Float32, Float64} {
		b := New(NewParams(dtype, 1), Config{})
		x, clock := b.Input("x", 3, 4), b.Clock()
		require.NoError(t, b.Err())
		values := make([]float32, 12)
		require.Zero(t, testing.AllocsPerRun(10, func() {
			if Fill(x, values) != nil || SetClock(clock, 3, 70000) != nil {
				panic("refused")
			}
		}), "%v", dtype)
		words, err := Floats(clock)
		require.NoError(t, err)
		require.Equal(t, []float64{3, 0, 70000 & 0xffff, 1}, words)
	}
}
