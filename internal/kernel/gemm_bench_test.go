package kernel

import (
	"fmt"
	"math"
	"testing"
	"time"
)

// gemmLayout returns the shape of a benchmark with the layout "NN", "TN" (a transposed, as
// for the gradient of weights) or "NT" (b transposed, as for the gradient of the input).
func gemmLayout(layout string, m, n, k int) GemmShape {
	s := GemmShape{M: m, N: n, K: k, A: Strides{k, 1}, B: Strides{n, 1}, LDC: n}
	if layout[0] == 'T' {
		s.A = Strides{1, m}
	}
	if layout[1] == 'T' {
		s.B = Strides{1, k}
	}
	return s
}

func BenchmarkGemm(b *testing.B) {
	b.Run("float32", benchmarkGemm[float32])
	b.Run("float64", benchmarkGemm[float64])
}

// leastReading is about how many nanoseconds a reading takes at least.
const leastReading = 30_000

// benchmarkGemm reports the best of many readings: most are disturbed on a busy machine.
// It compares with the peak of the type. The peak of float64 is half of that of
// float32.
func benchmarkGemm[F Float](b *testing.B) {
	cases := []struct {
		layout  string
		m, n, k int
		packed  bool
	}{
		{"NN", 128, 400, 784, false}, {"NT", 128, 784, 400, false}, {"TN", 784, 400, 128, false},
		{"NN", 128, 784, 400, false}, {"TN", 400, 784, 128, false}, {"NN", 128, 512, 128, false},
		{"NT", 128, 128, 512, false}, {"NN", 128, 128, 512, false}, {"NN", 32, 512, 128, false},
		{"NN", 512, 2048, 4096, false}, {"NT", 512, 4096, 2048, false}, {"TN", 4096, 2048, 512, false},
		{"NN", 512, 512, 2048, false}, {"NN", 256, 128, 784, false}, {"NT", 256, 784, 128, false},
		{"TN", 784, 128, 256, false}, {"NN", 256, 64, 128, false}, {"NN", 128, 20, 400, false},
		{"NN", 128, 10, 64, false}, {"NN", 1, 128, 784, false}, {"NN", 1, 128, 784, true},
		{"NN", 1, 400, 784, false}, {"NN", 4, 128, 784, false}, {"NN", 16, 128, 784, false},
		{"NN", 8, 512, 128, false},
		// a long inner axis: the gradients of weights over samples and steps, and a forward
		// product of as much work
		{"NN", 3584, 128, 128, false}, {"NN", 3584, 512, 128, false},
		{"TN", 128, 128, 3584, false}, {"TN", 128, 384, 3584, false}, {"TN", 128, 512, 3584, false},
		{"TN", 512, 128, 3584, false}, {"TN", 128, 512, 3584, true},
		{"TN", 784, 400, 1024, false}, {"NT", 128, 128, 3584, false},
	}
	for _, isa := range Supported()[1:] {
		for _, c := range cases {
			name := fmt.Sprintf("%s/%s/%dx%dx%d", isa, c.layout, c.m, c.n, c.k)
			if c.packed {
				name += "/packed"
			}
			b.Run(name, func(b *testing.B) {
				peak := peakOf(isa, 1, 20*time.Millisecond)
				s := gemmLayout(c.layout, c.m, c.n, c.k)
				g, err := PlanGemm[F](isa, s)
				if err != nil {
					b.Fatal(err)
				}
				x := GemmArgs[F]{A: make([]F, c.m*c.k), B: make([]F, c.k*c.n), C: make([]F, c.m*c.n)}
				for i := range x.A {
					x.A[i] = F(i%7) - 3
				}
				for i := range x.B {
					x.B[i] = F(i%5) - 2
				}
				if c.packed {
					x.PackedB = make([]F, g.PackedB())
					if err := g.PackB(x.PackedB, x.B); err != nil {
						b.Fatal(err)
					}
				}
				scratch := make([]F, g.Scratch())
				b.ReportAllocs()
				flops := 2 * float64(c.m) * float64(c.n) * float64(c.k)
				calls := 1 + int(leastReading*peak/flops)
				best := math.Inf(1)
				for b.Loop() {
					from := time.Now()
					for range calls {
						if err := g.Run(x, scratch); err != nil {
							b.Fatal(err)
						}
					}
					best = min(best, float64(time.Since(from).Nanoseconds()))
				}
				rate := flops * float64(calls) / best
				peak = max(peak, peakOf(isa, 1, 20*time.Millisecond))
				b.ReportMetric(rate, "GFLOP/s")
				b.ReportMetric(100*rate/peak*float64(gemmSize[F]())/4, "%peak")
			})
		}
	}
}

func BenchmarkPackB(b *testing.B) {
	const n, k = 784, 400
	for _, isa := range Supported() {
		for _, layout := range []string{"NN", "NT"} {
			b.Run(fmt.Sprintf("%s/%s/%dx%d", isa, layout, k, n), func(b *testing.B) {
				g, err := PlanGemm[float32](isa, gemmLayout(layout, 128, n, k))
				if err != nil {
					b.Fatal(err)
				}
				src, dst := make([]float32, k*n), make([]float32, g.PackedB())
				for b.Loop() {
					if err := g.PackB(dst, src); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(k*n), "ns/element")
			})
		}
	}
}
