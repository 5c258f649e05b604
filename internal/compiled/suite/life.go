package suite

import (
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/value"
)

func vector(g *gorgonia.ExprGraph, name string, x ...float64) *graph.Node {
	return gorgonia.NewVector(g, tensor.Float64, gorgonia.WithName(name), gorgonia.WithShape(len(x)), gorgonia.WithValue(tensor.New(tensor.WithShape(len(x)), tensor.WithBacking(x))))
}

func requireFloats(t *testing.T, n *graph.Node, want ...float64) {
	t.Helper()
	got, err := value.Of(n)
	require.NoError(t, err)
	require.Equal(t, want, got)
}

func (on Machine) aValueThatAUserKeptIsNotChangedByALaterRun(t *testing.T) {
	g := gorgonia.NewGraph()
	x := vector(g, "x", 1, 2)
	y := gorgonia.Must(gorgonia.Square(x))
	cost := gorgonia.Must(gorgonia.Sum(y))
	_, err := gorgonia.Grad(cost, x)
	require.NoError(t, err)
	m := on.New(g)
	defer m.Close()
	require.NoError(t, m.RunAll())
	kept, keptCost := y.Value(), cost.Value()
	grad, err := x.Grad()
	require.NoError(t, err)
	m.Reset()
	require.NoError(t, gorgonia.Let(x, tensor.New(tensor.WithBacking([]float64{3, 4}))))
	require.NoError(t, m.RunAll())
	require.Equal(t, []float64{1, 4}, kept.Data())
	require.Equal(t, 5.0, keptCost.Data())
	require.Equal(t, []float64{2, 4}, grad.Data())
	requireFloats(t, y, 9, 16)
	requireFloats(t, cost, 25)
}

func (on Machine) aSetStatementHoldsFromTheNextRunOn(t *testing.T) {
	g := gorgonia.NewGraph()
	h := vector(g, "h", 1, 2)
	next := gorgonia.Must(gorgonia.Add(h, h))
	gorgonia.Set(h, next)
	m := on.New(g)
	defer m.Close()
	require.NoError(t, m.RunAll())
	requireFloats(t, next, 2, 4)
	requireFloats(t, h, 2, 4)
	first := h.Value()
	m.Reset()
	require.NoError(t, m.RunAll())
	requireFloats(t, next, 4, 8)
	require.Equal(t, []float64{2, 4}, first.Data())
	report := m.Report()
	require.NotEmpty(t, report[len(report)-1].Fault, "a TapeMachine ignores it")

	computed := gorgonia.NewGraph()
	x := vector(computed, "x", 1)
	gorgonia.Set(gorgonia.Must(gorgonia.Neg(x)), x)
	require.ErrorContains(t, on.New(computed).RunAll(), "only an input can be set")
	shapes := gorgonia.NewGraph()
	gorgonia.Set(vector(shapes, "x", 1), gorgonia.Must(gorgonia.Neg(vector(shapes, "y", 1, 2))))
	require.ErrorContains(t, on.New(shapes).RunAll(), "(1) to")
}

func (on Machine) aReadInTheBackwardPassGetsItsValue(t *testing.T) {
	g := gorgonia.NewGraph()
	x := vector(g, "x", 1, 2)
	y := gorgonia.Must(gorgonia.Tanh(gorgonia.Must(gorgonia.Square(x))))
	cost := gorgonia.Must(gorgonia.Sum(y))
	_, err := gorgonia.Grad(cost, x)
	require.NoError(t, err)
	var all []*gorgonia.Value
	for _, n := range append(gorgonia.Nodes(nil), g.AllNodes()...) {
		if n.Op() != nil {
			all = append(all, new(gorgonia.Value))
			gorgonia.Read(n, all[len(all)-1])
		}
	}
	m := on.New(g)
	defer m.Close()
	require.NoError(t, m.RunAll())
	for _, v := range all {
		require.NotNil(t, *v)
	}
}

func (on Machine) aSliceCanBeLetBetweenRuns(t *testing.T) {
	g := gorgonia.NewGraph()
	x := gorgonia.NewMatrix(g, tensor.Float64, gorgonia.WithName("x"), gorgonia.WithShape(3, 2), gorgonia.WithValue(tensor.New(tensor.WithShape(3, 2), tensor.WithBacking([]float64{1, 2, 3, 4, 5, 6}))))
	row := gorgonia.Must(gorgonia.Slice(x, gorgonia.S(0)))
	y := gorgonia.Must(gorgonia.Neg(row))
	m := on.New(g)
	defer m.Close()
	require.NoError(t, m.RunAll())
	requireFloats(t, y, -1, -2)
	for i, want := range [][]float64{2: {-5, -6}, 1: {-3, -4}, 0: {-1, -2}} {
		require.NoError(t, gorgonia.UnsafeLet(row, gorgonia.S(i)))
		m.Reset()
		require.NoError(t, m.RunAll())
		requireFloats(t, y, want...)
	}
}

