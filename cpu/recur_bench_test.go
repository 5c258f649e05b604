package cpu

import (
	"fmt"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/internal/team"
	"github.com/stheno-ml/stheno/lower"
)

// BenchmarkRecurrence runs the two recurrences of the sequence autoencoder with each
// cell, for 28 steps of 28 features. It reports the best time as a share of the FMA
// peak, by nominal flops, which count the projection of a repeated input at every step.
func BenchmarkRecurrence(b *testing.B) {
	for cell := range lower.Cell(lower.Cells) {
		b.Run(fmt.Sprintf("%v/float32", cell), func(b *testing.B) { benchmarkRecurrence[float32](b, cell, 1) })
		b.Run(fmt.Sprintf("%v/float64", cell), func(b *testing.B) { benchmarkRecurrence[float64](b, cell, 0.5) })
	}
}

// benchmarkRecurrence takes the peak of a type as a share of the float32 peak.
func benchmarkRecurrence[T lower.Float](b *testing.B, cell lower.Cell, share float64) {
	of := lower.Recur{Cell: cell, Steps: 28}
	encoder := recurCase[T]{inputSteps: 28, batch: 128, features: 28, units: 128, grad: lower.RecurGrad{Of: of, LastH: true, Weights: true}}
	decoder := recurCase[T]{inputSteps: 1, batch: 128, features: 32, units: 128, grad: lower.RecurGrad{Of: of, Outputs: true, X: true, Weights: true}}
	for _, workers := range slices.Compact([]int{1, runtime.GOMAXPROCS(0)}) {
		peak := kernel.Peak(workers, 300*time.Millisecond).All
		for i, c := range []recurCase[T]{encoder, decoder} {
			team := team.New(workers)
			forward, backward := c.steps(b, kernel.Best(), workers)
			in := c.operands()
			out := results(b, c.grad.Of, in)
			args := c.gradOperands(in, out)
			grads := results(b, c.grad, args)
			for _, part := range []struct {
				name    string
				step    step[T]
				prim    lower.Prim
				in, out []lower.Array[T]
			}{{"forward", forward, c.grad.Of, in, out}, {"gradient", backward, c.grad, args, grads}} {
				name := fmt.Sprintf("%s/%s/threads=%d", []string{"encoder", "decoder"}[i], part.name, workers)
				b.Run(name, func(b *testing.B) {
					best := time.Hour
					for b.Loop() {
						from := time.Now()
						require.NoError(b, part.step.run(team, part.in, part.out))
						best = min(best, time.Since(from))
					}
					b.ReportMetric(best.Seconds()*1e3, "best-ms")
					b.ReportMetric(100*float64(flops(part.prim, part.in))/float64(best.Nanoseconds())/(share*peak), "%peak")
				})
			}
			team.Close()
		}
	}
}

// flops is the number of nominal flops of a primitive.
func flops[T lower.Float](p lower.Prim, in []lower.Array[T]) int64 {
	shapes := make([]lower.Shape, len(in))
	for i, a := range in {
		shapes[i] = a.Shape
	}
	f := lower.NewFunc(shapes...)
	vs := make([]lower.Value, len(in))
	for i := range vs {
		vs[i] = f.In(i)
	}
	f.Return(f.Apply(p, vs...)...)
	return f.Flops()
}
