package interp_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/internal/interp"
	"github.com/stheno-ml/stheno/lower"
)

func TestGatherAndScatterAddUseIndices(t *testing.T) {
	f := lower.NewFunc(lower.Shape{2, 3}, lower.Shape{4})
	g := f.Apply(lower.Gather{Axis: 1}, f.In(0), f.In(1))[0]
	transposed := f.Apply(lower.Gather{Axis: 0}, f.Transpose(f.In(0), 1, 0), f.In(1))[0]
	f.Return(g, transposed,
		f.Apply(lower.ScatterAdd{Axis: 1, Extent: 3}, g, f.In(1))[0],
		f.Apply(lower.ScatterAdd{Axis: 0, Extent: 3}, transposed, f.In(1))[0])
	x := lower.ArrayOf([]float64{1, 2, 3, 4, 5, 6}, lower.Shape{2, 3})
	out, err := interp.Run(f, x, lower.ArrayOf([]float64{2, 0, 2, 1}, lower.Shape{4}))
	require.NoError(t, err)
	require.Equal(t, []float64{3, 1, 3, 2, 6, 4, 6, 5}, out[0].Data)
	require.Equal(t, []float64{3, 6, 1, 4, 3, 6, 2, 5}, out[1].Data)
	require.Equal(t, []float64{1, 2, 6, 4, 5, 12}, out[2].Data)
	require.Equal(t, []float64{1, 4, 2, 5, 6, 12}, out[3].Data)

	out, err = interp.Run(f, x, lower.ArrayOf([]float64{3, -1, math.NaN(), 0}, lower.Shape{4}))
	require.NoError(t, err)
	for _, v := range out[0].Data[:3] {
		require.True(t, math.IsNaN(v), "a row that does not exist")
	}
	require.Equal(t, []float64{1, 0, 0, 4, 0, 0}, out[2].Data, "rows that do not exist are skipped")

	for _, shapes := range [][]lower.Shape{{{2, 3}}, {{2, 3}, {2, 2}}, {{2}, {4}}} {
		_, err := lower.Gather{Axis: 1}.Infer(shapes)
		require.Error(t, err, shapes)
	}
	_, err = lower.ScatterAdd{Axis: 0, Extent: 5}.Infer([]lower.Shape{{2, 3}, {4}})
	require.Error(t, err)
}
