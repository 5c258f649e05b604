package graph_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
	"github.com/stheno-ml/stheno/vm"
)

func tanh() lower.Expr      { return lower.Tanh(lower.Arg(0)) }
func zeroTimes() lower.Expr { return lower.Num(1) }

func TestFirstErrorSticksAndNamesTheLayer(t *testing.T) {
	b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{})
	x := b.Input("x", 2, 3)
	y := b.Scope("encoder").Scope("fc1").MatMul(x, x)
	require.Nil(t, y)
	first := b.Err()
	require.EqualError(t, first, `graph: layer "encoder/fc1": matmul of [[2 3] [2 3]]: inner extents of [2 3] and [2 3] differ: 3 and 2`)
	require.Nil(t, b.Scope("decoder").Add(y, x))
	require.Nil(t, b.Sum(y))
	require.Nil(t, b.Param("w", nil, 3))
	require.Equal(t, first, b.Err())
}

func TestNamesAreUniqueOrTied(t *testing.T) {
	p := graph.NewParams(graph.Float32, 1)
	b := graph.New(p, graph.Config{})
	w := b.Scope("a").Param("w", nil, 2)
	require.Same(t, w, b.Scope("a").Param("w", nil, 2), "the second call returns the same weight")
	require.Equal(t, "a/w", p.All()[0].Name())
	require.Equal(t, []string{"d", "d_1", "s/d"}, []string{b.Unique("d"), b.Unique("d"), b.Scope("s").Unique("d")})

	for name, wrong := range map[string]func(b *graph.Builder){
		"input twice":                func(b *graph.Builder) { b.Input("x", 1); b.Input("x", 1) },
		"input like a parameter":     func(b *graph.Builder) { b.Param("x", nil, 1); b.Input("x", 1) },
		"parameter like an input":    func(b *graph.Builder) { b.Input("x", 1); b.Param("x", nil, 1) },
		"parameter of another shape": func(b *graph.Builder) { b.Param("x", nil, 1); b.Param("x", nil, 2) },
		"weight and state":           func(b *graph.Builder) { b.Param("x", nil, 1); b.State("x", nil, 1) },
		"zero size":                  func(b *graph.Builder) { b.Input("x", 3, 0) },
		"too large":                  func(b *graph.Builder) { b.Input("x", 1<<20, 1<<20) },
	} {
		t.Run(name, func(t *testing.T) {
			b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{})
			require.NotPanics(t, func() { wrong(b.Scope("layer")) })
			require.ErrorContains(t, b.Err(), "layer/x")
		})
	}
}

func TestParametersAreSharedByGraphs(t *testing.T) {
	bothTypes(t, func(t *testing.T, p *graph.Params) {
		step := graph.New(p, graph.Config{Training: true})
		w := step.Param("w", from(1, 2), 2)
		step.Update(w, step.Scale(w, 3))
		eval := graph.New(p, graph.Config{})
		y := eval.Sum(eval.Param("w", nil, 2))
		run(t, step, nil)
		m := machine(t, eval, nil, y)
		sum := func() float64 {
			require.NoError(t, vm.Run(m))
			v, err := m.Number("out0")
			require.NoError(t, err)
			return v
		}
		require.Equal(t, 9.0, sum())
		require.NoError(t, p.Get("w").SetFloats([]float64{5, 5}))
		require.Equal(t, 10.0, sum())
		require.Equal(t, 2, p.Count())
	})
}

func TestTransposedAndScalarValuesAreValidInputs(t *testing.T) {
	b := graph.New(graph.NewParams(graph.Float64, 1), graph.Config{})
	x, s := b.Input("x", 3, 2), b.Scalar("s", 2)
	y := b.Mul(x, s)
	require.NoError(t, b.Err())
	view := tensor.New(tensor.WithShape(2, 3), tensor.WithBacking([]float64{1, 2, 3, 4, 5, 6}))
	require.NoError(t, view.T())
	require.NoError(t, gorgonia.UnsafeLet(x, view))
	m := gorgonia.NewTapeMachine(b.Graph())
	defer m.Close()
	require.NoError(t, m.RunAll())
	require.Equal(t, []float64{2, 8, 4, 10, 6, 12}, y.Value().Data())
	require.NoError(t, gorgonia.Let(s, 10.0))
	m.Reset()
	require.NoError(t, m.RunAll())
	require.Equal(t, []float64{10, 40, 20, 50, 30, 60}, y.Value().Data())
}

func TestWrongValuesAreErrorsNotPanics(t *testing.T) {
	b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{})
	y := b.Square(b.Input("x", 2))
	a := y.Op()
	for _, v := range []gorgonia.Value{
		nil,
		tensor.New(tensor.WithShape(3), tensor.Of(tensor.Float32)),
		tensor.New(tensor.WithShape(2), tensor.Of(tensor.Float64)),
		tensor.New(tensor.WithShape(2), tensor.Of(tensor.Int)),
	} {
		_, err := a.Do(v)
		require.ErrorContains(t, err, "operand 0")
	}
	_, err := a.Do()
	require.ErrorContains(t, err, "want 1 values")
}

func TestOpNamesAreUniqueAndPlain(t *testing.T) {
	seen := map[string]bool{}
	for _, o := range graph.Ops() {
		require.False(t, seen[o.Name], o.Name)
		seen[o.Name] = true
		require.Equal(t, strings.ToLower(o.Name), o.Name)
		require.NotZero(t, o.Arity)
	}
}

// The names of the two inputs have the same 32-bit hash in Gorgonia, and without a
// salt their squares would too. Gorgonia compares only hashes.
func TestNodesWithCollidingHashesStayDistinct(t *testing.T) {
	b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{})
	x, y := b.Input("b258bed478576718", 2), b.Input("297964b13acfb97d", 2)
	require.NoError(t, b.Err())
	require.NotSame(t, x, y)
	plain := gorgonia.NewGraph()
	named := func(name string) uint32 {
		return gorgonia.NewVector(plain, tensor.Float32, gorgonia.WithName(name), gorgonia.WithShape(2)).Hashcode()
	}
	require.Equal(t, named("b258bed478576718"), named("297964b13acfb97d"), "the names must collide for this test")
	require.NotEqual(t, x.Hashcode(), y.Hashcode())
	xx, yy := b.Square(x), b.Square(y)
	require.NoError(t, b.Err())
	require.NotSame(t, xx, yy)
	require.Same(t, yy, b.Square(y), "equal nodes still merge")
	floats := run(t, b, inputs{"b258bed478576718": {1, 2}, "297964b13acfb97d": {3, 4}}, xx, yy)
	require.Equal(t, []float64{1, 4}, floats(xx))
	require.Equal(t, []float64{9, 16}, floats(yy))
}

func TestHashIsPredicted(t *testing.T) {
	b := graph.New(graph.NewParams(graph.Float64, 1), graph.Config{})
	x, s := b.Input("x", 2, 3), b.Scalar("s", 2)
	b.Sum(b.Mul(b.Square(x), s))
	require.NoError(t, b.Err())
	for _, n := range b.Graph().AllNodes() {
		require.Equal(t, n.Hashcode(), graph.PredictedHash(b, n), n.Name())
	}
}
