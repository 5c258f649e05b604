//go:build linux

package kernel

import (
	"math/rand/v2"
	"runtime/debug"
	"testing"
)

func TestDepthwiseStaysInsideItsOperands(t *testing.T) {
	t.Run("float32", testDepthwiseStaysInside[float32])
	t.Run("float64", testDepthwiseStaysInside[float64])
}

func testDepthwiseStaysInside[F Float](t *testing.T) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	const most = 1 << 14
	for _, atEnd := range []bool{true, false} {
		var memory [6][]F
		for i := range memory {
			memory[i] = fenced[F](t, most, atEnd)
		}
		part := func(i, n int) []F {
			if atEnd {
				return memory[i][most-n:]
			}
			return memory[i][:n]
		}
		for seed := range uint64(300) {
			g := randomDepthwise(rand.New(rand.NewPCG(seed, 9)))
			for _, isa := range Supported() {
				d := PlanDepthwise[F](isa, g)
				x, y, w := part(0, g.In[0]*g.In[1]), part(1, g.Out[0]*g.Out[1]), part(2, g.Kernel[0]*g.Kernel[1])
				packed, scratch, sums := part(3, len(w)), part(4, d.Scratch()), part(5, d.FilterSums())
				d.Begin(scratch)
				d.Forward(y, x, w, scratch)
				d.Filter(sums, x, y, scratch)
				d.FoldFilter(w, sums)
				d.PackData(packed, w)
				d.Begin(scratch)
				d.Data(x, y, packed, scratch)
			}
		}
	}
}
