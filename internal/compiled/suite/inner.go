package suite

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
)

func (on Machine) anInnerNodeHasItsGradient(t *testing.T) {
	on.both(t, func(t *testing.T, machine func(*gorgonia.ExprGraph, ...gorgonia.VMOpt) gorgonia.VM) {
		for name, opts := range map[string]func(x, y *graph.Node) []gorgonia.VMOpt{
			"plain":       func(x, y *graph.Node) []gorgonia.VMOpt { return nil },
			"trace":       func(x, y *graph.Node) []gorgonia.VMOpt { return []gorgonia.VMOpt{gorgonia.TraceExec()} },
			"bind inputs": func(x, y *graph.Node) []gorgonia.VMOpt { return []gorgonia.VMOpt{gorgonia.BindDualValues(x)} },
			"bind it":     func(x, y *graph.Node) []gorgonia.VMOpt { return []gorgonia.VMOpt{gorgonia.BindDualValues(y)} },
		} {
			g := gorgonia.NewGraph()
			x := vector(g, "x", 1, 3)
			y := gorgonia.Must(gorgonia.Square(x))
			_, err := gorgonia.Grad(gorgonia.Must(gorgonia.Mean(y)), x)
			require.NoError(t, err)
			m := machine(g, opts(x, y)...)
			require.NoError(t, m.RunAll())
			d, err := y.Grad()
			require.NoError(t, err)
			require.Equal(t, []float64{.5, .5}, d.Data(), name)
			require.NoError(t, m.Close())
		}
	})
}

// deep is a graph with so many inner nodes that their gradients are not published
// unless the program asks. It returns one of the nodes.
func deep(t *testing.T) (g *gorgonia.ExprGraph, x, inner *graph.Node) {
	g = gorgonia.NewGraph()
	x = vector(g, "x", 1, 2)
	y := x
	for i := range 20 {
		y = gorgonia.Must(gorgonia.Tanh(y))
		if i == 10 {
			inner = y
		}
	}
	_, err := gorgonia.Grad(gorgonia.Must(gorgonia.Sum(y)), x)
	require.NoError(t, err)
	return g, x, inner
}

func (on Machine) anUnpublishedGradientSaysHowToAskForIt(t *testing.T) {
	var want []float64
	for name, opts := range map[string]func(y *graph.Node) []gorgonia.VMOpt{
		"trace":   func(y *graph.Node) []gorgonia.VMOpt { return []gorgonia.VMOpt{gorgonia.TraceExec()} },
		"bind it": func(y *graph.Node) []gorgonia.VMOpt { return []gorgonia.VMOpt{gorgonia.BindDualValues(y)} },
		"read it": func(y *graph.Node) []gorgonia.VMOpt {
			gorgonia.Read(y.Deriv(), new(gorgonia.Value))
			return nil
		},
	} {
		g, x, inner := deep(t)
		m := on.New(g)
		require.NoError(t, m.RunAll())
		d, err := inner.Grad()
		require.NoError(t, err)
		require.NotNil(t, d, "without a value the program would think that there is no gradient")
		require.ErrorContains(t, d.Data().(error), "BindDualValues")
		require.Contains(t, fmt.Sprint(d), "BindDualValues")
		require.Equal(t, tensor.Shape{2}, d.Shape())
		require.Contains(t, m.Report().String(), "name the node in gorgonia.BindDualValues")
		own, err := x.Grad()
		require.NoError(t, err)
		require.IsType(t, (*tensor.Dense)(nil), own, "the gradient of an input is published")
		require.NoError(t, m.Close())

		asked := on.New(g, opts(inner)...)
		require.NoError(t, asked.RunAll())
		d, err = inner.Grad()
		require.NoError(t, err)
		got, ok := d.Data().([]float64)
		require.True(t, ok, "%s: %T", name, d.Data())
		if want == nil {
			want = got
		}
		require.InDeltaSlice(t, want, got, 1e-12, name)
		require.NotContains(t, fmt.Sprint(inner.Deriv().Value()), "BindDualValues")
		require.NoError(t, asked.Close())
	}
	require.Greater(t, want[0], 0.0)
}
