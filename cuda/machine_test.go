//go:build gpu

package cuda

import (
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/optest"
	"github.com/stheno-ml/stheno/internal/compiled/suite"
	"github.com/stheno-ml/stheno/vm/vmtest"
)

func TestOps(t *testing.T) { optest.Run(t, Config{}) }

func TestUpdates(t *testing.T) { optest.Updates(t, Config{}) }

func TestMachines(t *testing.T) { vmtest.Run(t, Config{}) }

// TestPromises runs the suite of all compiled machines: with whole graphs, and
// kernel by kernel.
func TestPromises(t *testing.T) {
	for name, serial := range map[string]bool{"graph": false, "serial": true} {
		t.Run(name, func(t *testing.T) {
			suite.Run(t, suite.Machine{Slow: true, With: func(s suite.Settings) suite.Maker {
				return suiteMaker{Config{Strict: s.Strict, Watch: s.Watch, Log: s.Log, Serial: serial}}
			}})
		})
	}
}

// suiteMaker makes machines for the suite.
type suiteMaker struct{ Config }

func (c suiteMaker) New(g *gorgonia.ExprGraph, opts ...gorgonia.VMOpt) suite.VM {
	return c.Config.New(g, opts...)
}

func (c suiteMaker) Build(b *graph.Builder) (suite.VM, error) { return c.Config.Build(b) }

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
	doubles, err := Compile(b)
	require.NoError(t, err)
	b, _, sum := build()
	b.Read(sum)
	sums, err := Compile(b)
	require.NoError(t, err)

	want := 0.0
	for _, x := range p.Get("w").Floats() {
		want += x
	}
	for range 4 {
		require.NoError(t, doubles.RunAll())
		require.NoError(t, sums.RunAll())
		want *= 2
		got, err := graph.Number(sums, sum)
		require.NoError(t, err)
		require.InEpsilon(t, want, got, 1e-6)
		doubles.Reset()
		sums.Reset()
	}
	require.NoError(t, p.Get("w").SetFloats([]float64{1, 2, 3, 4})) // the host's value counts again
	require.NoError(t, doubles.RunAll())
	require.Equal(t, []float64{2, 4, 6, 8}, p.Get("w").Floats())
	require.NoError(t, doubles.Close())
	require.NoError(t, sums.RunAll())
	got, err := graph.Number(sums, sum)
	require.NoError(t, err)
	require.Equal(t, 20.0, got)
	require.NoError(t, sums.Close())
	require.Nil(t, p.Get("w").Holder())
}
