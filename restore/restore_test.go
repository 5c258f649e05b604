package restore_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/restore"
)

// waves is a picture [C,H,W] of smooth waves in [0,1].
func waves(shape ...int) []float32 {
	x := make([]float32, shape[0]*shape[1]*shape[2])
	for i := range x {
		x[i] = float32(.5 + .4*math.Sin(float64(i%shape[2])/3)*math.Cos(float64(i/shape[2])/4))
	}
	return x
}

func TestDamageIsThatOfItsKind(t *testing.T) {
	shape := []int{1, 40, 50}
	x := waves(shape...)
	changed := func(d restore.Damage) (y []float32, n int) {
		y, err := d.Of(x, shape, 1)
		require.NoError(t, err)
		for i := range x {
			require.GreaterOrEqual(t, y[i], float32(0))
			require.LessOrEqual(t, y[i], float32(1))
			if y[i] != x[i] {
				n++
			}
		}
		return y, n
	}
	_, n := changed(restore.Damage{})
	require.Zero(t, n)

	y, _ := changed(restore.Damage{Kind: restore.Gaussian, Level: .05})
	sum := 0.
	for i := range x {
		sum += float64(y[i]-x[i]) * float64(y[i]-x[i])
	}
	require.InDelta(t, .05, math.Sqrt(sum/float64(len(x))), .005)

	y, n = changed(restore.Damage{Kind: restore.SaltAndPepper, Level: .3})
	require.InDelta(t, .3*2000, n, 80)
	require.InDelta(t, count(y, 0), count(y, 1), 80)

	y, n = changed(restore.Damage{Kind: restore.Masking, Level: .3})
	require.InDelta(t, .3*2000, n, 80)
	require.Equal(t, n, count(y, 0))

	y, n = changed(restore.Damage{Kind: restore.Occlusion, Size: 6})
	require.Equal(t, 36, n)
	require.Equal(t, 36, count(y, 0))

	rough, _ := changed(restore.Damage{Kind: restore.JPEG, Quality: 2})
	fine, _ := changed(restore.Damage{Kind: restore.JPEG, Quality: 100})
	a, err := restore.Near(rough, x, shape)
	require.NoError(t, err)
	b, err := restore.Near(fine, x, shape)
	require.NoError(t, err)
	require.Less(t, a.PSNR, 35.)
	require.Greater(t, b.PSNR, 45.)
}

func count(x []float32, v float32) (n int) {
	for _, y := range x {
		if y == v {
			n++
		}
	}
	return n
}

func TestJPEGKeepsColours(t *testing.T) {
	shape := []int{3, 16, 16}
	x := make([]float32, 3*16*16)
	for i := range 256 {
		x[i], x[256+i], x[512+i] = .8, .4, .2
	}
	for _, patch := range []bool{false, true} {
		y := slices.Clone(x)
		require.NoError(t, restore.Damage{Kind: restore.JPEG, Quality: 95}.Apply(rand.New(rand.NewPCG(1, 1)), y, shape, patch))
		require.InDeltaSlice(t, x, y, .03)
	}
}

func TestTheSameSeedDoesTheSameDamage(t *testing.T) {
	x := waves(3, 9, 7)
	for _, k := range restore.Kinds() {
		d := restore.Damage{Kind: restore.Kind(k)}
		if k != "jpeg" {
			d.Level = .4
		}
		a, err := d.Of(x, []int{3, 9, 7}, 5)
		require.NoError(t, err)
		b, err := d.Of(x, []int{3, 9, 7}, 5)
		require.NoError(t, err)
		require.Equal(t, a, b)
		require.NotEqual(t, x, a, k)
	}
}

func TestASoundIsDamagedWithinItsRange(t *testing.T) {
	x := make([]float32, 400)
	for _, k := range []restore.Kind{restore.Gaussian, restore.SaltAndPepper} {
		y, err := restore.Damage{Kind: k, Level: .9}.Of(x, []int{1, 1, 400}, 1)
		require.NoError(t, err)
		require.Less(t, slices.Min(y), float32(-.9))
		require.GreaterOrEqual(t, slices.Min(y), float32(-1))
	}
	x = slices.Repeat([]float32{.5}, 400)
	y, err := restore.Damage{Kind: restore.Occlusion, Size: 50}.Of(x, []int{1, 1, 400}, 1)
	require.NoError(t, err)
	require.Equal(t, 50, count(y, 0))
}

