package graph_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/optest"
)

var nan, inf = math.NaN(), math.Inf(1)

func TestComparisonsOfSpecialNumbers(t *testing.T) {
	x := []float64{1, 2, 2, nan, 1, nan, inf, inf, -inf}
	y := []float64{2, 1, 2, 1, nan, nan, inf, 1, inf}
	type B = graph.Builder
	type N = graph.Node
	for name, c := range map[string]struct {
		op   func(b *B, x, y *N) *N
		want []float64
	}{
		"less":          {(*B).Less, []float64{1, 0, 0, 0, 0, 0, 0, 0, 1}},
		"less equal":    {(*B).LessEqual, []float64{1, 0, 1, 0, 0, 0, 1, 0, 1}},
		"greater":       {(*B).Greater, []float64{0, 1, 0, 0, 0, 0, 0, 1, 0}},
		"greater equal": {(*B).GreaterEqual, []float64{0, 1, 1, 0, 0, 0, 1, 1, 0}},
		"equal":         {(*B).Equal, []float64{0, 0, 1, 0, 0, 0, 1, 0, 0}},
		"not equal":     {(*B).NotEqual, []float64{1, 1, 0, 1, 1, 1, 0, 1, 1}},
	} {
		out := evaluate(t, graph.Shape{9}, [][]float64{x, y}, func(b *B, in []*N) []*N { return []*N{c.op(b, in[0], in[1])} })
		require.Equal(t, c.want, out[0], name)
	}
}

func TestArgMaxIsTheFirstMaximum(t *testing.T) {
	x := []float64{1, 3, 3, 2, nan, 5, -inf, -inf, -inf}
	out := evaluate(t, graph.Shape{3, 3}, [][]float64{x}, func(b *graph.Builder, in []*graph.Node) []*graph.Node {
		return []*graph.Node{b.ArgMax(in[0], 1), b.ArgMin(in[0], 1), b.ArgMax(in[0], 0)}
	})
	require.Equal(t, [][]float64{{1, 0, 0}, {0, 0, 0}, {1, 0, 1}}, out)
}

func TestStopGradientLeavesAFactorConstant(t *testing.T) {
	out := evaluate(t, graph.Shape{3}, [][]float64{{1, 2, 3}}, func(b *graph.Builder, in []*graph.Node) []*graph.Node {
		x := in[0]
		return b.Grad(b.Sum(b.Mul(x, b.StopGradient(x))), x)
	})
	require.Equal(t, []float64{1, 2, 3}, out[0]) // not 2x
}

func TestTheGradientIsZeroIfEveryDerivativeIsZero(t *testing.T) {
	type B = graph.Builder
	type N = graph.Node
	for name, f := range map[string]func(b *B, x *N) *N{
		"stopped":  (*B).StopGradient,
		"not read": func(b *B, x *N) *N { return b.Map(zeroTimes(), x) },
		"compared": func(b *B, x *N) *N { return b.Less(b.Tanh(x), b.Number(.5)) },
		"argmax":   func(b *B, x *N) *N { return b.ArgMax(b.Square(x), 0) },
	} {
		out := evaluate(t, graph.Shape{3}, [][]float64{{1, 2, 3}}, func(b *B, in []*N) []*N {
			return b.Grad(b.Sum(f(b, in[0])), in[0])
		})
		require.Equal(t, []float64{0, 0, 0}, out[0], name)
	}
}

// TestZeroDerivativesAddNoNodes computes a threshold that only a comparison reads.
// Its gradient must add no nodes, however it is computed.
func TestZeroDerivativesAddNoNodes(t *testing.T) {
	nodes := func(threshold func(b *graph.Builder, w *graph.Node) *graph.Node) int {
		b := graph.New(graph.NewParams(graph.Float64, 1), graph.Config{})
		x, w := b.Input("x", 4, 4), b.Param("w", nil, 4, 4)
		a := b.MatMul(x, w)
		before := len(b.Graph().AllNodes())
		t := threshold(b, w)
		built := len(b.Graph().AllNodes()) - before
		b.Grad(b.Sum(b.Where(b.Less(a, t), b.Number(0), a)), w)
		return len(b.Graph().AllNodes()) - built
	}
	short := nodes(func(b *graph.Builder, w *graph.Node) *graph.Node { return b.Scale(w, 2) })
	long := nodes(func(b *graph.Builder, w *graph.Node) *graph.Node { return b.Tanh(b.MatMul(b.Tanh(b.MatMul(w, w)), w)) })
	require.Equal(t, short, long, "the threshold has a gradient")
}

