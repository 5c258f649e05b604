package kernel

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

// The test compares all 2^23 normal numbers.
func TestNormalAssemblyEqualsItsTwin(t *testing.T) {
	const size = 1 << 13
	words := make([]uint32, size)
	want, got := make([]float32, size), make([]float32, size)
	sum, squares := 0.0, 0.0
	for first := uint32(0); first < 1<<23; first += size {
		for i := range words {
			words[i] = (first+uint32(i))<<9 | uint32(i)&511
		}
		normalGeneric(want, words)
		for _, v := range want {
			sum, squares = sum+float64(v), squares+float64(v)*float64(v)
		}
		for _, isa := range assembly(t) {
			NormalFor(isa)(got, words)
			for i := range want {
				if math.Float32bits(want[i]) != math.Float32bits(got[i]) {
					require.Failf(t, "bits differ", "%s: word %#x: want %v, got %v", isa, words[i], want[i], got[i])
				}
			}
		}
	}
	require.InDelta(t, 0, sum/(1<<23), 1e-6)
	require.InDelta(t, 1, squares/(1<<23), 1e-5)
}

func TestNormalStopsAtTheShortestOperand(t *testing.T) {
	for _, isa := range Supported() {
		for n := range 70 {
			dst := make([]float32, n+1)
			NormalFor(isa)(dst[:n], make([]uint32, 50))
			for i, v := range dst {
				require.Equal(t, i < min(n, 50), v != 0, "%s: element %d of %d", isa, i, n)
			}
		}
	}
}

func BenchmarkNormal(b *testing.B) {
	words, dst := make([]uint32, 512), make([]float32, 512)
	for i := range words {
		words[i] = uint32(i) * 2654435761
	}
	for _, isa := range Supported() {
		b.Run(fmt.Sprint(isa), func(b *testing.B) {
			normal := NormalFor(isa)
			for b.Loop() {
				normal(dst, words)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/512, "ns/element")
		})
	}
}
