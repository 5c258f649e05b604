package kernel

import (
	"fmt"
	"math"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The products are exact in every case (factors are powers of two, or the sums stay below
// 2^24), so rounding once or twice gives the same bits.
func TestAssemblyChainsEqualTheirTwin(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	cases := []struct {
		name string
		x, y float32
		n    int
	}{
		{"no rounds", 3, 5, 0},
		{"a negative count means no rounds", 3, 5, -1},
		{"one round", 1, 1, 1},
		{"counting up", 1, 3, 1000},
		{"counting down", -1, 5, 1001},
		{"by halves, as in Peak", 0.5, 1, roundsPerCall},
		{"by nothing", 2, 0, 200},
		{"by the least denormal", math.SmallestNonzeroFloat32, 1, 200},
		{"into infinity", math.MaxFloat32, 1, 3},
		{"infinite", inf, -1, 3},
		{"infinite times nothing", inf, 0, 2},
		{"NaN", nan, 1, 2},
	}
	for _, isa := range Supported() {
		k := fmaChains(isa)
		for _, c := range cases {
			for _, offset := range []int{0, 1, 7} {
				t.Run(fmt.Sprintf("%s/%s/offset %d", isa, c.name, offset), func(t *testing.T) {
					const guard = 1234
					size := chains * k.lanes
					buf := make([]float32, offset+size+16)
					for i := range buf {
						buf[i] = guard
					}
					want := make([]float32, size)
					for i := range want {
						want[i] = float32(i - size/3)
					}
					got := buf[offset : offset+size : offset+size]
					copy(got, want)

					k.run(got, c.x, c.y, c.n)
					fmaChainsGeneric(want, c.x, c.y, c.n)
					for i := range want {
						if math.IsNaN(float64(want[i])) {
							require.True(t, math.IsNaN(float64(got[i])), "element %d: want NaN, got %v", i, got[i])
							continue
						}
						require.Equal(t, math.Float32bits(want[i]), math.Float32bits(got[i]),
							"element %d: want %v, got %v", i, want[i], got[i])
					}
					for i, v := range buf {
						if i < offset || i >= offset+size {
							require.Equal(t, float32(guard), v, "element %d outside the accumulators was written", i-offset)
						}
					}
				})
			}
		}
	}
}

func TestGenericChainsEqualTheirDefinition(t *testing.T) {
	acc := make([]float32, 2*chains)
	for i := range acc {
		acc[i] = float32(i)
	}
	fmaChainsGeneric(acc, 2, 1, 3)
	for i, got := range acc {
		require.Equal(t, float32(i+6), got, "element %d", i)
	}
}

func TestSupportedBeginsWithPlainAndEndsWithBest(t *testing.T) {
	all := Supported()
	require.Equal(t, Plain, all[0])
	require.Equal(t, all[len(all)-1], Best())
}

func TestPeakIsPositiveForAnyNumberOfThreads(t *testing.T) {
	for _, threads := range []int{-1, 0, 1, 2, 1 << 20} {
		r := Peak(threads, 20*time.Millisecond)
		require.Equal(t, min(max(threads, 1), runtime.GOMAXPROCS(0), runtime.NumCPU()), r.Threads, "asked for %d", threads)
		require.Equal(t, Best(), r.ISA)
		require.Positive(t, r.One)
		require.Positive(t, r.All)
		require.False(t, math.IsInf(r.One, 0) || math.IsInf(r.All, 0), "%+v", r)
	}
}

func TestPeakOfMeasuresItsInstructionSet(t *testing.T) {
	for _, isa := range Supported() {
		r := PeakOf(isa, 1, 10*time.Millisecond)
		require.Equal(t, isa, r.ISA)
		require.Positive(t, r.One)
	}
}

func TestPeakInNoTimeMeasuresOnce(t *testing.T) {
	r := Peak(1, 0)
	require.Positive(t, r.One)
	require.Equal(t, r.One, r.All)
}

func ExamplePeak() {
	r := Peak(runtime.NumCPU(), 200*time.Millisecond)
	fmt.Printf("%s: %.0f GFLOP/s on one thread, %.0f on %d\n", r.ISA, r.One, r.All, r.Threads)
}

func BenchmarkChains(b *testing.B) {
	for _, isa := range Supported() {
		k := fmaChains(isa)
		b.Run(string(isa), func(b *testing.B) {
			acc := make([]float32, chains*k.lanes)
			for b.Loop() {
				k.run(acc, 0.5, 1, roundsPerCall)
			}
			flops := 2 * float64(len(acc)) * roundsPerCall * float64(b.N)
			b.ReportMetric(flops/float64(b.Elapsed().Nanoseconds()), "GFLOP/s")
		})
	}
}
