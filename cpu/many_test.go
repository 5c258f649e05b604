package cpu

import (
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
)

func TestMachinesThatNobodyClosesLeaveNoGoroutine(t *testing.T) {
	before := runtime.NumGoroutine()
	for range 50 {
		b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{})
		x := b.Input("x", 100, 100)
		b.Keep(b.MatMul(x, x))
		require.NoError(t, graph.SetFloats(x, make([]float64, 1e4)))
		m, err := Config{Threads: 3}.Build(b)
		require.NoError(t, err)
		require.NoError(t, m.RunAll())
	}
	for i := 0; runtime.NumGoroutine() > before && i < 6000; i++ { // a second, if the machine is not busy
		time.Sleep(10 * time.Millisecond)
	}
	require.LessOrEqual(t, runtime.NumGoroutine(), before)
}

func TestMachinesOverTheSameParametersRunAtOnce(t *testing.T) {
	params := graph.NewParams(graph.Float32, 1)
	machines, results := make([]*Machine, 4), make([]*graph.Node, 4)
	for i := range machines {
		b := graph.New(params, graph.Config{})
		x := b.Input("x", 3, 8)
		results[i] = b.Tanh(b.MatMul(x, b.Param("w", graph.Normal(0, 1), 8, 5)))
		b.Keep(results[i])
		require.NoError(t, graph.SetFloats(x, make([]float64, 24)))
		m, err := Config{Threads: 2}.Build(b)
		require.NoError(t, err)
		defer m.Close()
		machines[i] = m
	}
	errs := make([]error, len(machines))
	var all sync.WaitGroup
	for i, m := range machines {
		all.Go(func() {
			for range 20 {
				m.Reset()
				if errs[i] = m.RunAll(); errs[i] != nil {
					return
				}
				params.Get("w").Value() // as a printer of weights does
			}
		})
	}
	all.Wait()
	for i := range machines {
		require.NoError(t, errs[i])
		got, err := graph.Floats(results[i])
		require.NoError(t, err)
		require.Equal(t, make([]float64, 15), got)
	}
}
