package kernel

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

// The layers of the default convolutional autoencoder and some of a wide one, for one
// group of images. %peak is the percentage of the multiply-add peak of one thread, which
// is measured just before with the same instruction set.
func BenchmarkConv(b *testing.B) {
	one, two, three := [2]int{1, 1}, [2]int{2, 2}, [2]int{3, 3}
	layers := []struct {
		name string
		g    ConvGeometry
	}{
		{"1-16@28", same(1, 16, 28, 28)},
		{"16-8@14", same(16, 8, 14, 14)},
		{"8-8@7", same(8, 8, 7, 7)},
		{"8-8@14", same(8, 8, 14, 14)},
		{"8-16@28", same(8, 16, 28, 28)},
		{"16-1@28", same(16, 1, 28, 28)},
		{"64-128@16", same(64, 128, 16, 16)},
		{"128-256@8", same(128, 256, 8, 8)},
		{"128-128@14", same(128, 128, 14, 14)},
		{"16-16@28 stride 2", layer(16, 16, 28, 28, three, two, one, one)},
		{"32 depthwise@32", same(1, 1, 32, 32).inGroups(32)},
		{"32 depthwise@28", same(1, 1, 28, 28).inGroups(32)},
		{"64-64@14 in 4 groups", same(16, 16, 14, 14).inGroups(4)},
		{"16-16@14 5x5", layer(16, 16, 14, 14, [2]int{5, 5}, one, one, two)},
	}
	for _, isa := range Supported() {
		for _, l := range layers {
			benchmarkConv(b, isa, l.name, l.g)
		}
	}
}

func benchmarkConv(b *testing.B, isa ISA, name string, g ConvGeometry) {
	r := rand.New(rand.NewPCG(1, 1))
	p, err := PlanConv(isa, g)
	if err != nil {
		b.Fatal(err)
	}
	x, dy := g.In.fill(r, false), g.Out.fill(r, false)
	y, dx := make([]float32, len(dy)), make([]float32, len(x))
	w, bias := draws(r, p.Weights(), false), make([]float32, g.Out.C)
	forward, data := make([]float32, len(w)), make([]float32, len(w))
	p.PackForward(forward, w)
	p.PackData(data, w)
	sums, scratch := make([]float32, p.FilterSums()), make([]float32, p.Scratch())
	flops := 2 * float64(Group*g.Out.H*g.Out.W*p.Weights())
	runs := []struct {
		name string
		run  func()
	}{
		{"forward", func() { p.RunForward(y, x, forward, Epilogue{Bias: bias, ReLU: true}, scratch, 0, p.Out.H) }},
		{"data", func() { p.RunData(dx, dy, data, Epilogue{}, scratch, 0, p.In.H) }},
		{"filter", func() { p.RunFilter(sums, x, dy, scratch) }},
	}
	for _, k := range runs {
		b.Run(fmt.Sprintf("%s/%s/%s", isa, name, k.name), func(b *testing.B) {
			peak, best := peakOf(isa, 1, 50*time.Millisecond), time.Hour
			for b.Loop() {
				start := time.Now()
				k.run()
				best = min(best, time.Since(start))
			}
			rate := flops / float64(best.Nanoseconds())
			b.ReportMetric(rate, "GFLOP/s")
			b.ReportMetric(100*rate/peak, "%peak")
		})
	}
}
