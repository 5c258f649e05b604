package suite

import (
	"errors"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/value"
	"github.com/stheno-ml/stheno/vm"
)

func (on Machine) aSecondGoroutineInAMachineGetsAnError(t *testing.T) {
	within, goOn := make(chan bool), make(chan bool)
	g, host, y := tripled(t, func(x gorgonia.Value) (gorgonia.Value, error) {
		within <- true
		<-goOn
		return times3(x)
	})
	m := on.New(g)
	failed := make(chan error)
	go func() { failed <- m.RunAll() }()
	<-within
	x := g.Inputs()[0]
	for name, call := range map[string]func() error{
		"RunAll":  m.RunAll,
		"Verify":  m.Verify,
		"Close":   m.Close,
		"Let":     func() error { return m.Let(x, 1.0) },
		"Set":     func() error { return m.Set(x, y) },
		"Profile": func() error { _, err := m.Profile(func() error { return nil }); return err },
	} {
		require.ErrorContains(t, call(), "another goroutine is using this machine", name)
	}
	m.Reset()
	close(goOn)
	require.NoError(t, <-failed)
	want := math.Pow(3*math.Tanh(1), 2)
	got, err := value.Of(y)
	require.NoError(t, err)
	require.InDeltaSlice(t, []float64{want, want}, got, 1e-12)
	require.NotNil(t, host.Value())
	require.NoError(t, m.RunAll(), "the run has ended: Reset had no effect on it")
	require.NoError(t, m.Close())
}

func (on Machine) aSecondGoroutineInAProgramsMachineGetsAnError(t *testing.T) {
	within, goOn := make(chan bool), make(chan bool)
	b := graph.New(graph.NewParams(graph.Float64, 1), graph.Config{})
	y, err := gorgonia.ApplyOp(triple{func(x gorgonia.Value) (gorgonia.Value, error) {
		within <- true
		<-goOn
		return times3(x)
	}}, b.Tanh(b.Input("x", 2)))
	require.NoError(t, err)
	m := MachineOf(t, on, b, map[string][]float64{"x": {1, -1}}, b.Square(y), b.Scalar("s", 1))
	failed := make(chan error)
	go func() { failed <- m.Start() }()
	<-within
	for name, call := range map[string]func() error{
		"Feed":      func() error { return m.Feed("x", []float32{5, 5}) },
		"Set":       func() error { return m.Set("s", 5) },
		"SetFloats": func() error { return m.SetFloats("x", []float64{5, 5}) },
		"SetClock":  func() error { return m.SetClock(1, 1) },
		"Start":     m.Start,
		"Wait":      m.Wait,
		"Number":    func() error { _, err := m.Number("out1"); return err },
		"Read":      func() error { return m.Read("out0", make([]float32, 2)) },
		"Floats":    func() error { _, err := m.Floats("out0"); return err },
		"Verify":    m.Verify,
		"Profile":   func() error { _, err := m.Profile(func() error { return nil }); return err },
	} {
		require.ErrorContains(t, call(), "another goroutine is using this machine", name)
	}
	close(goOn)
	require.NoError(t, <-failed)
	require.NoError(t, m.Wait())
	want := math.Pow(3*math.Tanh(1), 2)
	got, err := m.Floats("out0")
	require.NoError(t, err)
	require.InDeltaSlice(t, []float64{want, want}, got, 1e-12)
}

func (on Machine) aRunThatAWatchStoppedRunsAgain(t *testing.T) {
	for name, machine := range map[string]func(*gorgonia.ExprGraph) vm.DropIn{
		"watch":     func(g *gorgonia.ExprGraph) vm.DropIn { return on.With(Settings{Watch: true}).New(g) },
		"NaN watch": func(g *gorgonia.ExprGraph) vm.DropIn { return on.New(g, gorgonia.WithNaNWatch()) },
	} {
		g := gorgonia.NewGraph()
		x := vector(g, "x", 1, -1)
		y := gorgonia.Must(gorgonia.Sqrt(x))
		m := machine(g)
		require.ErrorContains(t, m.RunAll(), "NaN", name)
		require.ErrorContains(t, m.RunAll(), "NaN", "%s: a second call without Reset", name)
		require.NoError(t, value.Bind(x, 4, 9))
		require.NoError(t, m.RunAll(), name)
		requireFloats(t, y, 2, 3)
		require.NoError(t, m.RunAll(), name)
		require.NoError(t, m.Close())
	}
}

func (on Machine) closingAMachineDuringAProfileIsAnError(t *testing.T) {
	g := gorgonia.NewGraph()
	gorgonia.Must(gorgonia.Neg(vector(g, "x", 1)))
	m := on.New(g)
	steps, err := m.Profile(m.Close)
	require.ErrorContains(t, err, "closed")
	require.Empty(t, steps)
}

func (on Machine) aNewPlanDuringAProfileIsAnError(t *testing.T) {
	g := gorgonia.NewGraph()
	row := gorgonia.Must(gorgonia.Slice(vector(g, "x", 1, 2, 3), gorgonia.S(0, 2)))
	gorgonia.Must(gorgonia.Neg(row))
	m := on.New(g)
	run := func() error {
		m.Reset()
		return m.RunAll()
	}
	_, err := m.Profile(func() error { return errors.Join(run(), gorgonia.UnsafeLet(row, gorgonia.S(1, 3)), run()) })
	require.ErrorContains(t, err, "made a new plan")
	steps, err := m.Profile(run)
	require.NoError(t, err)
	require.NotEmpty(t, steps)
}
