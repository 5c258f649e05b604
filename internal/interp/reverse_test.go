package interp_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/internal/interp"
	"github.com/stheno-ml/stheno/lower"
)

func TestFlipReversesAxes(t *testing.T) {
	f := lower.NewFunc(lower.Shape{2, 3})
	r := f.Apply(lower.Flip{Axes: []int{1}}, f.In(0))[0]
	both := f.Apply(lower.Flip{Axes: []int{0, 1}}, f.In(0))[0]
	of := f.Slice(f.Transpose(r, 1, 0), 0, 1, 3, 1) // a view of the view
	f.Return(r, both, of)
	out, err := interp.Run(f, lower.ArrayOf([]float32{1, 2, 3, 4, 5, 6}, lower.Shape{2, 3}))
	require.NoError(t, err)
	require.Equal(t, []float32{3, 2, 1, 6, 5, 4}, out[0].Data)
	require.Equal(t, []float32{6, 5, 4, 3, 2, 1}, out[1].Data)
	require.Equal(t, []float32{2, 5, 1, 4}, out[2].Data)

	for _, axes := range [][]int{{2}, {-1}, {0, 0}} {
		_, err := lower.Flip{Axes: axes}.Infer([]lower.Shape{{2, 3}})
		require.Error(t, err, "%v", axes)
	}
}

func TestFlippedAxesAreReduced(t *testing.T) {
	f := lower.NewFunc(lower.Shape{2, 3})
	r := f.Apply(lower.Flip{Axes: []int{0, 1}}, f.In(0))[0]
	f.Return(f.Sum(r, 1), f.Max(r, 0), f.Sum(r, 0, 1), f.Sum(f.Transpose(r, 1, 0), 1))
	out, err := interp.Run(f, lower.ArrayOf([]float32{1, 2, 3, 4, 5, 6}, lower.Shape{2, 3}))
	require.NoError(t, err)
	require.Equal(t, []float32{15, 6}, out[0].Data)
	require.Equal(t, []float32{6, 5, 4}, out[1].Data)
	require.Equal(t, []float32{21}, out[2].Data)
	require.Equal(t, []float32{9, 7, 5}, out[3].Data)
}

func TestFoldComputesConstants(t *testing.T) {
	a := lower.Arg(0)
	e := a.Mul(lower.Num(2).Add(lower.Num(3))).Add(lower.Exp(lower.Num(0)))
	require.Equal(t, "add(mul(a0,5),1)", e.Fold().String())
	require.Equal(t, "6", lower.Num(2).Mul(lower.Num(3)).Fold().String())
}

func TestReplaceReplacesEqualSubexpressions(t *testing.T) {
	s := lower.Sigmoid(lower.Arg(0))
	e := s.Mul(lower.Num(1).Sub(s))
	require.Equal(t, "mul(a1,sub(1,a1))", e.Replace(s, lower.Arg(1)).String())
	require.Equal(t, e.String(), e.Replace(lower.Tanh(lower.Arg(0)), lower.Arg(1)).String())
}
