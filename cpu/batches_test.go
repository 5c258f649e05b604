package cpu

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/models/conv"
	"github.com/stheno-ml/stheno/models/dense"
	"github.com/stheno-ml/stheno/models/seq"
	"github.com/stheno-ml/stheno/models/vae"
	"github.com/stheno-ml/stheno/optim"
)

// BenchmarkAnotherBatchSize compiles the training step of a model for another batch
// size, over existing parameters: it writes the graph, plans it and creates the
// machine. plan-ms is the time of the last two.
func BenchmarkAnotherBatchSize(b *testing.B) {
	for _, c := range []struct {
		name  string
		build func(*graph.Builder, int) graph.Net
	}{
		{"conv", conv.Config{}.Build},
		{"conv-strided", conv.Config{Strided: true}.Build},
		{"conv-wide", conv.Config{Size: graph.Pair{32, 32}, Channels: 3, Encoder: []int{64, 128, 256}}.Build},
		{"vae", vae.Config{}.Build},
		{"lstm", seq.Config{}.Build},
		{"dense", dense.Config{}.Build},
		{"dense-wide", dense.Config{Input: 4096, Hidden: []int{2048, 512}}.Build},
	} {
		b.Run(c.name, func(b *testing.B) {
			p := graph.NewParams(graph.Float32, 3)
			step := func(batch int) time.Duration {
				g := graph.New(p, graph.Config{Training: true, Seed: 5})
				net := c.build(g, batch)
				optim.Minimize(g, optim.Adam{}, net.Tasks[0])
				g.Output("loss", net.Tasks[0].Loss)
				program, err := g.Program()
				require.NoError(b, err)
				start := time.Now()
				m, err := Config{}.Compile(program)
				require.NoError(b, err)
				took := time.Since(start)
				require.NoError(b, m.Close())
				return took
			}
			step(1)
			var plans time.Duration
			batch := 96
			for b.Loop() {
				plans += step(batch)
				batch++
			}
			b.ReportMetric(float64(plans.Microseconds())/1000/float64(b.N), "plan-ms")
			b.ReportMetric(float64(b.Elapsed().Microseconds())/1000/float64(b.N), "ms")
		})
	}
}
