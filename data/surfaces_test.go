package data_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/data"
)

func TestPointsLieOnTheirSurface(t *testing.T) {
	for name, c := range map[string]struct {
		set data.Set
		off func(x, z float64) float64 // how far a point is from the surface, at least
	}{
		"swiss-roll": {data.NewSwissRoll(1, 500), func(x, z float64) float64 {
			r, a := 10*math.Hypot(x, z), math.Atan2(z, x)
			turns := math.Round((r - a) / (2 * math.Pi))
			return math.Abs(r-a-2*math.Pi*turns) / 10
		}},
		"s-curve": {data.NewSCurve(1, 500), func(x, z float64) float64 {
			return math.Abs(math.Hypot(x, 2*(math.Abs(z)-0.5)) - 1) // half the height is an ellipse
		}},
	} {
		x, err := data.ArrayOf(c.set, "x")
		require.NoError(t, err)
		label, err := data.ArrayOf(c.set, "label")
		require.NoError(t, err)
		seen := map[float32]int{}
		for i, l := range label.Values {
			seen[l]++
			p := x.Values[3*i : 3*i+3]
			require.Less(t, c.off(float64(p[0]), float64(p[2])), 0.3, "%s, point %d %v", name, i, p)
			require.Less(t, math.Abs(float64(p[1])), 1.2)
		}
		require.Len(t, seen, 10, name)
		opened, err := data.Open(t.Context(), name, data.Options{Seed: 1})
		require.NoError(t, err)
		first, err := data.ArrayOf(data.Limit(opened.Train, 500), "x")
		require.NoError(t, err)
		require.Equal(t, x.Values, first.Values)
		test, err := data.ArrayOf(data.Limit(opened.Test, 500), "x")
		require.NoError(t, err)
		require.NotEqual(t, x.Values[:30], test.Values[:30])
	}
}
