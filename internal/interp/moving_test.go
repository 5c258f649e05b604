package interp_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/internal/interp"
	"github.com/stheno-ml/stheno/lower"
)

func TestDynamicSlicesFollowTheirBounds(t *testing.T) {
	f := lower.NewFunc(lower.Shape{2, 5}, lower.Shape{4}, lower.Shape{2, 2})
	f.Return(
		f.Apply(lower.SliceAt{Axis: 1, Count: 2}, f.In(0), f.In(1))[0],
		f.Apply(lower.SliceAt{Axis: 0, Count: 2}, f.Transpose(f.In(0), 1, 0), f.In(1))[0],
		f.Apply(lower.PlaceAt{Axis: 1, Extent: 5}, f.In(2), f.In(1))[0],
		f.Apply(lower.PlaceAt{Axis: 0, Extent: 5}, f.Transpose(f.In(2), 1, 0), f.In(1))[0],
	)
	x := lower.ArrayOf([]float32{0, 1, 2, 3, 4, 10, 11, 12, 13, 14}, lower.Shape{2, 5})
	g := lower.ArrayOf([]float32{1, 2, 3, 4}, lower.Shape{2, 2})
	at := func(start, step int) lower.Array[float32] {
		w := lower.SliceWords(start, step)
		return lower.ArrayOf([]float32{float32(w[0]), float32(w[1]), float32(w[2]), float32(w[3])}, lower.Shape{4})
	}
	for _, c := range []struct {
		start, step int
		want        [4][]float32
	}{
		{0, 1, [4][]float32{{0, 1, 10, 11}, {0, 10, 1, 11}, {1, 2, 0, 0, 0, 3, 4, 0, 0, 0}, {1, 3, 2, 4, 0, 0, 0, 0, 0, 0}}},
		{3, 1, [4][]float32{{3, 4, 13, 14}, {3, 13, 4, 14}, {0, 0, 0, 1, 2, 0, 0, 0, 3, 4}, {0, 0, 0, 0, 0, 0, 1, 3, 2, 4}}},
		{1, 3, [4][]float32{{1, 4, 11, 14}, {1, 11, 4, 14}, {0, 1, 0, 0, 2, 0, 3, 0, 0, 4}, {0, 0, 1, 3, 0, 0, 0, 0, 2, 4}}},
	} {
		out, err := interp.Run(f, x, at(c.start, c.step), g)
		require.NoError(t, err)
		for i, want := range c.want {
			require.Equal(t, want, out[i].Data, "from %d in steps of %d: result %d", c.start, c.step, i)
		}
	}
	for _, c := range []struct{ start, step int }{{4, 1}, {1, 4}, {0, 0}, {1 << 20, 1}} {
		_, err := interp.Run(f, x, at(c.start, c.step), g)
		require.ErrorContains(t, err, "is not within extent 5", c)
	}
	for _, shapes := range [][]lower.Shape{{{2, 1}, {4}}, {{2, 5}, {3}}, {{5}, {4}}, {{2, 5}}} {
		_, err := lower.SliceAt{Axis: 1, Count: 2}.Infer(shapes)
		require.Error(t, err, shapes)
	}
	_, err := lower.PlaceAt{Axis: 1, Extent: 5}.Infer([]lower.Shape{{2, 6}, {4}})
	require.Error(t, err)
}
