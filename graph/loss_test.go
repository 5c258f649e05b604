package graph_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/optest"
)

// evaluate builds a graph over inputs with the values in, runs it, and returns the
// values of the nodes that build returns.
func evaluate(t *testing.T, shape graph.Shape, in [][]float64, build func(b *graph.Builder, x []*graph.Node) []*graph.Node) [][]float64 {
	t.Helper()
	b := graph.New(graph.NewParams(graph.Float64, 1), graph.Config{})
	var x []*graph.Node
	values := inputs{}
	for i, v := range in {
		name := string(rune('a' + i))
		x = append(x, b.Input(name, shape...))
		values[name] = v
	}
	nodes := build(b, x)
	floats := run(t, b, values, nodes...)
	var out [][]float64
	for _, n := range nodes {
		out = append(out, floats(n))
	}
	return out
}

func TestBinaryCrossEntropyIsStable(t *testing.T) {
	logits := []float64{100, 100, -100, -100, 0, 0, 2, -2}
	target := []float64{1, 0, 1, 0, 0, 1, 0.25, 0.5}
	out := evaluate(t, graph.Shape{2, 4}, [][]float64{logits, target}, func(b *graph.Builder, x []*graph.Node) []*graph.Node {
		loss := b.BCEWithLogits(x[0], x[1])
		return []*graph.Node{loss, b.BCEWithLogitsPerSample(x[0], x[1]), b.Grad(loss, x[0])[0]}
	})
	rows, slopes := make([]float64, 2), make([]float64, 8)
	for i, x := range logits {
		s, tg := 1/(1+math.Exp(-x)), target[i]
		loss := -tg*math.Log(s) - (1-tg)*math.Log(1-s)
		if math.Abs(x) == 100 { // the formula overflows in float64
			loss = math.Abs(x) * math.Abs(s-tg)
		}
		rows[i/4] += loss
		slopes[i] = (s - tg) / 8
	}
	optest.RequireClose(t, "per sample", rows, out[1], 1e-14)
	optest.RequireClose(t, "mean", []float64{(rows[0] + rows[1]) / 8}, out[0], 1e-14)
	optest.RequireClose(t, "gradient", slopes, out[2], 1e-14)
}

func TestSquaredErrors(t *testing.T) {
	x, y := []float64{1, 2, 3, 4, 5, 6}, []float64{0, 2, 5, 4, 4, 9}
	out := evaluate(t, graph.Shape{2, 3}, [][]float64{x, y}, func(b *graph.Builder, x []*graph.Node) []*graph.Node {
		return []*graph.Node{b.MSE(x[0], x[1]), b.SquaredErrorPerSample(x[0], x[1])}
	})
	require.Equal(t, []float64{5, 10}, out[1])
	optest.RequireClose(t, "mean", []float64{15.0 / 6}, out[0], 1e-15)
}

// TestKLMatchesQuadrature integrates q log(q/p) numerically.
func TestKLMatchesQuadrature(t *testing.T) {
	mu, logVar := []float64{0, 1.5, -0.3, 0, 2, 1e-4}, []float64{0, -2, 0.7, 1e-5, 1, 0}
	out := evaluate(t, graph.Shape{3, 2}, [][]float64{mu, logVar}, func(b *graph.Builder, x []*graph.Node) []*graph.Node {
		return []*graph.Node{b.KLStandardNormal(x[0], x[1])}
	})
	want := make([]float64, 3)
	for i := range mu {
		sd, sum := math.Exp(logVar[i]/2), 0.0
		const h = 1e-3
		for z := -12.0; z <= 12; z += h { // in standard deviations from mu
			x := mu[i] + sd*z
			logQ, logP := -z*z/2-math.Log(sd), -x*x/2
			sum += math.Exp(-z*z/2) / math.Sqrt(2*math.Pi) * (logQ - logP) * h
		}
		want[i/2] += sum
	}
	optest.RequireClose(t, "kl", want, out[0], 1e-9)
}

func TestCrossEntropyOfOneHotRows(t *testing.T) {
	logits := []float64{100, 0, -100, 1, 2, 3}
	target := []float64{0, 1, 0, 0, 0, 1}
	out := evaluate(t, graph.Shape{2, 3}, [][]float64{logits, target}, func(b *graph.Builder, x []*graph.Node) []*graph.Node {
		loss := b.CrossEntropy(x[0], x[1], 1)
		return []*graph.Node{loss, b.Grad(loss, x[0])[0]}
	})
	e := math.Exp
	sum := e(1) + e(2) + e(3)
	optest.RequireClose(t, "loss", []float64{(100 + math.Log(sum) - 3) / 2}, out[0], 1e-15)
	optest.RequireClose(t, "gradient", []float64{0.5, -0.5, 0, e(1) / sum / 2, e(2) / sum / 2, (e(3)/sum - 1) / 2}, out[1], 1e-15)
}

// Gorgonia's SoftMax subtracts the maximum of the first row from all rows, and is NaN
// here.
func TestSoftmaxIsCorrectInEveryRow(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	x := []float64{1000, 1, 2, 0, 1, 2, nan, 0, 0, -inf, 0, 0, -1000, -1000, -1000}
	out := evaluate(t, graph.Shape{5, 3}, [][]float64{x}, func(b *graph.Builder, x []*graph.Node) []*graph.Node {
		return []*graph.Node{b.Softmax(x[0], 1), b.LogSoftmax(x[0], 1)}
	})
	e, third := math.Exp, 1.0/3
	s := 1 + e(1) + e(2)
	optest.RequireClose(t, "softmax", []float64{1, 0, 0, 1 / s, e(1) / s, e(2) / s, nan, nan, nan, 0, 0.5, 0.5, third, third, third}, out[0], 1e-15)
	half, l := -math.Log(2), math.Log(s)
	optest.RequireClose(t, "log softmax", []float64{0, -999, -998, -l, 1 - l, 2 - l, nan, nan, nan, -inf, half, half, math.Log(third), math.Log(third), math.Log(third)}, out[1], 1e-15)
}
