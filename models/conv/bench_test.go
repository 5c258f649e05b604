package conv_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/modeltest"
	"github.com/stheno-ml/stheno/models/conv"
	"github.com/stheno-ml/stheno/optim"
	"github.com/stheno-ml/stheno/vm"
)

// BenchmarkStep times a training step with Adam of 128 images on the TapeMachine.
func BenchmarkStep(bench *testing.B) {
	for _, c := range []conv.Config{{}, {Strided: true}} {
		bench.Run(c.String(), func(bench *testing.B) {
			b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{Training: true})
			net := c.Build(b, 128)
			optim.Minimize(b, optim.Adam{}, net.Tasks[0])
			b.Output("loss", net.Tasks[0].Loss)
			require.NoError(bench, b.Err())
			r := rand.New(rand.NewPCG(1, 1))
			x := make([]float64, b.InputNode("x").DataSize())
			for i := range x {
				x[i] = r.Float64()
			}
			m := modeltest.Compile(bench, b, modeltest.Inputs{"x": x})
			bench.ReportAllocs()
			for bench.Loop() {
				require.NoError(bench, vm.Run(m))
			}
		})
	}
}
