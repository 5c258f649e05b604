package conv_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/models/conv"
	"github.com/stheno-ml/stheno/optim"
	"github.com/stheno-ml/stheno/tape"
)

// BenchmarkStep is a training step with Adam of 128 images on the tape.
func BenchmarkStep(bench *testing.B) {
	for _, c := range []conv.Config{{}, {Strided: true}} {
		bench.Run(c.String(), func(bench *testing.B) {
			b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{Training: true})
			net := c.Build(b, 128)
			optim.Minimize(b, optim.Adam{}, net.Tasks[0])
			b.Keep(net.Tasks[0].Loss)
			require.NoError(bench, b.Err())
			r := rand.New(rand.NewPCG(1, 1))
			x := make([]float64, b.InputNode("x").DataSize())
			for i := range x {
				x[i] = r.Float64()
			}
			require.NoError(bench, graph.SetFloats(b.InputNode("x"), x))
			m, err := tape.New(b)
			require.NoError(bench, err)
			defer m.Close()
			bench.ReportAllocs()
			for bench.Loop() {
				m.Reset()
				require.NoError(bench, m.RunAll())
			}
		})
	}
}
