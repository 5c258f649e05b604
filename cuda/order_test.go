//go:build gpu

package cuda

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/compiled/suite"
	"github.com/stheno-ml/stheno/vm"
)

// late makes the emulator work as late as it may, so that after a missing wait,
// memory is overwritten too early or read too early.
func late(t *testing.T) {
	d := emulator(t)
	d.SetMode(true, 0, true)
	t.Cleanup(func() { d.SetMode(false, 0, true) })
}

// One buffer of pinned memory is filled again while the run that reads it, and
// the copy to the device, may still be in flight.
func TestAnInputIsNotWrittenOverBeforeItWasRead(t *testing.T) {
	late(t)
	for _, dtype := range []graph.Dtype{graph.Float32, graph.Float64} {
		p := graph.NewParams(dtype, 1)
		b := graph.New(p, graph.Config{})
		w, x := b.Param("w", nil, 4), b.Input("x", 4)
		b.Update(w, b.Add(w, x))
		m := suite.MachineOf(t, Config{}, b, nil)
		for i := range 7 {
			power := float32(int(1) << (3 * i)) // each feed is an octal digit of the sum
			require.NoError(t, m.Feed("x", []float32{power, 2 * power, 3 * power, 0}))
			if i >= m.MaxInFlight() {
				require.NoError(t, m.Wait())
			}
			require.NoError(t, m.Start())
		}
		const ones = 0o1111111
		require.Equal(t, []float64{ones, 2 * ones, 3 * ones, 0}, p.Get("w").Floats(), "%v", dtype)
		require.NoError(t, m.Close())
	}
}

// The next run of another machine reads what one machine has made of a
// parameter, though nothing waited for it.
func TestAMachineReadsWhatAnotherHasMadeOfItsParameters(t *testing.T) {
	late(t)
	p := graph.NewParams(graph.Float32, 1)
	b := graph.New(p, graph.Config{})
	w := b.Param("w", graph.Ones(), 4)
	b.Update(w, b.Scale(w, 2))
	doubling := suite.MachineOf(t, Config{}, b, nil)
	b = graph.New(p, graph.Config{})
	reading := suite.MachineOf(t, Config{}, b, nil, b.Sum(b.Param("w", nil, 4)))
	for i := range 6 {
		for range 2 {
			require.NoError(t, doubling.Start())
		}
		require.NoError(t, vm.Run(reading))
		got, err := reading.Number("out0")
		require.NoError(t, err)
		require.Equal(t, float64(int(4)<<(2*(i+1))), got)
		for range 2 {
			require.NoError(t, doubling.Wait())
		}
	}
	require.NoError(t, doubling.Close())
	require.NoError(t, reading.Close())
}
