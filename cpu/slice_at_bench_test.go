package cpu

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/internal/compiled/suite"
)

// BenchmarkDynamicSlices trains a recurrent cell whose slices change in each run,
// alternately on Gorgonia's machine and on this one.
func BenchmarkDynamicSlices(b *testing.B) {
	type program struct {
		*suite.Recurrent
		gorgonia.VM
		gorgonia.Solver
		best time.Duration
	}
	var programs [2]program
	for i := range programs {
		p := suite.NewRecurrent(tensor.Float32, 60, 20, 16, 28, 64)
		_, err := gorgonia.Grad(p.Cost, p.Learn...)
		require.NoError(b, err)
		programs[i] = program{Recurrent: p, Solver: gorgonia.NewVanillaSolver(), best: time.Hour}
		if i == 0 {
			programs[i].VM = gorgonia.NewTapeMachine(p.Graph, gorgonia.BindDualValues(p.Learn...))
		} else {
			programs[i].VM = New(p.Graph, gorgonia.BindDualValues(p.Learn...))
		}
		defer programs[i].Close()
	}
	for run := 0; b.Loop(); run++ {
		for i := range programs {
			p := &programs[i]
			start := time.Now()
			require.NoError(b, p.Move(run))
			require.NoError(b, p.RunAll())
			require.NoError(b, p.Step(gorgonia.NodesToValueGrads(p.Learn)))
			p.Reset()
			p.best = min(p.best, time.Since(start))
		}
	}
	b.ReportMetric(float64(programs[0].best.Microseconds())/1000, "tape-ms")
	b.ReportMetric(float64(programs[1].best.Microseconds())/1000, "cpu-ms")
}
