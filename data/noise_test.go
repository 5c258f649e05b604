package data

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// blank are n images of one value, and a copy "target" of each.
func blank(t testing.TB, n int, value float32) Set {
	values := slices.Repeat([]float32{value}, n*784)
	return must(InMemory(Array{Name: "x", Shape: []int{1, 28, 28}, Values: values},
		Array{Name: "target", Shape: []int{784}, Values: values}))(t)
}

func TestNoiseHasItsDeviation(t *testing.T) {
	var sum, squares, beyond float64
	x := single(t, blank(t, 200, 5), Noise{Deviation: 2}).Field("x")
	for _, v := range x {
		d := float64(v) - 5
		sum, squares = sum+d, squares+d*d
		if math.Abs(d) > 4 {
			beyond++
		}
	}
	n := float64(len(x))
	require.InDelta(t, 0, sum/n, 0.03)
	require.InDelta(t, 4, squares/n, 0.06)
	require.InDelta(t, 0.0455, beyond/n, 0.003, "as a normal number")
}

func TestNoiseStaysWithinItsBounds(t *testing.T) {
	b := single(t, blank(t, 10, 0.5), Noise{Deviation: 0.5, Min: 0, Max: 1})
	require.Equal(t, float32(0), slices.Min(b.Field("x")))
	require.Equal(t, float32(1), slices.Max(b.Field("x")))
	require.Equal(t, float32(0.5), slices.Max(b.Field("target")), "only the named fields change")
}

func TestEachFieldGetsTheSameNoise(t *testing.T) {
	fields := []string{"x", "target"}
	for _, a := range []Augmentation{Noise{Fields: fields, Deviation: 1}, SaltAndPepper{Fields: fields, Fraction: 0.3}} {
		b := single(t, blank(t, 3, 0.5), a)
		require.Equal(t, b.Field("x"), b.Field("target"))
	}
}

func TestSaltAndPepperSetTheirFraction(t *testing.T) {
	for _, fraction := range []float64{0, 0.1, 0.75, 1} {
		x := single(t, blank(t, 100, 0.5), SaltAndPepper{Fraction: fraction, Pepper: -1, Salt: 2}).Field("x")
		n := map[float32]int{}
		for _, v := range x {
			n[v]++
		}
		require.Len(t, x, n[-1]+n[2]+n[0.5])
		require.InDelta(t, fraction/2, float64(n[-1])/78400, 0.005)
		require.InDelta(t, fraction/2, float64(n[2])/78400, 0.005)
	}
}

func TestAnErasedRectangleHasItsArea(t *testing.T) {
	erased := 0
	x := single(t, blank(t, 400, 1), Erase{Least: 0.1, Most: 0.2, Fill: 7}).Field("x")
	for image := range slices.Chunk(x, 784) {
		first, last, n := 784, 0, 0
		left, right := 28, 0
		for i, v := range image {
			if v == 7 {
				first, last, n = min(first, i/28), max(last, i/28), n+1
				left, right = min(left, i%28), max(right, i%28)
			}
		}
		if n == 0 {
			continue
		}
		erased++
		require.Equal(t, (last-first+1)*(right-left+1), n, "a rectangle")
		require.InDelta(t, 0.15, float64(n)/784, 0.08)
	}
	require.InDelta(t, 200, erased, 40)
}

func TestAFlipMirrorsAndACropMoves(t *testing.T) {
	set := handwritten(t, 1)
	image := read(t, set, 0)[0]
	across := single(t, set, Flip{Horizontal: 1}).Field("x")
	down := single(t, set, Flip{Vertical: 1}).Field("x")
	both := single(t, set, Flip{Horizontal: 1, Vertical: 1}).Field("x")
	crop := single(t, set, Crop{Pad: 3, Fill: 9}).Field("x")
	moves := 0
	for dy := -3; dy <= 3; dy++ {
		for dx := -3; dx <= 3; dx++ {
			moved := slices.Clone(image)
			move(moved, 28, 28, dx, dy, 9)
			if slices.Equal(moved, crop) {
				moves++
			}
		}
	}
	require.Equal(t, 1, moves)
	for y := range 28 {
		for x := range 28 {
			v := image[y*28+x]
			require.Equal(t, v, across[y*28+27-x])
			require.Equal(t, v, down[(27-y)*28+x])
			require.Equal(t, v, both[(27-y)*28+27-x])
		}
	}
}

func TestMixupMixesSamplesAndTheirLabelsAlike(t *testing.T) {
	hot := must(OneHot(must(InMemory(Labels(slices.Repeat([]int{0, 1, 2, 3}, 25))))(t), "label"))(t)
	set := must(With(must(Rename(hot, "label", "x"))(t), hot))(t)
	b := single(t, set, Mixup{Alpha: 0.4})
	require.Equal(t, b.Field("x"), b.Field("label"))
	mixed := 0
	for label := range slices.Chunk(b.Field("label"), 4) {
		sum, most := float32(0), slices.Max(label)
		for _, v := range label {
			sum += v
		}
		require.InDelta(t, 1, sum, 1e-6)
		require.GreaterOrEqual(t, most, float32(0.5))
		if most < 0.99 {
			mixed++
		}
	}
	require.Greater(t, mixed, 30)
}
