package suite

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
)

func (on Machine) valuesAreOfGorgoniasKind(t *testing.T) {
	for _, dtype := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
		kinds := map[string][]string{}
		for name, machine := range map[string]func(*gorgonia.ExprGraph) gorgonia.VM{
			"tape": func(g *gorgonia.ExprGraph) gorgonia.VM { return gorgonia.NewTapeMachine(g, gorgonia.TraceExec()) },
			"ours": func(g *gorgonia.ExprGraph) gorgonia.VM { return on.New(g) },
		} {
			g := gorgonia.NewGraph()
			x := gorgonia.NewVector(g, dtype, gorgonia.WithName("x"), gorgonia.WithShape(2), gorgonia.WithValue(dense64([]float64{1, 2}, dtype, 2)))
			dot := gorgonia.Must(gorgonia.Tensordot([]int{0}, []int{0}, x, x))
			nodes := []*graph.Node{
				dot, gorgonia.Must(gorgonia.Square(dot)), gorgonia.Must(gorgonia.Sum(x)), gorgonia.Must(gorgonia.Mul(x, x)),
				gorgonia.Must(gorgonia.Neg(gorgonia.Must(gorgonia.Max(x)))), gorgonia.Must(gorgonia.Slice(x, gorgonia.S(1))), gorgonia.Must(gorgonia.Neg(x)),
			}
			m := machine(g)
			require.NoError(t, m.RunAll())
			for _, n := range nodes {
				kind := fmt.Sprint(gorgonia.TypeOf(n.Value()), n.Value().Shape())
				if d, ok := n.Value().(*tensor.Dense); ok {
					require.IsType(t, gorgonia.StandardEngine{}, d.Engine())
					kind = "tensor " + kind
				}
				kinds[name] = append(kinds[name], kind)
			}
			require.NoError(t, m.Close())
		}
		require.Equal(t, kinds["tape"], kinds["ours"])
		require.Contains(t, kinds["ours"][0], "tensor")
	}
}

func (on Machine) valuesHaveTheEngineThatTheProgramAsksFor(t *testing.T) {
	g := gorgonia.NewGraph()
	own := tensor.New(tensor.WithShape(2), tensor.WithBacking([]float64{1, 2}), tensor.WithEngine(tensor.Float64Engine{}))
	y := gorgonia.Must(gorgonia.Neg(gorgonia.NewVector(g, tensor.Float64, gorgonia.WithName("x"), gorgonia.WithShape(2), gorgonia.WithValue(own))))
	usual := tensor.New(tensor.WithShape(2), tensor.WithBacking([]float64{1, 2}))
	z := gorgonia.NewVector(g, tensor.Float64, gorgonia.WithName("z"), gorgonia.WithShape(2), gorgonia.WithValue(usual))
	_, err := gorgonia.Grad(gorgonia.Must(gorgonia.Sum(gorgonia.Must(gorgonia.Mul(z, z)))), z)
	require.NoError(t, err)
	for _, c := range []struct {
		opts []gorgonia.VMOpt
		want tensor.Engine
	}{
		{nil, gorgonia.StandardEngine{}},
		{[]gorgonia.VMOpt{gorgonia.WithEngine(tensor.Float64Engine{})}, tensor.Float64Engine{}},
	} {
		m := on.New(g, c.opts...)
		require.NoError(t, m.RunAll())
		require.Equal(t, c.want, y.Value().(*tensor.Dense).Engine())
		require.Equal(t, tensor.Float64Engine{}, own.Engine(), "the program chose it")
		require.Equal(t, gorgonia.StandardEngine{}, usual.Engine(), "the engine of the first machine, as on a TapeMachine")
		d, err := z.Grad()
		require.NoError(t, err)
		require.Equal(t, c.want, d.(*tensor.Dense).Engine())
		require.NoError(t, m.Close())
	}
}

func (on Machine) aTensorOfShapeScalarIsALearnable(t *testing.T) {
	for name, bind := range map[string]bool{"bound": true, "unbound": false} {
		g := gorgonia.NewGraph()
		own := tensor.New(tensor.FromScalar(2.0))
		w := gorgonia.NewTensor(g, tensor.Float64, 0, gorgonia.WithName("w"), gorgonia.WithShape(), gorgonia.WithValue(own))
		cost := gorgonia.Must(gorgonia.Square(w))
		_, err := gorgonia.Grad(cost, w)
		require.NoError(t, err)
		var opts []gorgonia.VMOpt
		if bind {
			opts = append(opts, gorgonia.BindDualValues(w))
		}
		m := on.New(g, opts...)
		require.NoError(t, m.RunAll(), name)
		require.Equal(t, 4.0, cost.Value().Data())
		d, err := w.Grad()
		require.NoError(t, err)
		require.Equal(t, 4.0, d.Data(), name)
		require.IsType(t, own, d, "%s: a tensor like the value, as solvers need it", name)
		require.NoError(t, gorgonia.NewVanillaSolver(gorgonia.WithLearnRate(0.25)).Step(gorgonia.NodesToValueGrads(gorgonia.Nodes{w})), name)
		require.Equal(t, 1.0, w.Value().Data(), name)
		m.Reset()
		require.NoError(t, m.RunAll())
		require.Equal(t, 1.0, cost.Value().Data(), name)
		require.NoError(t, m.Close())
	}
}
