package bitsback

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/compress/internal/exact"
	"github.com/stheno-ml/stheno/compress/internal/rans"
)

// small codes pairs of numbers from 0 to 3.
func small() *Model {
	m := &Model{Values: exact.Likelihood{Kind: exact.Categorical, Levels: 4, Values: 2, Precision: 20}, Size: 2, Lo: -30, Hi: 20,
		Value: []float64{0, 1, 2, 3}, Latent: exact.NewLatent(6, 20), Precision: 20}
	m.Encoder.Add(exact.Dense{In: 2, Out: 4, W: []float64{.5, 0, 0, .1, 0, -.5, .1, 0}, Bias: []float64{-1, 1, -2, -2}})
	m.Decoder.Add(exact.Dense{In: 2, Out: 8, W: []float64{-1, 0, 0, 0, 1, 0, 2, 0, 0, 1, 0, 0, 0, -1, 0, -2}, Bias: make([]float64, 8)})
	return m
}

func samples(n int) []uint16 {
	x := make([]uint16, 2*n)
	for i := range x {
		x[i] = uint16(i*i/3) % 4
	}
	return x
}

func TestSamplesOfAnyNumberComeBack(t *testing.T) {
	for _, n := range []int{0, 1, 2, 500} {
		jobs := []Job{{Number: 3, Samples: samples(n)}}
		done := 0
		require.NoError(t, small().Encode(jobs, 1, func() { done++ }))
		require.Equal(t, n, done)
		back := []Job{{Number: 3, Samples: make([]uint16, 2*n), Stream: jobs[0].Stream}}
		require.NoError(t, small().Decode(back, 1, func() {}))
		require.Equal(t, samples(n), back[0].Samples)
		require.Equal(t, jobs[0].Stream.Clean, back[0].Stream.Clean)
	}
}

// A changed word is noticed, at the latest when the clean words are not what they were.
func TestDamageIsNoticed(t *testing.T) {
	jobs := []Job{{Samples: samples(200)}}
	require.NoError(t, small().Encode(jobs, 1, func() {}))
	right := jobs[0].Stream
	for i := range right.Words {
		s := right
		s.Words = append([]uint32(nil), right.Words...)
		s.Words[i] ^= 1 << (i % 32)
		require.Error(t, small().Decode([]Job{{Samples: make([]uint16, 400), Stream: s}}, 1, func() {}), "word %d", i)
	}
	s := right
	s.Words = s.Words[len(s.Words)-5:]
	require.ErrorIs(t, small().Decode([]Job{{Samples: make([]uint16, 400), Stream: s}}, 1, func() {}), rans.ErrEmpty)
	require.ErrorContains(t, small().Decode([]Job{{Number: 1, Samples: make([]uint16, 400), Stream: right}}, 1, func() {}), "stream 1: what is left")
}

func TestNetsThatAreNotANumberAreErrors(t *testing.T) {
	for _, part := range []string{"encoder", "decoder"} {
		m := small()
		n := &m.Encoder
		if part == "decoder" {
			n = &m.Decoder
		}
		in, out := n.Sizes()
		w := make([]float64, in*out)
		for i := range w {
			w[i] = math.MaxFloat64
		}
		*n = exact.Net{}
		n.Add(exact.Dense{In: in, Out: in, W: w[:in*in]}, exact.Dense{In: in, Out: out, W: w, Bias: w[:out]}, exact.Affine{Area: out, Mean: []float64{math.Inf(1)}, Scale: []float64{1}, Shift: []float64{0}})
		err := m.Encode([]Job{{Samples: samples(9)}}, 1, func() {})
		require.ErrorContains(t, err, "the "+part+"'s result is not a number")
	}
}