func TestWrongDamageAndHolesAreErrors(t *testing.T) {
	picture, sound := []int{1, 8, 8}, []int{1, 1, 64}
	for _, c := range []struct {
		d     restore.Damage
		shape []int
		want  string
	}{
		{restore.Damage{Kind: "rain"}, picture, `"rain" is unknown`},
		{restore.Damage{Level: .1}, picture, "without a kind"},
		{restore.Damage{Kind: restore.Gaussian}, picture, "without a level"},
		{restore.Damage{Kind: restore.Gaussian, Level: -1}, picture, "level -1"},
		{restore.Damage{Kind: restore.Gaussian, Level: math.NaN()}, picture, "NaN"},
		{restore.Damage{Kind: restore.Gaussian, Level: math.Inf(1)}, picture, "+Inf"},
		{restore.Damage{Kind: restore.Masking, Level: 1.1}, picture, "from 0 to 1"},
		{restore.Damage{Kind: restore.Masking, Level: .1, Size: 3}, picture, "only occlusion"},
		{restore.Damage{Kind: restore.JPEG, Quality: 101}, picture, "quality 101: want 1 to 100"},
		{restore.Damage{Kind: restore.JPEG, Quality: -1}, picture, "quality -1: want 1 to 100"},
		{restore.Damage{Kind: restore.JPEG, Level: .1}, picture, "it has a quality"},
		{restore.Damage{Kind: restore.JPEG}, sound, "jpeg is for pictures"},
		{restore.Damage{Kind: restore.JPEG}, []int{2, 8, 4}, "one channel or three"},
		{restore.Damage{Kind: restore.Gaussian, Level: .1, Quality: 3}, picture, "only jpeg has one"},
		{restore.Damage{Kind: restore.Occlusion, Size: -1}, picture, "size -1"},
		{restore.Damage{Kind: restore.Occlusion, Size: 9}, picture, "squares of 9 do not fit into pictures of 8 by 8"},
		{restore.Damage{Kind: restore.Occlusion}, []int{8, 8}, "no picture of the shape [8 8]"},
		{restore.Damage{Kind: restore.Occlusion}, []int{1, 8, 9}, "64 values are no picture"},
	} {
		_, err := c.d.Of(make([]float32, 64), c.shape, 1)
		require.ErrorContains(t, err, c.want, fmt.Sprint(c.d))
	}
	for _, c := range []struct {
		h     restore.Hole
		shape []int
		want  string
	}{
		{restore.Hole{Kind: "moon"}, picture, `"moon" is unknown`},
		{restore.Hole{Size: 3}, picture, "without a kind"},
		{restore.Hole{Kind: restore.Centre, Size: -3}, picture, "square of -3"},
		{restore.Hole{Kind: restore.Block, Size: 9}, picture, "a hidden square of 9 is larger than a picture of 8 by 8"},
		{restore.Hole{Kind: restore.Block, Mask: "m.png"}, picture, "the mask m.png with the hole block"},
		{restore.Hole{Kind: restore.Given}, picture, "without a picture"},
		{restore.Hole{Kind: restore.Given, Mask: "m.png", Size: 3}, picture, "a mask, which has its own"},
		{restore.Hole{Kind: restore.Given, Mask: "m.png"}, picture, "has to be read first"},
		{restore.Hole{Kind: restore.Centre}, []int{64}, "no picture"},
	} {
		require.ErrorContains(t, c.h.Apply(rand.New(rand.NewPCG(1, 1)), make([]float32, 64), c.shape), c.want, fmt.Sprint(c.h))
	}
	require.ErrorContains(t, restore.Hole{Kind: restore.Centre}.CheckShape([]int{64}), "have no hole")
	_, err := restore.MaskOf(slices.Repeat([]float32{1}, 64), picture, 1)
	require.ErrorContains(t, err, "hides 0 of 64")
	_, err = restore.MaskOf(make([]float32, 64), picture, 1)
	require.ErrorContains(t, err, "hides 64 of 64")
}