func (on Machine) aSwitchedOpTakesEffectInTheNextRun(t *testing.T) {
	g := gorgonia.NewGraph()
	x := gorgonia.NewMatrix(g, tensor.Float64, gorgonia.WithName("x"), gorgonia.WithShape(10, 10), gorgonia.WithValue(tensor.New(tensor.WithShape(10, 10), tensor.WithBacking(tensor.Range(tensor.Float64, 1, 101)))))
	y := gorgonia.Must(gorgonia.Dropout(x, 0.5))
	m := on.New(g)
	defer m.Close()
	zeros := func() (n int) {
		m.Reset()
		require.NoError(t, m.RunAll())
		v, err := value.Of(y)
		require.NoError(t, err)
		for _, e := range v {
			if e == 0 {
				n++
			}
		}
		return n
	}
	require.InDelta(t, 50, zeros(), 25)
	require.NoError(t, y.Op().(gorgonia.TrainModeOp).SetTraining(false))
	require.Zero(t, zeros())
	require.NoError(t, y.Op().(gorgonia.TrainModeOp).SetTraining(true))
	require.InDelta(t, 50, zeros(), 25)
}

func (on Machine) scalarsAreInputsOutputsAndLearnables(t *testing.T) {
	for _, dtype := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
		g := gorgonia.NewGraph()
		x := gorgonia.NewScalar(g, dtype, gorgonia.WithName("x"))
		w := gorgonia.NewScalar(g, dtype, gorgonia.WithName("w"))
		require.NoError(t, value.Bind(w, 3))
		cost := gorgonia.Must(gorgonia.Square(gorgonia.Must(gorgonia.Mul(x, w))))
		_, err := gorgonia.Grad(cost, w)
		require.NoError(t, err)
		for _, opts := range [][]gorgonia.VMOpt{nil, {gorgonia.BindDualValues(w)}} {
			m := on.New(g, opts...)
			require.NoError(t, value.Bind(x, 2))
			require.NoError(t, m.RunAll())
			requireFloats(t, cost, 36)
			d, err := w.Grad()
			require.NoError(t, err)
			require.EqualValues(t, 24, d.Data())
			require.NoError(t, m.Close())
		}
		require.NoError(t, gorgonia.NewVanillaSolver(gorgonia.WithLearnRate(0.125)).Step(gorgonia.NodesToValueGrads(gorgonia.Nodes{w})))
		requireFloats(t, w, 0)
	}
}

