package graph_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/vm"
)

// scaled is a program with y = 2x, the sum of y, and a state that counts runs.
func scaled(t *testing.T, dtype graph.Dtype) *graph.Program {
	b := graph.New(graph.NewParams(dtype, 1), graph.Config{})
	x := b.Input("x", 2, 3)
	y := b.Mul(x, b.Scalar("factor", 2))
	n := b.State("n", nil, 1)
	b.Update(n, b.AddConst(n, 1))
	b.Output("y", y)
	b.Output("sum", b.Sum(y))
	b.Output("before", n)
	p, err := b.Program()
	require.NoError(t, err)
	return p
}

func TestAProgramNamesItsInputsAndOutputs(t *testing.T) {
	p := scaled(t, graph.Float32)
	require.Equal(t, "x", p.Inputs()[0].Name)
	require.True(t, p.Inputs()[1].Optional)
	require.Equal(t, 2.0, p.Inputs()[1].Default)
	require.Equal(t, graph.Shape{2, 3}, p.Outputs()[0].Shape)
	_, ok := p.Output("z")
	require.False(t, ok)
}

func TestAPartOfAProgramHasOnlyTheInputsItNeeds(t *testing.T) {
	for _, dtype := range []graph.Dtype{graph.Float32, graph.Float64} {
		p := scaled(t, dtype)
		sum, err := p.Select([]string{"sum"}, "y")
		require.NoError(t, err)
		require.Len(t, sum.Inputs(), 1)
		require.Equal(t, "y", sum.Inputs()[0].Name)
		require.Empty(t, sum.Updates())
		m, err := cpu.Config{}.Compile(sum)
		require.NoError(t, err)
		defer m.Close()
		require.NoError(t, m.Feed("y", []float32{1, 2, 3, 4, 5, 6}))
		require.NoError(t, vm.Run(m))
		got, err := m.Number("sum")
		require.NoError(t, err)
		require.Equal(t, 21.0, got)

		_, err = p.Select([]string{"z"})
		require.EqualError(t, err, `graph: the program has no output "z": it has y, sum, before`)
		_, err = p.Select([]string{"sum"}, "x")
		require.ErrorContains(t, err, `no output "x"`)
	}
}

func TestACopyOfAProgramComputesTheSame(t *testing.T) {
	p := scaled(t, graph.Float64)
	c, err := p.Copy()
	require.NoError(t, err)
	require.NotSame(t, p.Graph(), c.Graph())
	for i, p := range []*graph.Program{p, c} {
		m, err := cpu.Config{}.Compile(p)
		require.NoError(t, err)
		defer m.Close()
		require.NoError(t, m.SetFloats("x", []float64{1, 2, 3, 4, 5, 6}))
		require.NoError(t, vm.Run(m))
		y, err := m.Floats("y")
		require.NoError(t, err)
		require.Equal(t, []float64{2, 4, 6, 8, 10, 12}, y)
		before, err := m.Number("before")
		require.NoError(t, err)
		require.Equal(t, float64(i), before, "the state is shared, and the output is its value before the update")
	}
}

func TestInvalidProgramsAreErrors(t *testing.T) {
	b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{})
	b.Input("x", 1)
	_, err := b.Program()
	require.ErrorContains(t, err, "computes nothing")
	b.Output("y", nil)
	_, err = b.Program()
	require.ErrorContains(t, err, `output "y": the node is nil`)
}
