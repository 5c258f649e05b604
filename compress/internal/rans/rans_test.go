package rans

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

type symbol struct {
	start, size uint64
	bits        int
}

// draw draws a symbol of a skewed distribution, and how many bits it carries.
func draw(r *rand.Rand) (s symbol, cost float64) {
	s.bits = 1 + r.IntN(MaxBits)
	all := uint64(1) << s.bits
	s.size = 1 + r.Uint64N(all)>>r.IntN(s.bits+1)
	s.start = r.Uint64N(all - s.size + 1)
	return s, float64(s.bits) - math.Log2(float64(s.size))
}

func TestWhatIsPushedIsPoppedInReverse(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	var s Stack
	var list []symbol
	total := 0.
	for range 100000 {
		y, cost := draw(r)
		list, total = append(list, y), total+cost
		s.Push(y.start, y.size, y.bits)
	}
	require.InEpsilon(t, total, float64(32*len(s.Words))+math.Log2(float64(s.State))-32, 1e-3, "bits")
	for i := len(list) - 1; i >= 0; i-- {
		at := s.Peek(list[i].bits)
		require.GreaterOrEqual(t, at, list[i].start)
		require.Less(t, at, list[i].start+list[i].size)
		require.NoError(t, s.Pop(list[i].start, list[i].size, list[i].bits))
	}
	require.EqualValues(t, 1<<32, s.State)
	require.Empty(t, s.Words)
	for range 3 {
		if err := s.Pop(0, 1, 31); err != nil {
			require.ErrorIs(t, err, ErrEmpty)
			return
		}
	}
	require.Fail(t, "an empty stack gives symbols")
}

// Popping uniform symbols from clean words and pushing them again restores the words.
func TestPoppingIsTheInverseOfPushing(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 2))
	var clean []uint32
	s := Stack{State: 1<<32 + 12345, Refill: func() uint32 {
		clean = append(clean, r.Uint32())
		return clean[len(clean)-1]
	}}
	var list []symbol
	for range 10000 {
		bits := 1 + r.IntN(MaxBits)
		cut := r.Uint64N(1 << bits) // of two symbols: below and from cut on
		y := symbol{0, cut, bits}
		if s.Peek(bits) >= cut {
			y = symbol{cut, 1<<bits - cut, bits}
		}
		list = append(list, y)
		require.NoError(t, s.Pop(y.start, y.size, y.bits))
	}
	s.Refill = nil
	for i := len(list) - 1; i >= 0; i-- {
		s.Push(list[i].start, list[i].size, list[i].bits)
	}
	require.EqualValues(t, 1<<32+12345, s.State)
	require.Len(t, s.Words, len(clean))
	for i, w := range clean {
		require.Equal(t, w, s.Words[len(clean)-1-i])
	}
}
