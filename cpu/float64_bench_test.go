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
	"github.com/stheno-ml/stheno/tape"
	"github.com/stheno-ml/stheno/train"
	"github.com/stheno-ml/stheno/vm"
)

// BenchmarkFloat64Step times a training step in float64 on 128 digits with Adam, on
// this machine and on Gorgonia's TapeMachine. It reports the mean time and the best.
func BenchmarkFloat64Step(b *testing.B) {
	const batch, pixels = 128, 28 * 28
	x := make([]float32, batch*pixels)
	for i := range x {
		x[i] = float32(i%11) / 11
	}
	for _, m := range []struct {
		name  string
		model train.Model
	}{{"conv", conv.Config{}}, {"conv-strided", conv.Config{Strided: true}}, {"lstm", seq.Config{}}, {"vae", vae.Config{}}, {"dense", dense.Config{}}} {
		for _, machine := range []struct {
			name string
			on   vm.Backend
		}{{"cpu", Config{}}, {"tape", tape.Config{}}} {
			b.Run(m.name+"/"+machine.name, func(b *testing.B) {
				s, err := train.NewTrainStep(m.model, batch, train.Options{Backend: machine.on, Params: graph.NewParams(graph.Float64, 1), Seed: 1})
				require.NoError(b, err)
				defer s.Close()
				require.NoError(b, s.Feed("x", x))
				best, n := time.Hour, 0
				b.ReportAllocs()
				for b.Loop() {
					from := time.Now()
					_, err := s.Run(0, batch*n)
					require.NoError(b, err)
					best = min(best, time.Since(from))
					n++
				}
				b.ReportMetric(float64(best.Microseconds())/1e3, "best-ms")
			})
		}
	}
}
