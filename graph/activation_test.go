package graph_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/optest"
)

// activationTable has every activation and its derivative in plain Go, without the
// expression language.
var activationTable = []struct {
	name  graph.Activation
	apply func(b *graph.Builder, x *graph.Node) *graph.Node
	value func(x float64) float64
	slope func(x float64) float64
}{
	{"relu", (*graph.Builder).Relu,
		func(x float64) float64 { return pick(x, x, 0) },
		func(x float64) float64 { return pick(x, 1, 0) }},
	{"leaky_relu", func(b *graph.Builder, x *graph.Node) *graph.Node { return b.LeakyRelu(x, 0.01) },
		func(x float64) float64 { return pick(x, x, 0.01*x) },
		func(x float64) float64 { return pick(x, 1, 0.01) }},
	{"elu", func(b *graph.Builder, x *graph.Node) *graph.Node { return b.Elu(x, 1) },
		func(x float64) float64 { return pick(x, x, math.Exp(x)-1) },
		func(x float64) float64 { return pick(x, 1, math.Exp(x)) }},
	{"gelu", (*graph.Builder).Gelu,
		func(x float64) float64 { return x * normalCDF(x) },
		func(x float64) float64 { return normalCDF(x) + x*math.Exp(-x*x/2)/math.Sqrt(2*math.Pi) }},
	{"silu", (*graph.Builder).Silu,
		func(x float64) float64 { return x / (1 + math.Exp(-x)) },
		func(x float64) float64 {
			return 1/(1+math.Exp(-x)) + x/(1+math.Exp(-x))/(1+math.Exp(x))
		}},
	{"sigmoid", (*graph.Builder).Sigmoid,
		func(x float64) float64 { return 1 / (1 + math.Exp(-x)) },
		func(x float64) float64 { return 1 / (1 + math.Exp(-x)) / (1 + math.Exp(x)) }},
	{"tanh", (*graph.Builder).Tanh,
		math.Tanh,
		func(x float64) float64 { return math.Pow(math.Cosh(x), -2) }},
	{"softplus", (*graph.Builder).Softplus,
		func(x float64) float64 { return pick(x, x+math.Log(1+math.Exp(-x)), math.Log(1+math.Exp(x))) },
		func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }},
}

// pick is pos where x > 0, else neg; NaN for NaN.
func pick(x, pos, neg float64) float64 {
	switch {
	case math.IsNaN(x):
		return x
	case x > 0:
		return pos
	}
	return neg
}

func normalCDF(x float64) float64 { return math.Erfc(-x/math.Sqrt2) / 2 }

func TestActivationsEqualTheirFormulas(t *testing.T) {
	x := []float64{0, 1e-3, -1e-3, 0.5, -0.5, 3, -3, 20, -20, 100, -100}
	for _, a := range activationTable {
		t.Run(string(a.name), func(t *testing.T) {
			bothTypes(t, func(t *testing.T, p *graph.Params) {
				tol := 1e-6
				if p.Dtype() == graph.Float64 {
					tol = 1e-14
				}
				b := graph.New(p, graph.Config{})
				in := b.Input("x", len(x))
				y, named := a.apply(b, in), b.Scope("named").Activate(a.name, in)
				slope := b.Grad(b.Sum(y), in)[0]
				formula := b.ActivationSlope(a.name, in)
				floats := run(t, b, inputs{"x": x}, y, named, slope, formula)
				optest.RequireClose(t, "value", each(x, a.value), floats(y), tol)
				optest.RequireClose(t, "by name", each(x, a.value), floats(named), tol)
				optest.RequireClose(t, "derivative", each(x, a.slope), floats(slope), tol)
				optest.RequireClose(t, "slope", each(x, a.slope), floats(formula), tol)
			})
		})
	}
}

func TestActivationsAtInfinityAndNaN(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	limits := map[graph.Activation][3]float64{ // at +infinity, at -infinity, at NaN
		"relu":       {inf, 0, nan},
		"leaky_relu": {inf, -inf, nan},
		"elu":        {inf, -1, nan},
		"gelu":       {inf, nan, nan},
		"silu":       {inf, nan, nan},
		"sigmoid":    {1, 0, nan},
		"tanh":       {1, -1, nan},
		"softplus":   {inf, 0, nan},
	}
	b := graph.New(graph.NewParams(graph.Float64, 1), graph.Config{})
	in := b.Input("x", 3)
	got := map[graph.Activation]*graph.Node{}
	var all []*graph.Node
	for _, a := range activationTable {
		got[a.name] = b.Activate(a.name, in)
		all = append(all, got[a.name])
	}
	floats := run(t, b, inputs{"x": {inf, -inf, nan}}, all...)
	for _, a := range activationTable {
		want := limits[a.name]
		optest.RequireClose(t, string(a.name), want[:], floats(got[a.name]), 0)
	}
}

func TestGradientOfReluAtZeroIsZero(t *testing.T) {
	b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{})
	x := b.Input("x", 2)
	g := b.Grad(b.Sum(b.Relu(x)), x)[0]
	floats := run(t, b, inputs{"x": {0, 0}}, g)
	require.Equal(t, []float64{0, 0}, floats(g))
}

func TestIdentityActivationsAddNoNode(t *testing.T) {
	b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{})
	x := b.Input("x", 2)
	require.Same(t, x, b.Activate("", x))
	require.Same(t, x, b.Activate("linear", x))
	require.NoError(t, graph.Activation("").Check())
	require.ErrorContains(t, graph.Activation("ReLU").Check(), "want one of linear, relu")
}

func each(x []float64, f func(float64) float64) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = f(v)
	}
	return y
}