func TestAHoleIsWhereItsKindSays(t *testing.T) {
	mask := make([]float32, 2*6*8)
	r := rand.New(rand.NewPCG(1, 1))
	require.NoError(t, restore.Hole{Kind: restore.Centre, Size: 2}.Apply(r, mask, []int{2, 6, 8}))
	for i, m := range mask {
		row, column := i/8%6, i%8
		inside := row >= 2 && row < 4 && column >= 3 && column < 5
		require.Equal(t, inside, m == 0, i)
	}
	first, moved := -1, false
	for range 20 {
		require.NoError(t, restore.Hole{Kind: restore.Block}.Apply(r, mask, []int{2, 6, 8}))
		require.Equal(t, 2*3*3, count(mask, 0))
		if at := slices.Index(mask, 0); first < 0 {
			first = at
		} else {
			moved = moved || at != first
		}
	}
	require.True(t, moved)
	black := slices.Repeat([]float32{1}, 3*4)
	black[1], black[5], black[9] = 0, 0, 0
	got, err := restore.MaskOf(black, []int{3, 2, 2}, 2)
	require.NoError(t, err)
	require.Equal(t, []float32{1, 0, 1, 1, 1, 0, 1, 1}, got)
}

func TestTilesPutAPictureTogetherAgain(t *testing.T) {
	for _, c := range [][2][]int{
		{{1, 7, 9}, {1, 4, 4}}, {{3, 5, 5}, {3, 5, 5}}, {{2, 3, 20}, {2, 8, 6}}, {{1, 1, 100}, {1, 1, 16}}, {{1, 2, 2}, {1, 8, 8}}, {{1, 4, 5}, {1, 1, 1}}, {{3, 9, 7}, {1, 4, 4}}, {{4, 5, 5}, {2, 5, 3}},
	} {
		x := waves(c[0]...)
		tiles, err := restore.Cover(c[0], c[1])
		require.NoError(t, err)
		y, err := tiles.Restore(x, nil, func(n int, tiles, masks []float32) ([]float32, error) {
			require.Len(t, tiles, n*c[1][0]*c[1][1]*c[1][2])
			require.Nil(t, masks)
			return tiles, nil
		})
		require.NoError(t, err)
		require.InDeltaSlice(t, x, y, 1e-6, c)
	}
}

func TestTilesKeepWhatIsShown(t *testing.T) {
	x, mask := waves(1, 20, 20), slices.Repeat([]float32{1}, 400)
	mask[0] = 0
	tiles, err := restore.Cover([]int{1, 20, 20}, []int{1, 8, 8})
	require.NoError(t, err)
	y, err := tiles.Restore(x, mask, func(n int, tiles, masks []float32) ([]float32, error) {
		require.Equal(t, 1, n, "only one tile has the hidden pixel")
		require.Equal(t, float32(0), masks[0])
		return make([]float32, len(tiles)), nil
	})
	require.NoError(t, err)
	require.Equal(t, float32(0), y[0])
	require.Equal(t, x[1:], y[1:])
}

func TestWrongTilesAreErrors(t *testing.T) {
	for _, c := range []struct {
		shape, tile []int
		want        string
	}{
		{[]int{1, 8, 8}, []int{3, 4, 4}, "tiles of 3 channels for pictures of 1"},
		{[]int{3, 8, 8}, []int{2, 4, 4}, "tiles of 2 channels for pictures of 3"},
		{[]int{8, 8}, []int{1, 4, 4}, "want [channels, height, width]"},
		{[]int{1, 8, 8}, []int{1, 0, 4}, "want [channels, height, width]"},
	} {
		_, err := restore.Cover(c.shape, c.tile)
		require.ErrorContains(t, err, c.want)
	}
	tiles, err := restore.Cover([]int{1, 8, 8}, []int{1, 4, 4})
	require.NoError(t, err)
	same := func(_ int, tiles, _ []float32) ([]float32, error) { return tiles, nil }
	_, err = tiles.Restore(make([]float32, 63), nil, same)
	require.ErrorContains(t, err, "63 values")
	_, err = tiles.Restore(make([]float32, 64), make([]float32, 3), same)
	require.ErrorContains(t, err, "a mask of 3")
	_, err = tiles.Restore(make([]float32, 64), nil, func(int, []float32, []float32) ([]float32, error) { return nil, nil })
	require.ErrorContains(t, err, "restored to 0 values")
	_, err = tiles.Restore(make([]float32, 64), nil, func(int, []float32, []float32) ([]float32, error) { return nil, fmt.Errorf("no net") })
	require.ErrorContains(t, err, "no net")
}

func TestTheMedianFilterRemovesSinglePixels(t *testing.T) {
	x := make([]float32, 2*5*4)
	x[1*4+2], x[20+0] = 1, 1 // one inside the first channel, one in a corner of the second
	y, err := restore.Median(x, []int{2, 5, 4}, 1)
	require.NoError(t, err)
	require.Equal(t, make([]float32, 40), y)
	y, err = restore.Median([]float32{1, 1, 9, 1, 2, 3, 4}, []int{1, 1, 7}, 1)
	require.NoError(t, err)
	require.Equal(t, []float32{1, 1, 1, 2, 2, 3, 4}, y)
	_, err = restore.Median(x, []int{2, 5, 5}, 1)
	require.ErrorContains(t, err, "40 values are no picture")
}

