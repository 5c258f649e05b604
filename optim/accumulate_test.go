package optim_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/optim"
	"github.com/stheno-ml/stheno/vm"
)

func TestABatchInPiecesTakesTheStepOfTheWholeBatch(t *testing.T) {
	task := func(b *graph.Builder, n int) graph.Task { return graph.Task{Name: "fit", Loss: problem(b, n)} }
	for name, backend := range backends {
		for _, o := range []graph.Optimizer{
			optim.SGD{Rate: new(0.1), Momentum: 0.9}, optim.Adam{Rate: new(0.01)},
			optim.ClipGlobalNorm{Norm: 0.1, Optimizer: optim.Adam{Rate: new(0.01)}},
		} {
			for _, pieces := range [][]int{{6}, {3, 3}, {2, 2, 2}, {4, 2}, {1, 2, 3}} {
				t.Run(fmt.Sprintf("%s %T %v", name, o, pieces), func(t *testing.T) {
					want := trajectory(t, backend, graph.NewParams(graph.Float64, 1), o, 5)
					p := graph.NewParams(graph.Float64, 1)
					var machines []vm.Machine
					for i, n := range pieces {
						m := compiled(t, backend, p, func(b *graph.Builder) {
							if i < len(pieces)-1 {
								optim.Accumulate(b, task(b, n))
								return
							}
							optim.MinimizeAccumulated(b, o, task(b, n))
						})
						require.NoError(t, m.Set("fit/share", float64(n)/samples))
						machines = append(machines, m)
					}
					for step := range want {
						first := 0
						for i, m := range machines {
							last := first + pieces[i]
							require.NoError(t, m.SetFloats("x", problemX[first*ins:last*ins]))
							require.NoError(t, m.SetFloats("y", problemY[first*outs:last*outs]))
							require.NoError(t, vm.Run(m))
							first = last
						}
						requireClose(t, want[step:step+1], [][]float64{flat(p)}, 1e-12)
						for _, w := range p.Trainable() {
							for _, v := range p.Get("fit/sum/" + w.Name()).Floats() {
								require.Zero(t, v)
							}
						}
					}
				})
			}
		}
	}
}

func TestAnUnsetShareIsTheWholeBatch(t *testing.T) {
	p := graph.NewParams(graph.Float64, 1)
	m := compiled(t, backends["cpu"], p, func(b *graph.Builder) {
		optim.MinimizeAccumulated(b, optim.SGD{}, graph.Task{Name: "fit", Loss: problem(b, samples)})
	})
	require.NoError(t, m.SetFloats("x", problemX))
	require.NoError(t, m.SetFloats("y", problemY))
	require.NoError(t, vm.Run(m))
	requireClose(t, trajectory(t, backends["cpu"], graph.NewParams(graph.Float64, 1), optim.SGD{}, 1), [][]float64{flat(p)}, 1e-15)
}
