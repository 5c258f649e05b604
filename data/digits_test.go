package data

import (
	"crypto/sha256"
	"encoding/hex"
	"math"
	"reflect"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestDigitsAreTheSameBytesOnEveryPlatform(t *testing.T) {
	sum := sha256.New()
	d := newDigits(1, 0, 500)
	for i := range d.Len() {
		var pix bitmap
		label := d.draw(i, &pix)
		sum.Write([]byte{byte(label)})
		sum.Write(pix[:])
	}
	require.Equal(t, "9fdaa67931bc41fd866b76dfdecd5ea28e8dba390a39e82ba088ee9e9e3e76b1", hex.EncodeToString(sum.Sum(nil)),
		"the generated digits changed: results on them are no longer comparable with earlier ones")
}

func TestADigitDependsOnSeedAndIndexOnly(t *testing.T) {
	few, many := NewDigits(5, 3), NewDigits(5, math.MaxInt32)
	for _, i := range []int{2, 0, 1} {
		require.Equal(t, read(t, few, i), read(t, many, i))
	}
	require.NotEqual(t, read(t, few, 0)[0], read(t, NewDigits(6, 3), 0)[0], "two seeds give the same image")
	require.Zero(t, NewDigits(1, -1).Len())
}

func TestNoTwoDigitsAreAlike(t *testing.T) {
	seen := map[bitmap]bool{}
	for _, first := range []uint64{0, 1 << 32} { // a train and a test set
		d := newDigits(1, first, 3000)
		for i := range d.Len() {
			var pix bitmap
			d.draw(i, &pix)
			require.False(t, seen[pix], "image %d of the sequence from %d was there before", i, first)
			seen[pix] = true
		}
	}
}

// MNIST's train set has a mean pixel of 33.3 and 19 % of pixels that are not black, 10 % of each digit.
func TestDigitsHaveTheStatisticsOfMNIST(t *testing.T) {
	d := newDigits(2, 0, 5000)
	var sum, white, ink float64
	var labels [10]int
	for i := range d.Len() {
		var pix bitmap
		labels[d.draw(i, &pix)]++
		own := 0
		for k, p := range pix {
			sum += float64(p)
			if p > 0 {
				ink++
			}
			if p > 240 {
				white++
				own++
			}
			row, column := k/side, k%side
			if row == 0 || row == side-1 || column == 0 || column == side-1 {
				require.Zero(t, p, "image %d touches its border", i)
			}
		}
		require.Positive(t, own, "image %d has no pixel of full ink", i)
	}
	pixels := float64(d.Len() * side * side)
	require.InDelta(t, 33.3, sum/pixels, 2)
	require.InDelta(t, .18, ink/pixels, .02)
	require.InDelta(t, .08, white/pixels, .02)
	for label, n := range labels {
		require.InDelta(t, 500, n, 75, "digit %d", label)
	}
}

func TestEveryGlyphIsWritten(t *testing.T) {
	for digit, ways := range glyphs() {
		require.NotEmpty(t, ways)
		for k := range ways {
			way := &ways[k]
			require.LessOrEqual(t, len(way.knots), maxKnots)
			require.Positive(t, way.weight)
			used := make([]bool, len(way.knots))
			dots := 0
			for _, stroke := range way.strokes {
				require.GreaterOrEqual(t, len(stroke), 2)
				dots += (len(stroke)-1)*steps + 1
				for _, at := range stroke {
					used[at] = true
				}
			}
			require.NotContains(t, used, false, "digit %d, way %d has a knot that no stroke uses", digit, k)
			require.LessOrEqual(t, dots, maxDots)

			g := splitMix(7)
			var room [maxDots]dot
			require.Len(t, way.write(&g, &room), dots)
		}
	}
}

func TestKeptDigitsAreTheDrawnOnes(t *testing.T) {
	drawn := newDigits(9, 1<<32, 40)
	kept := keep(newDigits(9, 1<<32, 40))
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			a, b := NewSample(drawn), NewSample(kept)
			for i := range drawn.Len() {
				errA, errB := drawn.Read(i, a), kept.Read(i, b)
				if errA != nil || errB != nil || !reflect.DeepEqual(a, b) {
					t.Errorf("image %d differs", i)
				}
			}
		})
	}
	readers.Wait()
}

func TestNormalHasItsDeviation(t *testing.T) {
	g := splitMix(3)
	const n = 100000
	var sum, squares float64
	for range n {
		v := float64(g.normal(1000))
		sum += v
		squares += v * v
		require.LessOrEqual(t, math.Abs(v), 3500.)
	}
	require.InDelta(t, 0, sum/n, 15)
	require.InDelta(t, 1000, math.Sqrt(squares/n), 15)
}

func TestRootRoundsDown(t *testing.T) {
	for _, n := range []int64{1, 2, 3, 4, 15, 16, 17, 65535, 65536, 1<<31 - 1, 1<<32 - 1} {
		r := root(n)
		require.LessOrEqual(t, r*r, n)
		require.Greater(t, (r+1)*(r+1), n)
	}
}

func BenchmarkDigits(b *testing.B) {
	d := newDigits(1, 0, math.MaxInt32)
	i := 0
	for b.Loop() {
		var pix bitmap
		d.draw(i, &pix)
		i++
	}
}
