package cpu

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// BenchmarkEmbedding gathers 128 x 20 rows of a table [10000, 64] and sums their
// gradient, alternately on Gorgonia's machine and on this one.
func BenchmarkEmbedding(b *testing.B) {
	const rows, width, taken = 10_000, 64, 128 * 20
	r := rand.New(rand.NewPCG(1, 2))
	at := make([]int, taken)
	for i := range at {
		at[i] = r.IntN(rows)
	}
	var machines [2]G.VM
	for i := range machines {
		g := G.NewGraph()
		table := G.NewMatrix(g, tensor.Float32, G.WithName("table"), G.WithShape(rows, width), G.WithInit(G.GlorotN(1)))
		indices := G.NewVector(g, tensor.Int, G.WithName("at"), G.WithShape(taken), G.WithValue(tensor.New(tensor.WithBacking(at))))
		cost := G.Must(G.Sum(G.Must(G.Square(G.Must(G.ByIndices(table, indices, 0))))))
		_, err := G.Grad(cost, table)
		require.NoError(b, err)
		if i == 0 {
			machines[i] = G.NewTapeMachine(g)
		} else {
			machines[i] = New(g)
		}
		defer machines[i].Close()
	}
	best := [2]time.Duration{time.Hour, time.Hour}
	for b.Loop() {
		for i, m := range machines {
			start := time.Now()
			require.NoError(b, m.RunAll())
			m.Reset()
			best[i] = min(best[i], time.Since(start))
		}
	}
	b.ReportMetric(float64(best[0].Microseconds())/1000, "tape-ms")
	b.ReportMetric(float64(best[1].Microseconds())/1000, "cpu-ms")
}
