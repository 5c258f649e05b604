package cpu

import (
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/compiled/suite"
	"github.com/stheno-ml/stheno/optim"
	"github.com/stheno-ml/stheno/vm"
)

// BenchmarkRecurrentLayer times a training step with Adam of each recurrent layer over
// 128 sequences of 28 steps of 28 features, in one direction, in both, and over
// lengths. It reports the best time on one thread.
func BenchmarkRecurrentLayer(b *testing.B) {
	const n, steps, features, units = 128, 28, 28, 128
	for _, kind := range []struct {
		name    string
		apply   func(graph.Recurrent, *graph.Builder, *graph.Node) *graph.Node
		lengths func(graph.Recurrent, *graph.Builder, *graph.Node, *graph.Node) *graph.Node
	}{
		{"lstm", func(l graph.Recurrent, b *graph.Builder, x *graph.Node) *graph.Node { return graph.LSTM(l).Apply(b, x) },
			func(l graph.Recurrent, b *graph.Builder, x, lengths *graph.Node) *graph.Node {
				return graph.LSTM(l).ApplyLengths(b, x, lengths)
			}},
		{"gru", func(l graph.Recurrent, b *graph.Builder, x *graph.Node) *graph.Node { return graph.GRU(l).Apply(b, x) },
			func(l graph.Recurrent, b *graph.Builder, x, lengths *graph.Node) *graph.Node {
				return graph.GRU(l).ApplyLengths(b, x, lengths)
			}},
		{"rnn", func(l graph.Recurrent, b *graph.Builder, x *graph.Node) *graph.Node { return graph.RNN(l).Apply(b, x) },
			func(l graph.Recurrent, b *graph.Builder, x, lengths *graph.Node) *graph.Node {
				return graph.RNN(l).ApplyLengths(b, x, lengths)
			}},
	} {
		for _, of := range []struct {
			name   string
			masked bool
			layer  graph.Recurrent
		}{
			{"forward", false, graph.Recurrent{}},
			{"reverse", false, graph.Recurrent{Reverse: true}},
			{"both", false, graph.Recurrent{Bidirectional: true}},
			{"forward lengths", true, graph.Recurrent{}},
			{"reverse lengths", true, graph.Recurrent{Reverse: true}},
			{"both lengths", true, graph.Recurrent{Bidirectional: true}},
		} {
			for _, sequences := range []bool{false, true} {
				l := of.layer
				l.Units, l.ReturnSequences = units, sequences
				name := fmt.Sprintf("%s/%s/sequences=%v", kind.name, of.name, sequences)
				benchmarkTrainingStep(b, name, func(g *graph.Builder) (*graph.Node, map[string][]float64) {
					x, in := g.Input("x", n, steps, features), map[string][]float64{"x": filledNumbers(n * steps * features)}
					if !of.masked {
						return kind.apply(l, g, x), in
					}
					in["lengths"] = make([]float64, n)
					for i := range in["lengths"] {
						in["lengths"][i] = float64(steps - i%8)
					}
					return kind.lengths(l, g, x, g.Input("lengths", n)), in
				})
			}
		}
	}
}

// BenchmarkUnrolledGRU times a training step with Adam of a GRU that a program writes
// step by step over slices of its input. It reports the best time on one thread and the
// arena, which should grow with the steps.
func BenchmarkUnrolledGRU(b *testing.B) {
	const n, features, units = 128, 28, 128
	for _, steps := range []int{28, 56, 112} {
		benchmarkTrainingStep(b, fmt.Sprintf("steps=%d", steps), func(g *graph.Builder) (*graph.Node, map[string][]float64) {
			x := g.Input("x", n, steps, features)
			wx, wh := g.Param("wx", nil, features, 3*units), g.Param("wh", nil, units, 3*units)
			bx, bh := g.Param("bx", graph.Zeros(), 3*units), g.Param("bh", graph.Zeros(), 3*units)
			h := g.Constant(make([]float64, n*units), n, units)
			var all []*graph.Node
			for k := range steps {
				zx := g.Add(g.MatMul(g.Reshape(g.Slice(x, 1, k, k+1), n, features), wx), bx)
				zh := g.Add(g.MatMul(h, wh), bh)
				part := func(z *graph.Node, i int) *graph.Node { return g.Slice(z, 1, i*units, (i+1)*units) }
				r := g.Sigmoid(g.Add(part(zx, 0), part(zh, 0)))
				u := g.Sigmoid(g.Add(part(zx, 1), part(zh, 1)))
				c := g.Tanh(g.Add(part(zx, 2), g.Mul(r, part(zh, 2))))
				h = g.Add(c, g.Mul(u, g.Sub(h, c)))
				all = append(all, g.Reshape(h, n, 1, units))
			}
			return g.Concat(1, all...), map[string][]float64{"x": filledNumbers(n * steps * features)}
		})
	}
}

// filledNumbers returns n numbers between 0 and 1.
func filledNumbers(n int) []float64 {
	all := make([]float64, n)
	for i := range all {
		all[i] = float64(i%11) / 11
	}
	return all
}

// benchmarkTrainingStep times steps of Adam on one thread, for the mean of the squares of
// what build returns with the inputs. With STHENO_PROFILE set it prints the ten steps of
// the plan that take longest.
func benchmarkTrainingStep(b *testing.B, name string, build func(*graph.Builder) (*graph.Node, map[string][]float64)) {
	b.Run(name, func(b *testing.B) {
		g := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{Training: true})
		y, in := build(g)
		loss := g.Mean(g.Square(y))
		optim.Minimize(g, optim.Adam{}, graph.Task{Name: "loss", Loss: loss})
		m := suite.MachineOf(b, Config{Threads: 1}, g, in, loss)
		defer m.Close()
		best := time.Hour
		for b.Loop() {
			from := time.Now()
			require.NoError(b, vm.Run(m))
			best = min(best, time.Since(from))
		}
		b.ReportMetric(best.Seconds()*1e3, "best-ms")
		b.ReportMetric(float64(m.Memory().Arena)/1e6, "arena-MB")
		if os.Getenv("STHENO_PROFILE") == "" {
			return
		}
		profile, err := m.Profile(func() error {
			for range 10 {
				if err := vm.Run(m); err != nil {
					return err
				}
			}
			return nil
		})
		require.NoError(b, err)
		slices.SortFunc(profile, func(x, y vm.StepProfile) int { return int(y.Took - x.Took) })
		for _, s := range profile[:min(10, len(profile))] {
			b.Logf("%8.3f ms %s", s.Took.Seconds()*1e2, s.Step)
		}
	})
}
