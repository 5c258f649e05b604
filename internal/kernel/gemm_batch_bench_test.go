package kernel

import (
	"fmt"
	"math"
	"testing"
	"time"
)

func BenchmarkGemmBatch(b *testing.B) {
	b.Run("float32", benchmarkGemmBatch[float32])
	b.Run("float64", benchmarkGemmBatch[float64])
}

// benchmarkGemmBatch multiplies the matrices of attention, for 128 samples of 28 steps
// and 4 heads of 32 features. Heads lie in arrays [N,T,Heads,Width]. It reports the best
// of many readings, as BenchmarkGemm does.
func benchmarkGemmBatch[F Float](b *testing.B) {
	const samples, steps, heads, width = 128, 28, 4, 32
	var byHead, byProduct []int
	for i := range samples * heads {
		byHead = append(byHead, i/heads*steps*heads*width+i%heads*width)
		byProduct = append(byProduct, i*steps*steps)
	}
	head, scores := Strides{heads * width, 1}, Strides{steps, 1}
	transposed := func(s Strides) Strides { return Strides{s.Col, s.Row} }
	cases := []struct {
		name    string
		m, n, k int
		s       [3]Strides
		at      [3][]int
	}{
		{"scores", steps, steps, width, [3]Strides{head, transposed(head), scores}, [3][]int{byHead, byHead, byProduct}},
		{"weighted-sums", steps, width, steps, [3]Strides{scores, head, head}, [3][]int{byProduct, byHead, byHead}},
		{"gradient-of-keys", steps, width, steps, [3]Strides{transposed(scores), head, head}, [3][]int{byProduct, byHead, byHead}},
	}
	for _, isa := range Supported()[1:] {
		for _, c := range cases {
			b.Run(fmt.Sprintf("%s/%s", isa, c.name), func(b *testing.B) {
				peak := peakOf(isa, 1, 20*time.Millisecond)
				g, err := PlanGemmBatch[F](isa, GemmShape{M: c.m, N: c.n, K: c.k, A: c.s[0], B: c.s[1], LDC: c.s[2].Row}, c.at[0], c.at[1], c.at[2])
				if err != nil {
					b.Fatal(err)
				}
				n := samples * steps * heads * max(steps, width)
				x := BatchArgs[F]{A: make([]F, n), B: make([]F, n), C: make([]F, n)}
				for i := range n {
					x.A[i], x.B[i] = F(i%7)-3, F(i%5)-2
				}
				scratch := make([]F, g.Scratch())
				best := math.Inf(1)
				for b.Loop() {
					from := time.Now()
					if err := g.Run(0, g.Len(), x, scratch); err != nil {
						b.Fatal(err)
					}
					best = min(best, float64(time.Since(from).Nanoseconds()))
				}
				rate := 2 * float64(c.m) * float64(c.n) * float64(c.k) * float64(g.Len()) / best
				peak = max(peak, peakOf(isa, 1, 20*time.Millisecond))
				b.ReportMetric(rate, "GFLOP/s")
				b.ReportMetric(100*rate/peak*float64(gemmSize[F]())/4, "%peak")
			})
		}
	}
}
