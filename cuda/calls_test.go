//go:build gpu

package cuda

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/models/conv"
	"github.com/stheno-ml/stheno/models/seq"
	"github.com/stheno-ml/stheno/models/vae"
	"github.com/stheno-ml/stheno/train"
	"github.com/stheno-ml/stheno/vm"
)

// What the host asks the driver for in a step: the whole net is one launch, and a batch
// from a table costs one launch more and one copy of a few hundred bytes.
func TestAStepIsAFewCallsOfTheDriver(t *testing.T) {
	d := emulator(t)
	counted := []string{"cuGraphLaunch", "cuLaunchKernel", "cuMemcpyHtoDAsync", "cuMemcpyDtoDAsync", "cuMemcpyDtoHAsync", "cuEventRecord", "cuStreamWaitEvent", "cuEventSynchronize", ""}
	for _, c := range []struct {
		name  string
		model train.Model
		shape []int
	}{
		{"conv", conv.Config{}, []int{1, 28, 28}},
		{"vae", vae.Config{}, []int{784}},
		{"lstm", seq.Config{Steps: 28, Features: 28, Hidden: []int{16}, Code: 8}, []int{28, 28}},
	} {
		const batch = 2
		s, err := train.NewTrainStep(c.model, batch, train.Options{Backend: Config{}})
		require.NoError(t, err)
		m := s.Machines()[0]
		size := graph.Shape(c.shape).Size()
		table, err := Config{}.Hold(graph.Float32, 3, size)
		require.NoError(t, err)
		require.NoError(t, table.Write(0, make([]float32, 3*size)))
		steps := func(feed func() error) (calls map[string]int) {
			for range 3 { // the first two load and capture
				calls = map[string]int{}
				for _, call := range counted {
					calls[call] = -d.Calls(call)
				}
				require.NoError(t, feed())
				_, err := s.Run(0, 0)
				require.NoError(t, err)
				for _, call := range counted {
					calls[call] += d.Calls(call)
				}
			}
			t.Logf("%s: %v", c.name, calls)
			return calls
		}
		sent := steps(func() error { return m.Feed(graph.InputX, make([]float32, batch*size)) })
		held := steps(func() error { return m.(vm.Gatherer).Gather(graph.InputX, table, []int{2, 0}) })
		for _, calls := range []map[string]int{sent, held} {
			require.Equal(t, 1, calls["cuGraphLaunch"])
			require.Equal(t, 1, calls["cuMemcpyHtoDAsync"])
			require.LessOrEqual(t, calls["cuMemcpyDtoDAsync"], 1)
			require.LessOrEqual(t, calls["cuMemcpyDtoHAsync"], 1)
		}
		require.Equal(t, 0, sent["cuLaunchKernel"])
		require.Equal(t, 1, held["cuLaunchKernel"])
		require.NoError(t, s.Close())
		require.NoError(t, table.Close())
	}
}
