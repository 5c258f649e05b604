package cpu

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/internal/team"
	"github.com/stheno-ml/stheno/lower"
)

// productCases are products as training steps have them: of layers, over 128 samples of
// 28 steps, and of attention with 4 heads of 32 features.
func productCases() map[string]*lower.Func {
	out := map[string]*lower.Func{}
	for _, s := range [][2]int{{128, 128}, {128, 384}, {128, 512}, {512, 128}} {
		name := fmt.Sprintf("%dx%d", s[0], s[1])
		f := lower.NewFunc(lower.Shape{3584, s[0]}, lower.Shape{s[0], s[1]}, lower.Shape{s[1]})
		f.Return(f.Map(lower.Arg(0).Add(lower.Arg(1)), f.MatMul(f.In(0), f.In(1)), f.In(2)))
		out["forward/"+name] = f

		f = lower.NewFunc(lower.Shape{3584, s[0]}, lower.Shape{3584, s[1]})
		f.Return(f.MatMul(f.Transpose(f.In(0), 1, 0), f.In(1)))
		out["weights/"+name] = f

		f = lower.NewFunc(lower.Shape{3584, s[0]}, lower.Shape{3584, s[1]}, lower.Shape{s[0], s[1]})
		dw := f.MatMul(f.Transpose(f.In(0), 1, 0), f.In(1))
		f.Return(f.Map(lower.Arg(1).Sub(lower.Num(0.01).Mul(lower.Arg(0))), dw, f.In(2)))
		out["weights-update/"+name] = f
	}
	heads := func(f *lower.Func, x lower.Value) lower.Value {
		return f.Transpose(f.Reshape(x, 128, 28, 4, 32), 0, 2, 1, 3)
	}
	sequence, scores := lower.Shape{3584, 128}, lower.Shape{128, 4, 28, 28}
	f := lower.NewFunc(sequence, sequence)
	f.Return(f.Map(lower.Arg(0).Mul(lower.Num(0.17)), f.MatMul(heads(f, f.In(0)), f.Transpose(heads(f, f.In(1)), 0, 1, 3, 2))))
	out["attention/scores"] = f

	f = lower.NewFunc(scores, sequence)
	f.Return(f.Reshape(f.Transpose(f.MatMul(f.In(0), heads(f, f.In(1))), 0, 2, 1, 3), 3584, 128))
	out["attention/weighted-sums"] = f

	f = lower.NewFunc(scores, sequence)
	f.Return(f.Reshape(f.Transpose(f.MatMul(f.Transpose(heads(f, f.In(1)), 0, 1, 3, 2), f.In(0)), 0, 3, 1, 2), 3584, 128))
	out["attention/gradient-of-keys"] = f

	f = lower.NewFunc(sequence, sequence, scores)
	dp := f.MatMul(heads(f, f.In(0)), f.Transpose(heads(f, f.In(1)), 0, 1, 3, 2))
	f.Return(dp, f.Sum(f.Map(lower.Arg(0).Mul(lower.Arg(1)), dp, f.In(2)), 3))
	out["attention/gradient-of-weights"] = f
	return out
}

// BenchmarkProductSteps reports the best time of a product, with all that its plan does
// for it, as a rate and as a share of the FMA peak.
func BenchmarkProductSteps(b *testing.B) {
	b.Run("float32", func(b *testing.B) { benchmarkProductSteps[float32](b, graph.Float32, 1) })
	b.Run("float64", func(b *testing.B) { benchmarkProductSteps[float64](b, graph.Float64, 0.5) })
}

// benchmarkProductSteps takes the peak of a type as a share of the float32 peak.
func benchmarkProductSteps[T lower.Float](b *testing.B, dtype graph.Dtype, share float64) {
	for name, f := range productCases() {
		for _, workers := range []int{1, runtime.GOMAXPROCS(0)} {
			b.Run(fmt.Sprintf("%s/threads=%d", name, workers), func(b *testing.B) {
				require.NoError(b, f.Err())
				p, err := plan.OfFunc(f, dtype, targetOf(dtype))
				require.NoError(b, err)
				team := team.New(workers)
				defer team.Close()
				r, err := newRunner[T](p, team, kernel.Best())
				require.NoError(b, err)
				for i := range f.Inputs() {
					x := lower.NewArray[T](f.Shape(f.In(i)))
					for k := range x.Data {
						x.Data[k] = T(k%7) - 3
					}
					for _, v := range r.byRoot[i] {
						r.values[v].Data = x.Data
					}
				}
				for i, s := range p.Steps {
					for k, v := range s.In {
						r.in[i][k] = r.values[v]
					}
					for k, v := range s.Out {
						r.out[i][k] = r.values[v]
					}
				}
				peak := kernel.Peak(workers, 50*time.Millisecond).All * share
				best := time.Hour
				for b.Loop() {
					from := time.Now()
					for i, s := range r.steps {
						require.NoError(b, s.run(team, r.in[i], r.out[i]))
					}
					best = min(best, time.Since(from))
				}
				rate := float64(f.Flops()) / float64(best.Nanoseconds())
				b.ReportMetric(rate, "GFLOP/s")
				b.ReportMetric(100*rate/peak, "%peak")
			})
		}
	}
}