// plane are samples of four values on a plane of two directions about a mean.
func plane(n int) (x []float32) {
	r := rand.New(rand.NewPCG(1, 2))
	for range n {
		a, b := float32(r.NormFloat64()), float32(r.NormFloat64())
		x = append(x, 1+a, 2+b, 3+a+b, 4+a-b)
	}
	return x
}

func TestPrincipalComponentsRestoreWhatLiesOnTheirPlane(t *testing.T) {
	x := plane(200)
	pca, err := restore.FitPCA(x, 4, 9)
	require.NoError(t, err)
	require.Equal(t, 4, pca.Components())
	require.InDeltaSlice(t, x, pca.Project(x, 2), 1e-4)

	holed, mask := slices.Clone(x[:8]), []float32{1, 1, 0, 0, 0, 1, 1, 0}
	for i, m := range mask {
		if m == 0 {
			holed[i] = 77 // must not matter
		}
	}
	filled, err := pca.Fill(holed, mask, 2)
	require.NoError(t, err)
	require.InDeltaSlice(t, x[:8], filled, .02)
	mean, err := pca.Fill(holed, mask, 0)
	require.NoError(t, err)
	require.InDelta(t, pca.Mean()[2], mean[2], 1e-6)
	require.Equal(t, x[0], mean[0])

	_, err = pca.Fill(x[:3], mask[:3], 2)
	require.ErrorContains(t, err, "3 values")
	_, err = restore.FitPCA(x[:3], 4, 2)
	require.ErrorContains(t, err, "3 values are not samples of 4")
}

func TestTheWienerFilterKeepsTonesAndWeakensNoise(t *testing.T) {
	n := 8000
	x, r := make([]float32, n), rand.New(rand.NewPCG(1, 3))
	for i := range x {
		x[i] = float32(.4 * math.Sin(2*math.Pi*440*float64(i)/8000))
	}
	noisy := make([]float32, n)
	for i, v := range x {
		noisy[i] = v + float32(.1*r.NormFloat64())
	}
	y, err := restore.Wiener(noisy, 512)
	require.NoError(t, err)
	before, err := restore.SNR(noisy, x)
	require.NoError(t, err)
	after, err := restore.SNR(y, x)
	require.NoError(t, err)
	require.InDelta(t, 9, before, .5)
	require.Greater(t, after, before+5)
	for _, window := range []int{0, 3} {
		_, err = restore.Wiener(x, window)
		require.ErrorContains(t, err, "at least 4")
	}
	_, err = restore.Wiener(nil, 16)
	require.ErrorContains(t, err, "a sound of 0")
}

func TestNearnessIsOfPicturesAsFilesHaveThem(t *testing.T) {
	shape := []int{1, 16, 16}
	x := waves(shape...)
	n, err := restore.Near(x, x, shape)
	require.NoError(t, err)
	require.Equal(t, restore.Nearness{MSE: 0, PSNR: 99, SSIM: 1}, n)
	white, over := slices.Repeat([]float32{1}, 256), slices.Repeat([]float32{3}, 256) // white is as white as it gets
	n, err = restore.Near(over, white, shape)
	require.NoError(t, err)
	require.InDelta(t, 99, n.PSNR, 0)

	mask, y := slices.Repeat([]float32{1}, 256), slices.Clone(x)
	mask[20], y[20] = 0, x[20]+.1
	y[100] = 9 // is shown, so it does not count
	n, err = restore.NearIn(y, x, mask, shape)
	require.NoError(t, err)
	require.InDelta(t, .01, n.MSE, 1e-6)
	require.InDelta(t, 20, n.PSNR, 1e-4)

	_, err = restore.NearIn(y, x, slices.Repeat([]float32{1}, 256), shape)
	require.ErrorContains(t, err, "no pixel is hidden")
	_, err = restore.NearIn(y, x[:3], mask, shape)
	require.ErrorContains(t, err, "compared with one of 3")
	_, err = restore.Near(y, x[:3], shape)
	require.ErrorContains(t, err, "compared with one of 3")
	_, err = restore.SNR(x, make([]float32, 256))
	require.ErrorContains(t, err, "silent")
	_, err = restore.SNR(x, nil)
	require.ErrorContains(t, err, "compared with one of 0")
}
