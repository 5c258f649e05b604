package cpu

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/internal/team"
	"github.com/stheno-ml/stheno/lower"
)

// BenchmarkRecurrence is the two LSTMs of the autoencoder of sequences, by 28
// steps of 28 features: the best time as a fraction of the FMA peak, by nominal
// flops, which count the projection of a repeated input at every step.
func BenchmarkRecurrence(b *testing.B) {
	encoder := recurCase{given: 28, batch: 128, features: 28, units: 128, grad: lower.RecurGrad{Of: lower.Recur{Steps: 28}, LastH: true, Weights: true}}
	decoder := recurCase{given: 1, batch: 128, features: 32, units: 128, grad: lower.RecurGrad{Of: lower.Recur{Steps: 28}, Outputs: true, X: true, Weights: true}}
	for _, workers := range []int{1, runtime.GOMAXPROCS(0)} {
		for i, c := range []recurCase{encoder, decoder} {
			team := team.New(workers)
			forward, backward := c.steps(b, kernel.Best(), workers)
			in := c.operands()
			out := results(b, c.grad.Of, in)
			args := c.gradOperands(in, out)
			grads := results(b, c.grad, args)
			for _, part := range []struct {
				name    string
				step    step[float32]
				prim    lower.Prim
				in, out []lower.Array[float32]
			}{{"forward", forward, c.grad.Of, in, out}, {"gradient", backward, c.grad, args, grads}} {
				name := fmt.Sprintf("%s/%s/threads=%d", []string{"encoder", "decoder"}[i], part.name, workers)
				b.Run(name, func(b *testing.B) {
					peak := kernel.Peak(workers, 100*time.Millisecond).All
					best := time.Hour
					for b.Loop() {
						from := time.Now()
						require.NoError(b, part.step.run(team, part.in, part.out))
						best = min(best, time.Since(from))
					}
					b.ReportMetric(100*float64(flops(part.prim, part.in))/float64(best.Nanoseconds())/peak, "%peak")
				})
			}
			team.Close()
		}
	}
}

// flops are the nominal ones of a primitive.
func flops(p lower.Prim, in []lower.Array[float32]) int64 {
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
