package suite

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/vm"
)

// MachineOf compiles the graph of a builder, with the nodes as the outputs out0, out1,
// ..., and sets the inputs.
func MachineOf(t testing.TB, on vm.Backend, b *graph.Builder, in map[string][]float64, outputs ...*graph.Node) vm.Machine {
	t.Helper()
	for i, n := range outputs {
		b.Output(fmt.Sprintf("out%d", i), n)
	}
	p, err := b.Program()
	require.NoError(t, err)
	m, err := on.Compile(p)
	require.NoError(t, err)
	for name, x := range in {
		require.NoError(t, m.SetFloats(name, x))
	}
	return m
}

// Outputs runs a machine and returns its outputs in order.
func Outputs(t testing.TB, m vm.Machine) (all [][]float64) {
	t.Helper()
	require.NoError(t, vm.Run(m))
	for _, out := range m.Program().Outputs() {
		x, err := m.Floats(out.Name)
		require.NoError(t, err)
		all = append(all, x)
	}
	return all
}
