package graph_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/storage"
	"github.com/stheno-ml/stheno/tape"
	"github.com/stheno-ml/stheno/vm"
)

// from starts a parameter at the given values.
func from(v ...float64) graph.Init {
	return func(_ graph.Draw, _ graph.Shape, w []float64) error {
		copy(w, v)
		return nil
	}
}

// inputs has the values of inputs, by name.
type inputs = map[string][]float64

// machine compiles the program of b for Gorgonia's machine, with the nodes as outputs
// out0, out1, ...
func machine(t *testing.T, b *graph.Builder, in inputs, nodes ...*graph.Node) vm.Machine {
	t.Helper()
	for i, n := range nodes {
		b.Output(fmt.Sprintf("out%d", i), n)
	}
	p, err := b.Program()
	require.NoError(t, err)
	m, err := tape.Config{}.Compile(p)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, m.Close()) })
	for name, x := range in {
		require.NoError(t, m.SetFloats(name, x))
	}
	return m
}

// run runs the program of b and returns a function that returns a node's value.
func run(t *testing.T, b *graph.Builder, in inputs, nodes ...*graph.Node) func(*graph.Node) []float64 {
	t.Helper()
	m := machine(t, b, in, nodes...)
	require.NoError(t, vm.Run(m))
	values := map[*graph.Node][]float64{}
	for i, n := range nodes {
		x, err := m.Floats(fmt.Sprintf("out%d", i))
		require.NoError(t, err)
		values[n] = x
	}
	return func(n *graph.Node) []float64 { return values[n] }
}

func bothTypes(t *testing.T, f func(t *testing.T, p *graph.Params)) {
	for _, dtype := range []graph.Dtype{graph.Float32, graph.Float64} {
		t.Run(dtype.String(), func(t *testing.T) { f(t, graph.NewParams(dtype, 1)) })
	}
}

func TestUpdateCountsVersions(t *testing.T) {
	p := graph.NewParams(graph.Float32, 1)
	b := graph.New(p, graph.Config{})
	w := b.Param("w", nil, 1)
	b.Update(w, b.AddConst(w, 1))
	array := p.Get("w").Storage(storage.Access{})
	before := array.Version()
	m := machine(t, b, nil)
	for range 3 {
		require.NoError(t, vm.Run(m))
	}
	require.Equal(t, before+3, array.Version())
}

func TestAParameterWithoutAxesIsAScalar(t *testing.T) {
	bothTypes(t, func(t *testing.T, p *graph.Params) {
		b := graph.New(p, graph.Config{})
		steps := b.State("steps", from(5))
		require.True(t, steps.IsScalar())
		b.Update(steps, b.AddConst(steps, 1))
		scaled := gorgonia.Must(gorgonia.Mul(b.Constant([]float64{1, 2}, 2), steps))
		value := run(t, b, nil, steps, scaled)
		require.Equal(t, []float64{5}, value(steps))
		require.Equal(t, []float64{5, 10}, value(scaled), "by an op of Gorgonia")
		require.Equal(t, []float64{6}, p.Get("steps").Floats())
		require.Empty(t, p.Get("steps").Shape())
		require.Equal(t, 0, p.Count())
		b.Param("scale", graph.GlorotUniform(0, 0))
		require.ErrorContains(t, b.Err(), "has no fans")
	})
}

func TestWrongUpdatesAreErrors(t *testing.T) {
	for name, c := range map[string]struct {
		build func(b, other *graph.Builder)
		want  string
	}{
		"an input": {func(b, _ *graph.Builder) { x := b.Input("x", 1); b.Update(x, x) }, "only a parameter or a state"},
		"another shape": {func(b, _ *graph.Builder) {
			w := b.Param("w", nil, 2)
			b.Update(w, b.Sum(w))
		}, "its next value is float32 []"},
		"twice": {func(b, _ *graph.Builder) {
			w := b.Param("w", nil, 2)
			b.Update(w, w)
			b.Update(w, b.Neg(w))
		}, "updated twice"},
		"replaced before it is given": {func(b, _ *graph.Builder) {
			w := b.Param("w", nil, 2)
			b.ReplaceNext(w, b.Neg(w))
		}, "no next value to replace"},
		"replaced by another shape": {func(b, _ *graph.Builder) {
			w := b.Param("w", nil, 2)
			b.Update(w, w)
			b.ReplaceNext(w, b.Sum(w))
		}, "its next value is float32 []"},
		"nil":           {func(b, _ *graph.Builder) { b.Update(b.Param("w", nil, 2), nil) }, "nil"},
		"another graph": {func(b, other *graph.Builder) { b.Update(b.Param("w", nil, 1), other.Input("x", 1)) }, "another graph"},
	} {
		t.Run(name, func(t *testing.T) {
			p := graph.NewParams(graph.Float32, 1)
			b := graph.New(p, graph.Config{})
			c.build(b.Scope("fc"), graph.New(p, graph.Config{}))
			require.ErrorContains(t, b.Err(), c.want)
			require.ErrorContains(t, b.Err(), `"fc"`)
			_, err := b.Program()
			require.Error(t, err)
		})
	}
}

func TestANextValueIsReplacedInItsPlace(t *testing.T) {
	p := graph.NewParams(graph.Float64, 1)
	b := graph.New(p, graph.Config{})
	w, v := b.Param("w", from(1, 2), 2), b.Param("v", nil, 2)
	require.Nil(t, b.NextOf(w))
	next := b.AddConst(w, 1)
	b.Update(w, next)
	b.Update(v, w)
	require.Same(t, next, b.NextOf(w))
	b.ReplaceNext(w, b.Scale(b.NextOf(w), 10))
	require.NoError(t, b.Err())
	require.Len(t, b.Updates(), 2)
	require.Equal(t, "w", b.Updates()[0].Param.Name())
	run(t, b, nil)
	require.Equal(t, []float64{20, 30}, p.Get("w").Floats())
	require.Equal(t, []float64{1, 2}, p.Get("v").Floats(), "readers see the old value")
}