func TestStraightThroughPassesTheGradientToTheOtherOperand(t *testing.T) {
	out := evaluate(t, graph.Shape{3}, [][]float64{{1.2, 2.7, -.2}, {3, 4, 5}}, func(b *graph.Builder, in []*graph.Node) []*graph.Node {
		y := b.StraightThrough(b.Round(in[0]), in[0])
		return append(b.Grad(b.Sum(b.Mul(y, in[1])), in[0]), y)
	})
	require.Equal(t, [][]float64{{3, 4, 5}, {1, 3, 0}}, out)
}

func TestClipPassesTheGradientAtTheEndsOfItsRange(t *testing.T) {
	out := evaluate(t, graph.Shape{5}, [][]float64{{-2, -1, 0, 1, 2}}, func(b *graph.Builder, in []*graph.Node) []*graph.Node {
		y := b.Clip(in[0], -1, 1)
		return append(b.Grad(b.Sum(y), in[0]), y)
	})
	require.Equal(t, [][]float64{{0, 1, 1, 1, 0}, {-1, -1, 0, 1, 1}}, out)
}

func TestAMaskKeepsOutNaNAndItsGradient(t *testing.T) {
	out := evaluate(t, graph.Shape{2, 2}, [][]float64{{1, nan, 3, inf}, {1, 0, 1, 0}}, func(b *graph.Builder, in []*graph.Node) []*graph.Node {
		y := b.Mask(in[0], in[1])
		return append(b.Grad(b.MaskedMean(in[0], in[1]), in[0]), y, b.MaskRescaled(in[0], in[1]))
	})
	require.Equal(t, [][]float64{{.5, 0, .5, 0}, {1, 0, 3, 0}, {2, 0, 6, 0}}, out)
}

func TestLogSumExpOfSpecialNumbers(t *testing.T) {
	x := []float64{1000, 1000, -inf, -inf, inf, 1, nan, 1, 0, -inf}
	out := evaluate(t, graph.Shape{5, 2}, [][]float64{x}, func(b *graph.Builder, in []*graph.Node) []*graph.Node {
		return []*graph.Node{b.LogSumExp(in[0], 1), b.LogMeanExp(in[0], 1)}
	})
	optest.RequireClose(t, "log sum", []float64{1000 + math.Ln2, -inf, inf, nan, 0}, out[0], 1e-12)
	optest.RequireClose(t, "log mean", []float64{1000, -inf, inf, nan, -math.Ln2}, out[1], 1e-12)
}

// TestLossesMatchTheirFormulas computes each loss from its formula in plain Go.
func TestLossesMatchTheirFormulas(t *testing.T) {
	type B = graph.Builder
	type N = graph.Node
	x, y := []float64{.5, -1, 3, 0}, []float64{1, 1, 1, 0}
	sum := func(f func(x, y float64) float64) []float64 {
		return []float64{f(x[0], y[0]) + f(x[1], y[1]), f(x[2], y[2]) + f(x[3], y[3])}
	}
	huber := func(x, y float64) float64 {
		if d := math.Abs(x - y); d > 1 {
			return d - .5
		}
		return (x - y) * (x - y) / 2
	}
	mean := func(v []float64) []float64 { return []float64{(v[0] + v[1]) / 4} }
	cosine := func(a, b, c, d float64) float64 {
		return (a*c + b*d) / (math.Hypot(a, b) * math.Hypot(c, d))
	}
	for name, c := range map[string]struct {
		loss func(b *B, x, y *N) *N
		want []float64
	}{
		"mae":               {(*B).MAE, mean(sum(func(x, y float64) float64 { return math.Abs(x - y) }))},
		"absolute":          {(*B).AbsoluteErrorPerSample, sum(func(x, y float64) float64 { return math.Abs(x - y) })},
		"huber":             {func(b *B, x, y *N) *N { return b.Huber(x, y, 1) }, mean(sum(huber))},
		"huber per sample":  {func(b *B, x, y *N) *N { return b.HuberPerSample(x, y, 1) }, sum(huber)},
		"log cosh":          {(*B).LogCosh, mean(sum(func(x, y float64) float64 { return math.Log(math.Cosh(x - y)) }))},
		"poisson":           {(*B).PoissonNLLPerSample, sum(func(x, y float64) float64 { return math.Exp(x) - x*y })},
		"cosine similarity": {(*B).CosineSimilarity, []float64{cosine(.5, -1, 1, 1), cosine(3, 0, 1, 0)}},
		"gaussian": {func(b *B, x, y *N) *N { return b.GaussianNLLPerSample(x, b.Number(math.Log(4)), y) }, sum(func(x, y float64) float64 {
			return math.Log(2*math.Sqrt(2*math.Pi)) + (x-y)*(x-y)/8
		})},
		"kl of two normals": {func(b *B, x, y *N) *N { return b.KLNormals(x, y, y, x) }, sum(func(x, y float64) float64 {
			return .5 * (x - y + (math.Exp(y)+(x-y)*(x-y))*math.Exp(-x) - 1)
		})},
		"kl to a rate": {func(b *B, x, y *N) *N { return b.KLBernoulli(b.Number(.25), .1) }, []float64{.1*math.Log(.1/.25) + .9*math.Log(.9/.75)}},
		"labels": {func(b *B, x, y *N) *N { return b.CrossEntropyOfLabels(x, b.Constant([]float64{0, 1}, 2)) },
			[]float64{.5 * (math.Log(1+math.Exp(-1.5)) + math.Log(1+math.Exp(3)))}},
		"accuracy": {func(b *B, x, y *N) *N { return b.Accuracy(x, b.Constant([]float64{0, 1}, 2)) }, []float64{.5}},
	} {
		out := evaluate(t, graph.Shape{2, 2}, [][]float64{x, y}, func(b *B, in []*N) []*N { return []*N{c.loss(b, in[0], in[1])} })
		optest.RequireClose(t, name, c.want, out[0], 1e-12)
	}
}

