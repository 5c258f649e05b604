package suite

import (
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
)

// both runs a test on Gorgonia's machine and on this one, for behaviour that programs
// rely on.
func (on Machine) both(t *testing.T, test func(t *testing.T, machine func(*gorgonia.ExprGraph, ...gorgonia.VMOpt) gorgonia.VM)) {
	t.Run("tape", func(t *testing.T) {
		test(t, func(g *gorgonia.ExprGraph, opts ...gorgonia.VMOpt) gorgonia.VM {
			return gorgonia.NewTapeMachine(g, opts...)
		})
	})
	t.Run("ours", func(t *testing.T) {
		test(t, func(g *gorgonia.ExprGraph, opts ...gorgonia.VMOpt) gorgonia.VM { return on.New(g, opts...) })
	})
}

// cubes is the sum of the cubes of x.
func cubes(t *testing.T, x ...float64) (g *gorgonia.ExprGraph, in, cost *graph.Node) {
	g = gorgonia.NewGraph()
	in = vector(g, "x", x...)
	cost = gorgonia.Must(gorgonia.Sum(gorgonia.Must(gorgonia.Cube(in))))
	_, err := gorgonia.Grad(cost, in)
	require.NoError(t, err)
	return g, in, cost
}

func (on Machine) boundGradientsAddUpUntilTheSolverTakesThem(t *testing.T) {
	on.both(t, func(t *testing.T, machine func(*gorgonia.ExprGraph, ...gorgonia.VMOpt) gorgonia.VM) {
		g, x, _ := cubes(t, 1, 2)
		m := machine(g, gorgonia.BindDualValues(x))
		defer m.Close()
		var first gorgonia.Value
		for run := range 3 {
			require.NoError(t, m.RunAll())
			d, err := x.Grad()
			require.NoError(t, err)
			require.Equal(t, []float64{3 * float64(run+1), 12 * float64(run+1)}, d.Data())
			if run == 0 {
				first = d
			}
			require.Equal(t, d.Data(), first.Data(), "all runs use one value")
			m.Reset()
		}
		require.NoError(t, gorgonia.NewVanillaSolver(gorgonia.WithLearnRate(1)).Step(gorgonia.NodesToValueGrads(gorgonia.Nodes{x})))
		requireFloats(t, x, 1-9, 2-36)
		d, err := x.Grad()
		require.NoError(t, err)
		require.Equal(t, []float64{0, 0}, d.Data())
	})
}

func (on Machine) unboundGradientsAreFromTheLastRun(t *testing.T) {
	on.both(t, func(t *testing.T, machine func(*gorgonia.ExprGraph, ...gorgonia.VMOpt) gorgonia.VM) {
		g, x, _ := cubes(t, 1, 2)
		m := machine(g)
		defer m.Close()
		for range 3 {
			require.NoError(t, m.RunAll())
			d, err := x.Grad()
			require.NoError(t, err)
			require.Equal(t, []float64{3, 12}, d.Data())
			m.Reset()
		}
	})
}

func (on Machine) letBindsByReference(t *testing.T) {
	on.both(t, func(t *testing.T, machine func(*gorgonia.ExprGraph, ...gorgonia.VMOpt) gorgonia.VM) {
		g, x, cost := cubes(t, 0, 0)
		own := []float64{1, 2}
		require.NoError(t, gorgonia.Let(x, tensor.New(tensor.WithBacking(own))))
		m := machine(g)
		defer m.Close()
		require.NoError(t, m.RunAll())
		requireFloats(t, cost, 9)
		own[1] = 3
		m.Reset()
		require.NoError(t, m.RunAll())
		requireFloats(t, cost, 28)
	})
}

func (on Machine) aTransposedViewIsAnInput(t *testing.T) {
	on.both(t, func(t *testing.T, machine func(*gorgonia.ExprGraph, ...gorgonia.VMOpt) gorgonia.VM) {
		g := gorgonia.NewGraph()
		x := gorgonia.NewMatrix(g, tensor.Float64, gorgonia.WithName("x"), gorgonia.WithShape(3, 2))
		w := vector(g, "w", 10, 1)
		y := gorgonia.Must(gorgonia.Mul(x, w))
		v := tensor.New(tensor.WithShape(2, 3), tensor.WithBacking([]float64{1, 2, 3, 4, 5, 6}))
		require.NoError(t, v.T())
		require.NoError(t, gorgonia.Let(x, v))
		m := machine(g)
		defer m.Close()
		require.NoError(t, m.RunAll())
		requireFloats(t, y, 14, 25, 36)
	})
}

func (on Machine) anInputThatNoCostReachesHasNoGradient(t *testing.T) {
	on.both(t, func(t *testing.T, machine func(*gorgonia.ExprGraph, ...gorgonia.VMOpt) gorgonia.VM) {
		g, x, _ := cubes(t, 1, 2)
		far := vector(g, "far", 1)
		gorgonia.Must(gorgonia.Neg(far))
		m := machine(g)
		defer m.Close()
		require.NoError(t, m.RunAll())
		_, err := far.Grad()
		require.Error(t, err)
		require.Error(t, gorgonia.NewVanillaSolver().Step(gorgonia.NodesToValueGrads(gorgonia.Nodes{x, far})))
	})
}

func (on Machine) nodesAddedLaterAreNotRun(t *testing.T) {
	on.both(t, func(t *testing.T, machine func(*gorgonia.ExprGraph, ...gorgonia.VMOpt) gorgonia.VM) {
		g, x, cost := cubes(t, 1, 2)
		m := machine(g)
		defer m.Close()
		later := gorgonia.Must(gorgonia.Neg(x))
		require.NoError(t, m.RunAll())
		requireFloats(t, cost, 9)
		require.Nil(t, later.Value())
	})
}

func (on Machine) aRunThatFailedCanBeRunAgain(t *testing.T) {
	on.both(t, func(t *testing.T, machine func(*gorgonia.ExprGraph, ...gorgonia.VMOpt) gorgonia.VM) {
		g := gorgonia.NewGraph()
		x := gorgonia.NewVector(g, tensor.Float64, gorgonia.WithName("x"), gorgonia.WithShape(2))
		y := gorgonia.Must(gorgonia.Neg(x))
		m := machine(g)
		defer m.Close()
		require.Error(t, m.RunAll())
		require.NoError(t, gorgonia.Let(x, tensor.New(tensor.WithBacking([]float64{1, 2}))))
		require.NoError(t, m.RunAll())
		requireFloats(t, y, -1, -2)
	})
}
