package kernel

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPhiloxHasTheSameBitsOnAllInstructionSets(t *testing.T) {
	// The third test vector published with the generator.
	words := make([]uint32, 4)
	philoxGeneric(words, []uint32{0x243f6a88}, []uint32{0x85a308d3}, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0)
	require.Equal(t, []uint32{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}, words)

	r := rand.New(rand.NewPCG(1, 31))
	for _, isa := range Supported() {
		for n := range 68 {
			c0, c1 := make([]uint32, n+1)[1:], make([]uint32, n+1)[1:] // not aligned
			for i := range c0 {
				c0[i], c1[i] = r.Uint32(), r.Uint32()
			}
			c2, c3, key := r.Uint32(), r.Uint32(), r.Uint64()
			want, all := make([]uint32, 4*n), make([]uint32, 4*n+2)
			philoxGeneric(want, c0, c1, c2, c3, uint32(key), uint32(key>>32))
			all[0], all[4*n+1] = 7, 7
			Philox(isa, all[1:4*n+1], c0, c1, c2, c3, key)
			require.Equal(t, want, all[1:4*n+1], "%s: %d counters", isa, n)
			require.Equal(t, [2]uint32{7, 7}, [2]uint32{all[0], all[4*n+1]}, "%s: guards", isa)
		}
	}
}

func BenchmarkPhilox(b *testing.B) {
	c := make([]uint32, 1024)
	dst := make([]uint32, 4*len(c))
	for _, isa := range Supported() {
		b.Run(string(isa), func(b *testing.B) {
			for b.Loop() {
				Philox(isa, dst, c, c, 1, 2, 3)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(dst)), "ns/word")
		})
	}
}
