package cpu_test

import (
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/edges"
)

func TestNoArgumentMakesAMachinePanic(t *testing.T) {
	edges.Walk(t, func() (receivers []any, functions map[string]any, values []any) {
		b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{})
		x, w := b.Input("x", 2), b.Param("w", nil, 2)
		y := b.Mul(x, w)
		b.Output("y", y)
		b.Update(w, y)
		p, err := b.Program()
		require.NoError(t, err)
		m, err := cpu.Config{}.Compile(p)
		require.NoError(t, err)
		g := gorgonia.NewGraph()
		v := gorgonia.NewVector(g, tensor.Float64, gorgonia.WithName("v"), gorgonia.WithShape(2), gorgonia.WithInit(gorgonia.Ones()))
		cost := gorgonia.Must(gorgonia.Sum(v))
		unbound := gorgonia.NewGraph()
		gorgonia.Must(gorgonia.Neg(gorgonia.NewVector(unbound, tensor.Float64, gorgonia.WithName("u"), gorgonia.WithShape(2))))
		closed := cpu.New(g)
		require.NoError(t, closed.Close())
		return []any{m, cpu.New(g), cpu.New(nil), closed, cpu.New(unbound), cpu.Config{}, cpu.Config{Threads: -1}, cpu.Config{Threads: 1 << 40, Watch: true}}, map[string]any{
				"New": cpu.New,
				"New, run": func(g *gorgonia.ExprGraph, opts []gorgonia.VMOpt) {
					m := cpu.New(g, opts...)
					defer m.Close()
					m.RunAll()
				},
			}, []any{
				p, b, graph.New(nil, graph.Config{}), graph.New(graph.NewParams(graph.Float32, 1), graph.Config{}), x, w, y, v, cost, g, unbound, gorgonia.NewGraph(),
				func() error { return nil }, gorgonia.BindDualValues(v), gorgonia.BindDualValues(nil), gorgonia.EvalMode(), make([]float32, 2),
			}
	})
}
