package baseline

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func BenchmarkStep(b *testing.B) {
	for _, model := range Names() {
		b.Run(model, func(b *testing.B) {
			batch := map[string]int{"dense": 256}[model]
			if batch == 0 {
				batch = 128
			}
			net, err := New(model, batch, 1)
			require.NoError(b, err)
			defer func() { require.NoError(b, net.Close()) }()
			x := strokes(batch)
			for range 2 { // let the heap grow first
				_, err := net.Step(x)
				require.NoError(b, err)
			}
			b.ReportMetric(float64(net.Nodes()), "nodes")
			b.ReportMetric(float64(net.CompileTime().Microseconds())/1000, "compile-ms")
			for b.Loop() {
				_, err := net.Step(x)
				require.NoError(b, err)
			}
		})
	}
}
