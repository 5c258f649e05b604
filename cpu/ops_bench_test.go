package cpu

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/vm"
)

// opBench is a program of one op or gradient. The bound of its time is that of flops
// at the FMA peak or of bytes at memoryRate, whichever is longer.
type opBench struct {
	name  string
	flops float64 // multiplications and additions
	bytes float64 // of operands and results, each counted once
	build func(b *graph.Builder) *graph.Node
	feeds map[string]int // inputs of whole numbers below these
}

// memoryRate is how fast one thread copies, in bytes per nanosecond.
const memoryRate = 11

// BenchmarkOps times single ops and gradients. It reports the best time, and the bound
// as a share of it.
func BenchmarkOps(b *testing.B) {
	for _, workers := range []int{1, runtime.GOMAXPROCS(0)} {
		for _, o := range opBenches() {
			b.Run(fmt.Sprintf("%s/threads=%d", o.name, workers), func(b *testing.B) { o.run(b, workers) })
		}
	}
}

func (o opBench) run(b *testing.B, workers int) {
	g := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{})
	g.Output("y", o.build(g))
	p, err := g.Program()
	require.NoError(b, err)
	m, err := Config{Threads: workers}.Compile(p)
	require.NoError(b, err)
	defer m.Close()
	r := rand.New(rand.NewPCG(1, 1))
	for _, in := range p.Inputs() {
		x := make([]float32, in.Shape.Size())
		for i := range x {
			x[i] = float32(r.NormFloat64())
			if n := o.feeds[in.Name]; n > 0 {
				x[i] = float32(r.IntN(n))
			}
		}
		require.NoError(b, m.Feed(in.Name, x))
	}
	peak := kernel.Peak(workers, 50*time.Millisecond).All
	best := time.Hour
	for b.Loop() {
		from := time.Now()
		require.NoError(b, vm.Run(m))
		best = min(best, time.Since(from))
	}
	took := float64(best.Nanoseconds())
	b.ReportMetric(took/1e3, "best-µs")
	b.ReportMetric(100*max(o.flops/peak, o.bytes/(memoryRate*float64(workers)))/took, "%bound")
}

func opBenches() []opBench {
	type B = graph.Builder
	type N = graph.Node
	var all []opBench
	for _, s := range [][3]int{{4096, 256, 8}, {128, 12544, 32}} {
		rows, n, k := s[0], s[1], s[2]
		bytes := 4 * float64(rows*n)
		name := fmt.Sprintf("%d of %dx%d", k, rows, n)
		all = append(all,
			opBench{name: "topk " + name, bytes: bytes, build: func(b *B) *N {
				values, numbers := b.TopK(b.Input("x", rows, n), k, 1)
				return b.Concat(1, values, numbers)
			}},
			opBench{name: "keep topk " + name, bytes: 2 * bytes, build: func(b *B) *N { return b.KeepTopK(b.Input("x", rows, n), k, 1) }},
			opBench{name: "keep topk with gradient " + name, bytes: 4 * bytes, build: func(b *B) *N {
				x := b.Input("x", rows, n)
				return b.Grad(b.Sum(b.Mul(b.KeepTopK(x, k, 1), b.Input("dy", rows, n))), x)[0]
			}},
		)
	}
	for _, s := range [][2]int{{512, 64}, {10000, 128}} {
		const taken = 128 * 28
		bytes := 4 * float64(taken*s[1])
		name, feeds := fmt.Sprintf("%dx%d", s[0], s[1]), map[string]int{"at": s[0]}
		all = append(all,
			opBench{name: "gather " + name, bytes: 2 * bytes, feeds: feeds, build: func(b *B) *N {
				return b.Gather(b.Input("x", s[0], s[1]), b.Input("at", taken), 0)
			}},
			opBench{name: "gather sums " + name, bytes: bytes, feeds: feeds, build: func(b *B) *N {
				return b.Sum(b.Gather(b.Input("x", s[0], s[1]), b.Input("at", 128, taken/128), 0), 1)
			}},
			opBench{name: "scatter add " + name, bytes: 4*float64(s[0]*s[1]) + bytes, feeds: feeds, build: func(b *B) *N {
				return b.ScatterAdd(b.Input("dy", taken, s[1]), b.Input("at", taken), 0, s[0])
			}},
		)
	}
	for _, s := range [][3]int{{4096, 256, 8}, {128, 12544, 32}, {512, 1024, 1024}} {
		rows, n, k := s[0], s[1], s[2]
		name, feeds := fmt.Sprintf("%d of %dx%d", k, rows, n), map[string]int{"at": n}
		all = append(all,
			opBench{name: "take along " + name, bytes: 4 * float64(rows*3*k), feeds: feeds, build: func(b *B) *N {
				return b.TakeAlong(b.Input("x", rows, n), b.Input("at", rows, k), 1)
			}},
			opBench{name: "put along " + name, bytes: 4 * float64(rows*(n+2*k)), feeds: feeds, build: func(b *B) *N {
				return b.PutAlong(b.Input("x", rows, k), b.Input("at", rows, k), 1, n)
			}},
		)
	}
	return append(all, convBenches()...)
}

