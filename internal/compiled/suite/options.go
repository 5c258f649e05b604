package suite

import (
	"bytes"
	"fmt"
	"log"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

func (on Machine) everyOptionIsSupportedOrReported(t *testing.T) {
	other := perceptron(tensor.Float64)
	for name, c := range map[string]struct {
		opt  gorgonia.VMOpt
		note string // in the report; "" if the option is supported
	}{
		"logger":              {gorgonia.WithLogger(log.New(&bytes.Buffer{}, "", 0)), ""},
		"no logger":           {gorgonia.WithLogger(nil), ""},
		"watch all":           {gorgonia.WithWatchlist(), ""},
		"watch a register":    {gorgonia.WithWatchlist(1), "registers"},
		"watch a stranger":    {gorgonia.WithWatchlist(other.x), "not in this graph"},
		"format":              {gorgonia.WithValueFmt("%v"), ""},
		"pointers":            {gorgonia.WithPointerWatch(), "WithPointerWatch"},
		"forwards":            {gorgonia.LogFwd(), "LogFwd"},
		"backwards":           {gorgonia.LogBwd(), "LogBwd"},
		"both":                {gorgonia.LogBothDir(), "LogBothDir"},
		"engine":              {gorgonia.WithEngine(tensor.Float64Engine{}), ""},
		"nothing precompiled": {gorgonia.WithPrecompiled(nil, nil), "nil pointer"},
		"strangers":           {gorgonia.BindDualValues(other.learn...), "not in this graph"},
	} {
		t.Run(name, func(t *testing.T) {
			g := gorgonia.NewGraph()
			y := gorgonia.Must(gorgonia.Neg(vector(g, "x", 1, 2)))
			m := on.New(g, c.opt)
			defer m.Close()
			require.NoError(t, m.RunAll())
			requireFloats(t, y, -1, -2)
			report := m.Report()
			if c.note == "" {
				require.NotNil(t, report[len(report)-1].Node, "only lines of nodes")
				return
			}
			require.Nil(t, report[len(report)-1].Node)
			require.Contains(t, report[len(report)-1].Note, c.note)
			require.Contains(t, report.String(), c.note)
		})
	}
}

func (on Machine) aLoggerGetsWatchedValues(t *testing.T) {
	g := gorgonia.NewGraph()
	x := vector(g, "x", 1, 2)
	y := gorgonia.Must(gorgonia.Neg(x))
	z := gorgonia.Must(gorgonia.Square(y))
	run := func(opts ...gorgonia.VMOpt) string {
		var out bytes.Buffer
		m := on.New(g, append(opts, gorgonia.WithLogger(log.New(&out, "", 0)), gorgonia.WithValueFmt("%1.1f"))...)
		require.NoError(t, m.RunAll())
		require.NoError(t, m.Close())
		return out.String()
	}
	require.Contains(t, run(), y.Name())
	require.NotContains(t, run(), "4.0")
	require.Contains(t, run(gorgonia.WithWatchlist(z)), "[1.0  4.0]")
	require.NotContains(t, run(gorgonia.WithWatchlist(z)), "[-1.0  -2.0]")
	require.Contains(t, run(gorgonia.WithWatchlist(gorgonia.NodeID(y.ID()))), "[-1.0  -2.0]")
	require.Contains(t, run(gorgonia.WithWatchlist()), "[-1.0  -2.0]")
}

// Large inner gradients are not published unless they are watched.
func (on Machine) aLoggerGetsAWatchedInnerGradient(t *testing.T) {
	g := gorgonia.NewGraph()
	x := vector(g, "x", make([]float64, 1<<15)...)
	y := gorgonia.Must(gorgonia.Tanh(x))
	cost := gorgonia.Must(gorgonia.Sum(gorgonia.Must(gorgonia.Square(y))))
	_, err := gorgonia.Grad(cost, x)
	require.NoError(t, err)
	inner := y.Deriv()
	require.NotNil(t, inner)
	run := func(opts ...gorgonia.VMOpt) string {
		var out bytes.Buffer
		m := on.New(g, append(opts, gorgonia.WithLogger(log.New(&out, "", 0)), gorgonia.WithValueFmt("%1.1f"))...)
		require.NoError(t, m.RunAll())
		require.NoError(t, m.Close())
		return out.String()
	}
	line := fmt.Sprintf("node %x, ", inner.ID())
	require.NotContains(t, run(), line)
	require.Contains(t, run(gorgonia.WithWatchlist(inner)), line)
}

func (on Machine) aPrecompiledPartOfAGraphIsRun(t *testing.T) {
	on.both(t, func(t *testing.T, machine func(*gorgonia.ExprGraph, ...gorgonia.VMOpt) gorgonia.VM) {
		g := gorgonia.NewGraph()
		x := vector(g, "x", 3)
		y := gorgonia.Must(gorgonia.Square(x))
		far := gorgonia.Must(gorgonia.Neg(gorgonia.NewVector(g, tensor.Float64, gorgonia.WithName("no value"), gorgonia.WithShape(1))))
		part, at, err := gorgonia.CompileFunction(g, gorgonia.Nodes{x}, gorgonia.Nodes{y})
		require.NoError(t, err)
		m := machine(g, gorgonia.WithPrecompiled(part, at))
		defer m.Close()
		require.NoError(t, m.RunAll())
		requireFloats(t, y, 9)
		require.Nil(t, far.Value())
	})
}

func (on Machine) theWholeGraphPrecompiledIsRun(t *testing.T) {
	g := gorgonia.NewGraph()
	y := gorgonia.Must(gorgonia.Square(vector(g, "x", 3)))
	whole, at, err := gorgonia.Compile(g)
	require.NoError(t, err)
	m := on.New(g, gorgonia.WithPrecompiled(whole, at))
	defer m.Close()
	require.NoError(t, m.RunAll())
	requireFloats(t, y, 9)
}

// ownBLAS is a BLAS that a program sets by gorgonia.Use.
type ownBLAS struct{ gorgonia.BLAS }

func (on Machine) anUnusedBLASIsReported(t *testing.T) {
	before := gorgonia.WhichBLAS()
	gorgonia.Use(ownBLAS{before})
	defer gorgonia.Use(before)
	g := gorgonia.NewGraph()
	x := vector(g, "x", 3)
	y := gorgonia.Must(gorgonia.Mul(x, x))
	m := on.New(g)
	defer m.Close()
	require.NoError(t, m.RunAll())
	requireFloats(t, y, 9)
	require.Contains(t, m.Report().String(), "ownBLAS, which gorgonia.Use set, is not called")
}

func (on Machine) progAndLocMapListThePlan(t *testing.T) {
	g := gorgonia.NewGraph()
	x := vector(g, "x", 1, 2)
	y := gorgonia.Must(gorgonia.Neg(x))
	m := on.New(g)
	require.Contains(t, m.Prog(), "keep")
	places := m.LocMap()
	require.Equal(t, "input", places[x])
	require.Contains(t, places[y], "step 0")
	require.NoError(t, m.Close())
	require.Contains(t, m.Prog(), "closed")
	require.Nil(t, m.LocMap())
}
