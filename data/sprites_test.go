package data_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/data"
)

func TestSpritesHaveEachCombinationOfFactorsOnce(t *testing.T) {
	set := data.NewSprites()
	require.Equal(t, 36864, set.Len())
	to := data.NewSample(set)
	seen := map[[5]float32]bool{}
	for i := range set.Len() {
		require.NoError(t, set.Read(i, to))
		seen[[5]float32(to[1])] = true
	}
	require.Len(t, seen, set.Len())
	require.True(t, seen[[5]float32{2, 5, 7, 15, 15}])
	require.Error(t, set.Read(set.Len(), to))
}

func TestASpriteIsBinaryAndLiesWhereItsFactorsSay(t *testing.T) {
	set := data.NewSprites()
	to := data.NewSample(set)
	area := map[[2]float32]float64{} // by shape and size
	for i := 0; i < set.Len(); i += 7 {
		require.NoError(t, set.Read(i, to))
		sum, column, row := 0.0, 0.0, 0.0
		for k, v := range to[0] {
			if v != 0 && v != 1 {
				require.Failf(t, "grey", "pixel %d is %g", k, v)
			}
			sum, column, row = sum+float64(v), column+float64(v)*(float64(k%32)+.5), row+float64(v)*(float64(k/32)+.5)
		}
		f := to[1]
		require.InDelta(t, 8+16*float64(f[3])/15, column/sum, 2, "%v", f)
		require.InDelta(t, 8+16*float64(f[4])/15, row/sum, 2, "%v", f)
		area[[2]float32{f[0], f[1]}] += sum
	}
	for shape := range 3 {
		for size := range 5 {
			require.Less(t, area[[2]float32{float32(shape), float32(size)}], area[[2]float32{float32(shape), float32(size + 1)}])
		}
	}
}
