package compiled

import (
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/internal/value"
	"github.com/stheno-ml/stheno/lower"
)

// Values allocated together equal values allocated one by one. They share nothing with
// each other or with those of the next run.
func TestValuesAllocatedTogetherAreIndependent(t *testing.T) {
	shapes := []lower.Shape{{}, {3}, {1, 4}, {4, 1}, {2, 3, 2}, {9, 9}, {2}, {100}}
	v := NewValues[float64](shapes)
	data := make([][]float64, len(shapes))
	for i, s := range shapes {
		data[i] = make([]float64, s.Size())
		for k := range data[i] {
			data[i][k] = float64(10*i + k)
		}
	}
	given := gorgonia.NewF64(5)
	run := func() []gorgonia.Value {
		out := make([]gorgonia.Value, len(shapes))
		out[6] = given
		v.Make(out[:5], 0, func(i int) ([]float64, bool) { return data[i], false })
		v.Make(out[5:], 5, func(i int) ([]float64, bool) { return data[i], i == 7 })
		return out
	}
	check := func(out []gorgonia.Value) {
		for i, s := range shapes {
			if i == 6 {
				require.Same(t, given, out[i])
				continue
			}
			want := value.New(data[i], s)
			require.Equal(t, want.Data(), out[i].Data())
			require.True(t, want.Shape().Eq(out[i].Shape()))
			if d, ok := want.(*tensor.Dense); ok {
				got := out[i].(*tensor.Dense)
				require.Equal(t, d.Strides(), got.Strides())
				require.Equal(t, d.Engine(), got.Engine())
				require.Equal(t, d.String(), got.String())
			}
		}
	}
	first, second := run(), run()
	check(first)
	check(second)
	require.Equal(t, &data[7][0], &second[7].Data().([]float64)[0], "it uses the given memory")

	for i := 1; i < 6; i++ { // changes to one value do not reach another
		d := first[i].(*tensor.Dense)
		require.NoError(t, d.Memset(-1.0))
		require.NoError(t, d.Reshape(d.Shape().TotalSize()))
		tensor.ReturnTensor(d)
	}
	check(second)
	check(run())
}