// TestNormalisedRowsHaveMeanZeroAndVarianceOne uses initial weights, which do not scale
// or shift the rows.
func TestNormalisedRowsHaveMeanZeroAndVarianceOne(t *testing.T) {
	x := normals(1, 24, 3)
	for name, c := range map[string]struct {
		layer interface {
			Apply(*graph.Builder, *graph.Node) *graph.Node
		}
		n, weights int // elements of a row, weights of the layer
	}{
		"layer":           {graph.LayerNorm{Epsilon: 1e-12}, 3, 6},
		"layer, 2 axes":   {graph.LayerNorm{Axes: 2, Epsilon: 1e-12}, 12, 24},
		"layer, unscaled": {graph.LayerNorm{Axes: 2, Epsilon: 1e-12, NoScale: true}, 12, 0},
		"group":           {graph.GroupNorm{Groups: 2, Epsilon: 1e-12}, 6, 8},
		"instance":        {graph.InstanceNorm{Epsilon: 1e-12}, 3, 8},
	} {
		p := graph.NewParams(graph.Float64, 1)
		b := graph.New(p, graph.Config{Training: true})
		y := c.layer.Apply(b.Scope("norm"), b.Input("x", 2, 4, 3))
		got := run(t, b, inputs{"x": x}, y)(y)
		weights := 0
		for _, w := range p.Trainable() {
			weights += w.Shape().Size()
		}
		require.Equal(t, c.weights, weights, name)
		for i := 0; i < len(got); i += c.n {
			mean, squares := 0.0, 0.0
			for _, v := range got[i : i+c.n] {
				mean, squares = mean+v/float64(c.n), squares+v*v/float64(c.n)
			}
			require.InDelta(t, 0, mean, 1e-9, name)
			require.InDelta(t, 1, squares, 1e-9, name)
		}
	}
}

func TestTheSameConstantIsOneNode(t *testing.T) {
	b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{})
	require.Same(t, b.Iota(3), b.Constant([]float64{0, 1, 2}, 3))
	require.NotSame(t, b.Iota(3), b.Constant([]float64{0, 1, 2}, 1, 3))
	require.NotSame(t, b.Number(0), b.Number(math.Copysign(0, -1)))
	require.Same(t, b.Number(nan), b.Number(nan))
	require.NoError(t, b.Err())
}

// TestPartsAndCopiesOfAProgramHaveItsConstants checks that constants are copied into
// the new graph.
func TestPartsAndCopiesOfAProgramHaveItsConstants(t *testing.T) {
	b := graph.New(graph.NewParams(graph.Float64, 1), graph.Config{})
	b.Output("y", b.Add(b.Input("x", 2), b.Constant([]float64{1, 2}, 2)))
	p, err := b.Program()
	require.NoError(t, err)
	part, err := p.Select([]string{"y"})
	require.NoError(t, err)
	require.Len(t, part.Inputs(), 1)
	whole, err := part.Copy()
	require.NoError(t, err)
	require.Len(t, whole.Inputs(), 1)
}
