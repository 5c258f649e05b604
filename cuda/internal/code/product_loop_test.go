package code

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/lower"
)

// A product followed by a loop: results written element by element, sums along
// each axis and along both, maxima, broadcast operands.
func TestProductsThenLoops(t *testing.T) {
	var s battery
	for _, c := range []struct{ m, n, k int }{
		{1, 1, 1}, {5, 7, 3}, {130, 70, 20}, {3, 300, 9}, {300, 3, 9}, {1, 140, 33}, {64, 64, 8}, {4, 6, 5000}, {20, 33, 1200},
	} {
		s.add(func(f *lower.Func, in []lower.Value) []lower.Value {
			y := f.Map(lower.Tanh(lower.Arg(0).Mul(lower.Num(0.1)).Add(lower.Arg(1))), f.MatMul(in[0], in[1]), f.Broadcast(in[2], c.m, c.n))
			z := f.Map(lower.Arg(0).Mul(lower.Arg(1)), y, in[3])
			return []lower.Value{y, f.Sum(z, 0), f.Sum(y, 1), f.Sum(z, 0, 1), f.Max(z, 0), f.Max(z, 1)}
		}, lower.Shape{c.m, c.k}, lower.Shape{c.k, c.n}, lower.Shape{c.n}, lower.Shape{c.m, c.n})
	}
	f := s.function()
	check(t, f, inputs(f, 4), near)
}

// Convolutions and transposed convolutions followed by a loop, with the sums
// that a bias and a batch norm need, and one over a part of the product's
// columns.
func TestConvolutionsThenLoops(t *testing.T) {
	var s battery
	for _, c := range convCases[:8] {
		x, w, y := c.shapes(t)
		after := func(f *lower.Func, product, bias, other lower.Value) []lower.Value {
			shape := f.Shape(product)
			b := f.Broadcast(f.Reshape(bias, shape[1], 1, 1), shape...)
			y := f.Map(lower.Tanh(lower.Arg(0).Mul(lower.Num(0.1)).Add(lower.Arg(1))), product, b)
			z := f.Map(lower.Arg(0).Mul(lower.Arg(1)), y, other)
			return []lower.Value{y, f.Sum(z, 0, 2, 3), f.Sum(z, 0, 1, 2, 3), f.Max(y, 1)}
		}
		s.add(func(f *lower.Func, in []lower.Value) []lower.Value {
			return after(f, f.Apply(lower.Conv{Geometry: c.geometry}, in[0], in[1])[0], in[2], in[3])
		}, x, w, lower.Shape{c.o}, y)
		s.add(func(f *lower.Func, in []lower.Value) []lower.Value {
			return after(f, f.Apply(lower.ConvData{Geometry: c.geometry, In: c.size}, in[0], in[1])[0], in[2], in[3])[:3]
		}, y, w, lower.Shape{c.c}, x)
		s.add(func(f *lower.Func, in []lower.Value) []lower.Value {
			v := f.Apply(lower.Conv{Geometry: c.geometry}, in[0], in[1])[0]
			return []lower.Value{f.Sum(v, 2, 3)}
		}, x, w)
	}
	f := s.function()
	check(t, f, inputs(f, 5), near)
}

// Sums over blocks wait until they are read: those of two products are combined
// in one launch, before the step that reads one of them.
func TestSumsOverBlocksWait(t *testing.T) {
	f := lower.NewFunc(lower.Shape{300, 20}, lower.Shape{20, 40}, lower.Shape{300, 20}, lower.Shape{20, 40})
	x, y := f.MatMul(f.In(0), f.In(1)), f.MatMul(f.In(2), f.In(3))
	sum := f.Sum(x, 0)
	f.Return(x, y, f.Sum(y, 0), f.Apply(lower.Softmax{Axis: 1}, sum)[0])
	check(t, f, inputs(f, 6), near)
	p, program := programOf(t, f, graph.Float32)
	require.Len(t, p.Steps, 3)
	require.Len(t, slices.DeleteFunc(program.Calls, func(c Call) bool { return c.Step >= len(p.Steps) }), 4)
}

// The plan makes of them what the tests above assume.
func TestLoopsFollowTheirProduct(t *testing.T) {
	for name, c := range map[string]struct {
		of   lower.Prim
		x, w lower.Shape
	}{
		"conv": {lower.Conv{Geometry: geometry(1, 1)}, lower.Shape{2, 3, 9, 9}, lower.Shape{4, 3, 3, 3}},
		"data": {lower.ConvData{Geometry: geometry(2, 1), In: [2]int{9, 9}}, lower.Shape{2, 4, 4, 4}, lower.Shape{4, 3, 3, 3}},
	} {
		f := lower.NewFunc(c.x, c.w)
		y := f.Map(lower.Exp(lower.Arg(0)), f.Apply(c.of, f.In(0), f.In(1))[0])
		f.Return(y, f.Sum(y, 0, 2, 3))
		p, program := programOf(t, f, graph.Float32)
		require.Len(t, p.Steps, 1, name)
		require.IsType(t, plan.Product{}, p.Steps[0].Prim, name)
		steps := slices.DeleteFunc(program.Calls, func(c Call) bool { return c.Step > 0 })
		require.Len(t, steps, 2, "%s: the product with its loop, and the sums of several blocks", name)
	}
}