// convBenches are depthwise, grouped and one-dimensional convolutions.
func convBenches() []opBench {
	type B = graph.Builder
	type N = graph.Node
	var all []opBench
	type conv = func(b *B, x, w *N) *N
	// three adds a convolution of x by w to y and both of its gradients.
	three := func(name string, x, w, y graph.Shape, flops int, f conv) {
		sizes := [3]int{x.Size(), w.Size(), y.Size()}
		for i, part := range []string{"forward", "data", "filter"} {
			all = append(all, opBench{
				name: name + " " + part, flops: float64(flops), bytes: 4 * float64(sizes[0]+sizes[1]+sizes[2]),
				build: func(b *B) *N {
					x, w := b.Input("x", x...), b.Input("w", w...)
					if out := f(b, x, w); i > 0 {
						return b.Grad(b.Sum(b.Mul(out, b.Input("dy", y...))), []*N{x, w}[i-1])[0]
					} else {
						return out
					}
				},
			})
		}
	}
	const batch = 128
	for _, stride := range []int{1, 2} {
		size := 28 / stride
		g := graph.ConvGeometry{Stride: graph.Pair{stride}, Padding: graph.Same}
		three(fmt.Sprintf("depthwise by %d", stride), graph.Shape{batch, 32, 28, 28}, graph.Shape{32, 1, 3, 3}, graph.Shape{batch, 32, size, size},
			2*9*batch*32*size*size, func(b *B, x, w *N) *N { return b.DepthwiseConv2D(x, w, g) })
	}
	three("grouped", graph.Shape{batch, 64, 14, 14}, graph.Shape{64, 16, 3, 3}, graph.Shape{batch, 64, 14, 14}, 2*9*batch*64*16*14*14,
		func(b *B, x, w *N) *N { return b.GroupedConv2D(x, w, graph.ConvGeometry{Padding: graph.Same}, 4) })
	line := graph.ConvGeometry{Stride: graph.Pair{1, 2}, Padding: graph.Same}
	three("one row 1-32", graph.Shape{batch, 1, 1, 140}, graph.Shape{32, 1, 1, 7}, graph.Shape{batch, 32, 1, 70}, 2*7*batch*32*70,
		func(b *B, x, w *N) *N { return b.Conv2D(x, w, line) })
	three("one row 32-32", graph.Shape{batch, 32, 1, 70}, graph.Shape{32, 32, 1, 7}, graph.Shape{batch, 32, 1, 35}, 2*7*batch*32*32*35,
		func(b *B, x, w *N) *N { return b.Conv2D(x, w, line) })
	up := graph.TransposeGeometry{Stride: graph.Pair{1, 2}, Padding: graph.Same}
	three("transposed row 32-32", graph.Shape{batch, 32, 1, 35}, graph.Shape{32, 32, 1, 7}, graph.Shape{batch, 32, 1, 70}, 2*7*batch*32*32*35,
		func(b *B, x, w *N) *N { return b.ConvTranspose2D(x, w, up) })
	return all
}
