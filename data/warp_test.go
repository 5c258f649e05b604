package data

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// handwritten are generated digits in memory, x [1 28 28] and label.
func handwritten(t testing.TB, n int) Set {
	x, err := ArrayOf(NewDigits(1, n), "x")
	require.NoError(t, err)
	label, err := ArrayOf(NewDigits(1, n), "label")
	require.NoError(t, err)
	return must(InMemory(x, label))(t)
}

// grid is a random image.
func grid(height, width int) []float32 {
	r := rand.New(rand.NewPCG(1, 2))
	image := make([]float32, height*width)
	for i := range image {
		image[i] = r.Float32()
	}
	return image
}

// mapped is an image read at the places of an affine map.
func mapped(image []float32, height, width int, m affine, fill float32) []float32 {
	s := newSampler(height, width)
	s.place(m, nil)
	out := slices.Clone(image)
	s.read(out, fill, false)
	return out
}

// single is how the set's first image comes out of an augmentation.
func single(t testing.TB, set Set, a Augmentation) *Batch {
	b, err := batchesOf(t, set, BatchOptions{Size: set.Len(), Seed: 3, Augment: []Augmentation{a}}).Next(t.Context())
	require.NoError(t, err)
	return b
}

func TestTheSeriesOfSineAndCosineAreRight(t *testing.T) {
	for angle := -math.Pi; angle <= math.Pi; angle += 0.01 {
		sin, cos := sinCos(angle)
		require.InDelta(t, math.Sin(angle), sin, 1e-14)
		require.InDelta(t, math.Cos(angle), cos, 1e-14)
	}
}

func TestAWarpByNothingChangesNothing(t *testing.T) {
	set := handwritten(t, 5)
	want, err := ArrayOf(set, "x")
	require.NoError(t, err)
	require.Equal(t, want.Values, single(t, set, Warp{}).Field("x"))
	image := grid(5, 8)
	require.Equal(t, image, mapped(image, 5, 8, affine{xx: 1, yy: 1}, 0))
}

func TestAWarpTurnsAboutTheCentre(t *testing.T) {
	image := grid(6, 6)
	got := mapped(image, 6, 6, affine{xy: 1, yx: -1}, 0) // the inverse of a quarter turn
	half := mapped(image, 6, 6, affine{xx: -1, yy: -1}, 0)
	for y := range 6 {
		for x := range 6 {
			require.InDelta(t, image[(5-x)*6+y], got[y*6+x], 1e-5)
			require.InDelta(t, image[(5-y)*6+5-x], half[y*6+x], 1e-5)
		}
	}
}

func TestAShiftByWholePixelsIsAMove(t *testing.T) {
	for _, d := range [][2]int{{1, 0}, {0, -2}, {3, 2}, {-9, 1}, {2, 20}, {-8, -5}} {
		image := grid(5, 8)
		want := slices.Clone(image)
		move(want, 5, 8, d[0], d[1], 0.5)
		got := mapped(image, 5, 8, affine{xx: 1, yy: 1, x0: -float64(d[0]), y0: -float64(d[1])}, 0.5)
		require.InDeltaSlice(t, want, got, 1e-6, "%v", d)
	}
}

// TestPlacesBetweenPixelsAreInterpolated compares with the formula, in float64 and pixel by pixel.
func TestPlacesBetweenPixelsAreInterpolated(t *testing.T) {
	const h, w, fill = 7, 9, -1.
	image := grid(h, w)
	pixel := func(x, y int) float64 {
		if x < 0 || x >= w || y < 0 || y >= h {
			return fill
		}
		return float64(image[y*w+x])
	}
	m := affine{xx: 0.8, xy: 0.45, yx: -0.6, yy: 1.1, x0: 0.3, y0: -1.2}
	got := mapped(image, h, w, m, fill)
	for y := range h {
		for x := range w {
			u, v := float64(x)-4, float64(y)-3
			sx, sy := m.xx*u+m.xy*v+m.x0+4, m.yx*u+m.yy*v+m.y0+3
			fx, fy := sx-math.Floor(sx), sy-math.Floor(sy)
			ix, iy := int(math.Floor(sx)), int(math.Floor(sy))
			want := (1-fy)*((1-fx)*pixel(ix, iy)+fx*pixel(ix+1, iy)) + fy*((1-fx)*pixel(ix, iy+1)+fx*pixel(ix+1, iy+1))
			require.InDelta(t, want, got[y*w+x], 1e-4, "%d %d", x, y)
		}
	}
}

