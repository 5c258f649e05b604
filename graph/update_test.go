package graph_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/tape"
)

// from starts a parameter at the given values.
func from(v ...float64) graph.Init {
	return func(_ graph.Draw, _ graph.Shape, w []float64) error {
		copy(w, v)
		return nil
	}
}

// runs compiles the graph on the tape and runs it n times.
func runs(t *testing.T, b *graph.Builder, n int) {
	t.Helper()
	m, err := tape.New(b)
	require.NoError(t, err)
	defer m.Close()
	for range n {
		m.Reset()
		require.NoError(t, m.RunAll())
	}
}

func floats(t *testing.T, n *graph.Node) []float64 {
	t.Helper()
	x, err := graph.Floats(n)
	require.NoError(t, err)
	return x
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
	before := p.Get("w").Version()
	runs(t, b, 3)
	require.Equal(t, before+3, p.Get("w").Version())
}

func TestSecondRunWithoutResetDoesNothing(t *testing.T) {
	p := graph.NewParams(graph.Float32, 1)
	b := graph.New(p, graph.Config{})
	w := b.Param("w", nil, 1)
	b.Update(w, b.AddConst(w, 1))
	m, err := tape.New(b)
	require.NoError(t, err)
	require.NoError(t, m.RunAll())
	require.NoError(t, m.RunAll())
	require.Equal(t, []float64{1}, p.Get("w").Floats())
	require.NoError(t, m.Close())
	require.NoError(t, m.Close())
	require.ErrorContains(t, m.RunAll(), "closed")
}

func TestWrongUpdatesAreRefused(t *testing.T) {
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
		"nil":           {func(b, _ *graph.Builder) { b.Update(b.Param("w", nil, 2), nil) }, "nil"},
		"another graph": {func(b, other *graph.Builder) { b.Update(b.Param("w", nil, 1), other.Input("x", 1)) }, "another graph"},
	} {
		t.Run(name, func(t *testing.T) {
			p := graph.NewParams(graph.Float32, 1)
			b := graph.New(p, graph.Config{})
			c.build(b.Scope("fc"), graph.New(p, graph.Config{}))
			require.ErrorContains(t, b.Err(), c.want)
			require.ErrorContains(t, b.Err(), `"fc"`)
			_, err := tape.New(b)
			require.Error(t, err)
		})
	}
}
