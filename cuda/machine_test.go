//go:build gpu

package cuda

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/optest"
	"github.com/stheno-ml/stheno/internal/compiled/suite"
	"github.com/stheno-ml/stheno/internal/storage"
	"github.com/stheno-ml/stheno/vm"
	"github.com/stheno-ml/stheno/vm/vmtest"
)

func TestOps(t *testing.T) { optest.Run(t, Config{}) }

func TestUpdates(t *testing.T) { optest.Updates(t, Config{}) }

func TestMachines(t *testing.T) { vmtest.Run(t, Config{}) }

// modelsApart is n to train every n-th model on the emulator, where a compiler works for
// minutes on the kernels of all; $STHENO_ALL_MODELS trains all.
func modelsApart(t *testing.T) int {
	if os.Getenv("STHENO_ALL_MODELS") != "" {
		return 1
	}
	t.Log("every eighth model is trained: set STHENO_ALL_MODELS to train all")
	return 8
}

// TestPromises runs the suite of all compiled machines: with whole graphs, and
// kernel by kernel.
func TestPromises(t *testing.T) {
	for name, serial := range map[string]bool{"graph": false, "serial": true} {
		t.Run(name, func(t *testing.T) {
			suite.Run(t, suite.Machine{Slow: true, Every: modelsApart(t), With: func(s suite.Settings) suite.Maker {
				return Config{Strict: s.Strict, Watch: s.Watch, Log: s.Log, Serial: serial}
			}})
		})
	}
}

// Two machines over one set of parameters: what one trains the other reads.
func TestMachinesShareParameters(t *testing.T) {
	p := graph.NewParams(graph.Float32, 1)
	build := func() (*graph.Builder, *graph.Node, *graph.Node) {
		b := graph.New(p, graph.Config{})
		w := b.Param("w", graph.Normal(0, 1), 4)
		return b, w, b.Sum(w)
	}
	b, w, _ := build()
	b.Update(w, b.Scale(w, 2))
	doubles := suite.MachineOf(t, Config{}, b, nil)
	b, _, sum := build()
	sums := suite.MachineOf(t, Config{}, b, nil, sum)

	want := 0.0
	for _, x := range p.Get("w").Floats() {
		want += x
	}
	for range 4 {
		require.NoError(t, vm.Run(doubles))
		require.NoError(t, vm.Run(sums))
		want *= 2
		got, err := sums.Number("out0")
		require.NoError(t, err)
		require.InEpsilon(t, want, got, 1e-6)
	}
	require.NoError(t, p.Get("w").SetFloats([]float64{1, 2, 3, 4})) // the host's word counts again
	require.NoError(t, vm.Run(doubles))
	require.Equal(t, []float64{2, 4, 6, 8}, p.Get("w").Floats())
	require.NoError(t, doubles.Close())
	require.NoError(t, vm.Run(sums))
	got, err := sums.Number("out0")
	require.NoError(t, err)
	require.Equal(t, 20.0, got)
	require.NoError(t, sums.Close())
	require.Nil(t, p.Get("w").Storage(storage.Access{}).Device())
}