func (on Machine) machinesThatAreClosedLeaveNoGoroutine(t *testing.T) {
	before := runtime.NumGoroutine()
	for i := range 100 {
		p := network(tensor.Float32)
		m := on.New(p.g)
		require.NoError(t, value.Bind(p.x, make([]float64, 6*36)...))
		require.NoError(t, value.Bind(p.y, make([]float64, 18)...))
		require.NoError(t, m.RunAll())
		require.NoError(t, m.Close())
		require.NoError(t, m.Close(), "a second Close")
		m.Reset()
		require.ErrorContains(t, m.RunAll(), "closed")
		require.ErrorContains(t, m.Let(p.x, 1.0), "closed")
		_, err := m.Profile(func() error { return nil })
		require.ErrorContains(t, err, "closed")
		if i%10 == 0 {
			failed := on.New(nil)
			require.Error(t, failed.RunAll())
			require.NoError(t, failed.Close())
		}
	}
	for range 100 { // goroutines may take a moment to end
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	require.LessOrEqual(t, runtime.NumGoroutine(), before)
}

func (on Machine) machinesOfSeveralGraphsRunAtOnce(t *testing.T) {
	programs := make([]*program, 6)
	for i := range programs { // Gorgonia builds one graph at a time
		programs[i] = network(tensor.Float64)
		_, err := gorgonia.Grad(programs[i].cost, programs[i].learn...)
		require.NoError(t, err)
	}
	costs := make([][]float64, len(programs))
	errs := make([]error, len(programs))
	var wait sync.WaitGroup
	for i, p := range programs {
		wait.Add(1)
		go func() {
			defer wait.Done()
			costs[i], errs[i] = on.descend(p)
		}()
	}
	wait.Wait()
	for i := range programs {
		require.NoError(t, errs[i])
		require.Equal(t, costs[0], costs[i])
		require.Less(t, costs[i][9], costs[i][0])
	}
}

// descend runs ten training steps and returns the costs.
func (on Machine) descend(p *program) (costs []float64, err error) {
	m := on.New(p.g, gorgonia.BindDualValues(p.learn...))
	defer m.Close()
	solver := gorgonia.NewAdamSolver()
	for range 10 {
		for _, in := range []*graph.Node{p.x, p.y} {
			x := make([]float64, in.Shape().TotalSize())
			for k := range x {
				x[k] = float64(k%7) / 7
			}
			if err := value.Bind(in, x...); err != nil {
				return nil, err
			}
		}
		m.Reset()
		if err := m.RunAll(); err != nil {
			return nil, err
		}
		if err := solver.Step(gorgonia.NodesToValueGrads(p.learn)); err != nil {
			return nil, err
		}
		cost, err := value.Of(p.cost)
		if err != nil {
			return nil, err
		}
		costs = append(costs, cost...)
	}
	return costs, nil
}

func (on Machine) anInputOfIntegersNamesRows(t *testing.T) {
	for _, dtype := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
		g := gorgonia.NewGraph()
		table := gorgonia.NewMatrix(g, dtype, gorgonia.WithName("table"), gorgonia.WithShape(3, 2), gorgonia.WithValue(dense64([]float64{1, 2, 3, 4, 5, 6}, dtype, 3, 2)))
		rows := gorgonia.NewVector(g, tensor.Int, gorgonia.WithName("rows"), gorgonia.WithShape(2))
		y := gorgonia.Must(gorgonia.Neg(gorgonia.Must(gorgonia.ByIndices(table, rows, 0))))
		cost := gorgonia.Must(gorgonia.Sum(y))
		_, err := gorgonia.Grad(cost, table)
		require.NoError(t, err)
		m := on.New(g)
		require.ErrorContains(t, m.RunAll(), "have no value")
		require.NoError(t, gorgonia.Let(rows, tensor.New(tensor.WithBacking([]int{2, 0}))))
		require.NoError(t, m.RunAll())
		requireFloats(t, y, -5, -6, -1, -2)
		d, err := table.Grad()
		require.NoError(t, err)
		got, err := value.Floats(d)
		require.NoError(t, err)
		require.Equal(t, []float64{-1, -1, 0, 0, -1, -1}, got)
		require.NoError(t, m.Verify())
		require.NoError(t, m.Close())
	}
}

func (on Machine) aGraphThatCannotRunIsAnError(t *testing.T) {
	for name, c := range map[string]struct {
		want  string
		build func(g *gorgonia.ExprGraph)
	}{
		"no value": {"no value is bound", func(g *gorgonia.ExprGraph) {
			gorgonia.Must(gorgonia.Neg(gorgonia.NewVector(g, tensor.Float64, gorgonia.WithName("x"), gorgonia.WithShape(2))))
		}},
		"no elements": {"input x", func(g *gorgonia.ExprGraph) {
			gorgonia.Must(gorgonia.Neg(gorgonia.NewVector(g, tensor.Float64, gorgonia.WithName("x"), gorgonia.WithShape(0))))
		}},
		"masked": {"masked", func(g *gorgonia.ExprGraph) {
			v := tensor.New(tensor.WithBacking([]float64{1, 2}, []bool{true, false}))
			gorgonia.Must(gorgonia.Neg(gorgonia.NewVector(g, tensor.Float64, gorgonia.WithName("x"), gorgonia.WithShape(2), gorgonia.WithValue(v))))
		}},
		"an operand of another graph": {"is not in this graph", func(g *gorgonia.ExprGraph) {
			stranger := gorgonia.Must(gorgonia.Neg(vector(gorgonia.NewGraph(), "far", 1, 2)))
			g.AddNode(gorgonia.NewUniqueNode(gorgonia.WithOp(triple{times3}), gorgonia.WithChildren(gorgonia.Nodes{stranger}),
				gorgonia.WithType(gorgonia.TensorType{Dims: 1, Of: tensor.Float64}), gorgonia.WithShape(2), gorgonia.In(g)))
		}},
		"removed operand": {"is not in this graph", func(g *gorgonia.ExprGraph) {
			x := vector(g, "x", 1, 2)
			y := gorgonia.Must(gorgonia.Neg(x))
			gorgonia.Must(gorgonia.Square(y))
			g.RemoveNode(y)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			g := gorgonia.NewGraph()
			c.build(g)
			m := on.New(g)
			require.ErrorContains(t, m.RunAll(), c.want)
			require.NoError(t, m.Close())
		})
	}
}