func TestAWarpKeepsTheRangeOfValues(t *testing.T) {
	for _, v := range single(t, handwritten(t, 100), Warp{Rotate: 180, Shift: 5, Scale: 0.5, Shear: 0.5, Elastic: 3}).Field("x") {
		require.True(t, v >= 0 && v <= 1, "%g", v)
	}
}

func TestAnImageAndItsMaskMoveAlike(t *testing.T) {
	x, err := ArrayOf(handwritten(t, 8), "x")
	require.NoError(t, err)
	// A picture of two channels, a copy of the first, and a mask of classes.
	double := make([]float32, 0, 2*len(x.Values))
	mask := make([]float32, len(x.Values))
	for image := range slices.Chunk(x.Values, 784) {
		double = append(append(double, image...), image...)
	}
	for i, v := range x.Values {
		if v > 0.5 {
			mask[i] = 1
		}
	}
	set := must(InMemory(Array{Name: "x", Shape: []int{2, 28, 28}, Values: double},
		Array{Name: "target", Shape: []int{28, 28}, Values: x.Values},
		Array{Name: "mask", Shape: []int{28, 28}, Classes: 2, Values: mask}))(t)
	fields := []string{"x", "target", "mask"}
	for _, a := range []Augmentation{
		Warp{Fields: fields, Rotate: 20, Shift: 3, Elastic: 1}, Crop{Fields: fields, Pad: 3},
		Flip{Fields: fields, Horizontal: 0.5, Vertical: 0.5}, Erase{Fields: fields, Most: 0.3},
	} {
		b := single(t, set, a)
		require.NotEqual(t, x.Values, b.Field("target"))
		agree := 0
		for i := range b.N {
			target := b.Field("target")[i*784 : (i+1)*784]
			require.Equal(t, target, b.Field("x")[2*i*784:(2*i+1)*784])
			require.Equal(t, target, b.Field("x")[(2*i+1)*784:(2*i+2)*784])
			for k, v := range b.Field("mask")[i*784 : (i+1)*784] {
				require.True(t, v == 0 || v == 1)
				if (v == 1) == (target[k] > 0.5) {
					agree++
				}
			}
		}
		require.Greater(t, agree, 8*784*9/10, "%T", a)
	}
}

func TestABendHasTheDeviationAndTheSmoothnessAskedFor(t *testing.T) {
	const sigma, deviation = 4., 1.4
	e := newElastic(28, 28, deviation, sigma)
	var n, sum, squares, near, far float64
	for i := range 400 {
		g := splitMix(mix(uint64(i)))
		e.draw(&g)
		for y := range 28 {
			dx, dy := e.row(y)
			for _, d := range [][]float32{dx, dy} {
				for x := range 20 {
					v := float64(d[x])
					n, sum, squares = n+1, sum+v, squares+v*v
					near, far = near+v*float64(d[x+4]), far+v*float64(d[x+8])
				}
			}
		}
	}
	require.InDelta(t, 0, sum/n, 0.1)
	require.InDelta(t, deviation, math.Sqrt(squares/n), 0.1)
	require.InDelta(t, math.Exp(-4*4/(4*sigma*sigma)), near/squares, 0.05, "as a Gaussian smooths")
	require.InDelta(t, math.Exp(-8*8/(4*sigma*sigma)), far/squares, 0.05)
}
