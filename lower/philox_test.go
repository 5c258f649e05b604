package lower

import (
	"encoding/binary"
	"hash/fnv"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/stat/distuv"
)

// The known answers are from the tests of Random123, the authors' own library.
func TestPhiloxReturnsThePublishedAnswers(t *testing.T) {
	for _, c := range []struct {
		counter [4]uint32
		key     uint64
		want    [4]uint32
	}{
		{[4]uint32{}, 0, [4]uint32{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
		{[4]uint32{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, 0xffffffffffffffff, [4]uint32{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
		{[4]uint32{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, 0x299f31d0a4093822, [4]uint32{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
	} {
		require.Equal(t, c.want, Philox4x32(c.counter, c.key))
	}
}

func TestKeysDifferBySeedAndName(t *testing.T) {
	h := fnv.New64a()
	h.Write([]byte("encoder/dropout"))
	require.Equal(t, splitmix(h.Sum64()^splitmix(7)), RandomKey(7, "encoder/dropout"))
	// The first outputs of splitmix64 from the state 1234567.
	require.Equal(t, uint64(6457827717110365317), splitmix(1234567))

	seen := map[uint64]bool{}
	for seed := range uint64(20) {
		for _, name := range []string{"", "a", "b", "ab", "ba", "dropout", "dropout_1", "decoder/dropout"} {
			seen[RandomKey(seed, name)] = true
		}
	}
	require.Len(t, seen, 160)
}

func TestUniformsAreExactMultiplesInTheHalfOpenInterval(t *testing.T) {
	require.Equal(t, float32(0), UniformOf(0))
	require.Equal(t, float32(0), UniformOf(0xff))
	require.Equal(t, float32(0x1p-24), UniformOf(0x100))
	require.Equal(t, float32(0.5), UniformOf(1<<31))
	require.Equal(t, float32(1-0x1p-24), UniformOf(math.MaxUint32))
}

// every calls f, in order, with one word for each of the 2^23 numbers that NormalOf
// can return.
func every(f func(k int, word uint32)) {
	for k := range 1 << 23 {
		f(k, uint32(k)<<9)
	}
}

func TestNormalsAreTheQuantilesOfTheNormalDistribution(t *testing.T) {
	worst := 0.0
	for k := 0; k < 1<<23; k += 97 {
		x := (float64(k)+0.5)*0x1p-22 - 1
		want := math.Sqrt2 * math.Erfinv(x)
		worst = max(worst, math.Abs(float64(NormalOf(uint32(k)<<9))-want)/math.Abs(want))
	}
	require.Less(t, worst, 5e-7, "greatest relative error")

	normal := distuv.Normal{Sigma: 1}
	for k := range 64 { // the smallest uniforms, one by one
		u := (float64(k) + 0.5) * 0x1p-23
		require.InEpsilon(t, normal.Quantile(u), NormalOf(uint32(k)<<9), 5e-7)
	}
	require.InDelta(t, -5.2947, NormalOf(0), 1e-4)
	require.InDelta(t, 5.2947, NormalOf(math.MaxUint32), 1e-4)
}

func TestNormalsAreOddAndNeverDecrease(t *testing.T) {
	last := float32(math.Inf(-1))
	steps := 0
	every(func(k int, word uint32) {
		z := NormalOf(word)
		if z < last {
			steps++
		}
		if z != -NormalOf(^word) {
			require.Fail(t, "not odd", "word %#x", word)
		}
		last = z
	})
	require.Zero(t, steps, "pairs of neighbours out of order")
}

// This test fixes every bit of every normal number. A machine that computes another
// value for any word draws other noise. The bits come from a C program with the same
// formulas, compiled without fused multiply-adds.
func TestNormalsHaveTheStatedBits(t *testing.T) {
	for word, want := range map[uint32]uint32{
		0x00000000: 0xc0a96e37,
		0x00000200: 0xc0a2e32b,
		0x12345678: 0xbfbbd930,
		0x7fffffff: 0xb4206c98,
		0x80000000: 0x34206c98,
		0xdeadbeef: 0x3f90149a,
		0xffffffff: 0x40a96e37,
	} {
		require.Equal(t, want, math.Float32bits(NormalOf(word)), "word %#x", word)
	}
	h := fnv.New64a()
	buf := make([]byte, 0, 1<<16)
	every(func(k int, word uint32) {
		buf = binary.LittleEndian.AppendUint32(buf, math.Float32bits(NormalOf(word)))
		if len(buf) == cap(buf) {
			h.Write(buf)
			buf = buf[:0]
		}
	})
	require.Equal(t, uint64(0x52381659d1d8bb75), h.Sum64())
}

// stream draws n words with one key.
func stream(key uint64, n int) []uint32 {
	var words []uint32
	for i := 0; len(words) < n; i++ {
		w := Philox4x32([4]uint32{uint32(i)}, key)
		words = append(words, w[:]...)
	}
	return words[:n]
}

// kolmogorov returns sqrt(n) times the greatest distance between the sample's
// distribution function and cdf. By chance it exceeds 1.95 one time in a thousand.
func kolmogorov(x []float64, cdf func(float64) float64) float64 {
	slices.Sort(x)
	n, d := float64(len(x)), 0.0
	for i, v := range x {
		p := cdf(v)
		d = max(d, p-float64(i)/n, float64(i+1)/n-p)
	}
	return math.Sqrt(n) * d
}

func TestDrawsFollowTheirDistributions(t *testing.T) {
	const n = 200_000
	for key := range uint64(5) {
		u, z := make([]float64, n), make([]float64, n)
		var sum [5]float64
		for i, w := range stream(key, n) {
			u[i], z[i] = float64(UniformOf(w)), float64(NormalOf(w))
			p := 1.0
			for k := range sum {
				sum[k] += p / n
				p *= z[i]
			}
		}
		// Standard errors of the moments 1 to 4: sqrt of 1, 2, 15 and 96, over sqrt n.
		for k, want := range []float64{1, 0, 1, 0, 3} {
			require.InDelta(t, want, sum[k], 4*math.Sqrt([]float64{1e-12, 1, 2, 15, 96}[k]/n), "moment %d", k)
		}
		require.Less(t, kolmogorov(u, func(x float64) float64 { return x }), 1.95)
		require.Less(t, kolmogorov(z, distuv.UnitNormal.CDF), 1.95)
	}
}
