package cpu

import (
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/compiled/suite"
	"github.com/stheno-ml/stheno/vm"
)

func TestMachinesThatAreNotClosedLeaveNoGoroutine(t *testing.T) {
	before := runtime.NumGoroutine()
	for range 50 {
		b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{})
		x := b.Input("x", 100, 100)
		m := suite.MachineOf(t, Config{Threads: 3}, b, map[string][]float64{"x": make([]float64, 1e4)}, b.MatMul(x, x))
		require.NoError(t, vm.Run(m))
	}
	for i := 0; runtime.NumGoroutine() > before && i < 6000; i++ { // takes a second on an idle machine
		time.Sleep(10 * time.Millisecond)
	}
	require.LessOrEqual(t, runtime.NumGoroutine(), before)
}

func TestMachinesOverTheSameParametersRunConcurrently(t *testing.T) {
	params := graph.NewParams(graph.Float32, 1)
	machines := make([]vm.Machine, 4)
	for i := range machines {
		b := graph.New(params, graph.Config{})
		x := b.Input("x", 3, 8)
		y := b.Tanh(b.MatMul(x, b.Param("w", graph.Normal(0, 1), 8, 5)))
		machines[i] = suite.MachineOf(t, Config{Threads: 2}, b, map[string][]float64{"x": make([]float64, 24)}, y)
		defer machines[i].Close()
	}
	errs := make([]error, len(machines))
	var all sync.WaitGroup
	for i, m := range machines {
		all.Go(func() {
			for range 20 {
				if errs[i] = vm.Run(m); errs[i] != nil {
					return
				}
				params.Get("w").Value() // as a program that prints weights does
			}
		})
	}
	all.Wait()
	for i, m := range machines {
		require.NoError(t, errs[i])
		got, err := m.Floats("out0")
		require.NoError(t, err)
		require.Equal(t, make([]float64, 15), got)
	}
}
