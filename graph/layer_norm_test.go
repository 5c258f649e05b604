package graph_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/optest"
	"github.com/stheno-ml/stheno/vm"
)

// channelOf returns the channel of element i of x [N,C,H,W] or [N,C].
func channelOf(shape graph.Shape, i int) int { return i / shape[2:].Size() % shape[1] }

// statistics returns mean and variance (divisor n) of each channel, in two passes.
func statistics(shape graph.Shape, x []float64) (mean, variance []float64) {
	mean, variance = make([]float64, shape[1]), make([]float64, shape[1])
	n := float64(len(x) / shape[1])
	for i, v := range x {
		mean[channelOf(shape, i)] += v / n
	}
	for i, v := range x {
		d := v - mean[channelOf(shape, i)]
		variance[channelOf(shape, i)] += d * d / n
	}
	return mean, variance
}

// normalised is batch norm by its formula.
func normalised(shape graph.Shape, x, gamma, beta, mean, variance []float64, epsilon float64) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		c := channelOf(shape, i)
		y[i] = (v-mean[c])/math.Sqrt(variance[c]+epsilon)*gamma[c] + beta[c]
	}
	return y
}

// normals draws n normal numbers with the given mean.
func normals(seed uint64, n int, mean float64) []float64 {
	r := rand.New(rand.NewPCG(seed, 0))
	x := make([]float64, n)
	for i := range x {
		x[i] = mean + r.NormFloat64()
	}
	return x
}

func TestBatchNormMatchesItsFormulaAndGradients(t *testing.T) {
	for _, shape := range []graph.Shape{{4, 3, 2, 3}, {6, 2}, {2, 1}, {1, 2, 2, 1}} {
		for _, training := range []bool{true, false} {
			p := graph.NewParams(graph.Float64, 1)
			b := graph.New(p, graph.Config{Training: training})
			x, weight := b.Input("x", shape...), b.Input("weight", shape...)
			y := graph.BatchNorm{Epsilon: 1e-3}.Apply(b.Scope("bn"), x)
			weights := p.Trainable()
			require.Len(t, weights, 2)
			grads := b.Grad(b.Sum(b.Mul(y, weight)), x, b.Node(weights[0]), b.Node(weights[1]))
			require.NoError(t, b.Err())

			// The operands of the result: x, gamma, beta, mean, variance.
			at := [][]float64{normals(1, shape.Size(), 2), normals(2, shape[1], 1), normals(3, shape[1], 0), normals(4, shape[1], 2), normals(5, shape[1], 5)}
			w := normals(6, shape.Size(), 0)
			for i, name := range []string{"gamma", "beta", "mean", "var"} {
				require.NoError(t, p.Get("bn/"+name).SetFloats(at[i+1]))
			}
			value := func() []float64 {
				mean, variance := at[3], at[4]
				if training {
					mean, variance = statistics(shape, at[0])
				}
				return normalised(shape, at[0], at[1], at[2], mean, variance, 1e-3)
			}
			floats := run(t, b, inputs{"x": at[0], "weight": w}, append(grads, y)...)
			optest.RequireClose(t, "value", value(), floats(y), 1e-12)
			for k, g := range grads {
				want := make([]float64, len(at[k]))
				for i := range want {
					const h = 1e-5
					v := at[k][i]
					for _, side := range []float64{1, -1} {
						at[k][i] = v + side*h
						for j, y := range value() {
							want[i] += side * y * w[j] / (2 * h)
						}
					}
					at[k][i] = v
				}
				optest.RequireClose(t, "gradient", want, floats(g), 1e-6)
			}
		}
	}
}

func TestRunningStatisticsMatchTheirClosedForm(t *testing.T) {
	bothTypes(t, func(t *testing.T, p *graph.Params) {
		const momentum, k = .8, 5
		shape := graph.Shape{3, 2, 2, 2}
		n := float64(shape.Size() / shape[1])
		b := graph.New(p, graph.Config{Training: true})
		x := b.Input("x", shape...)
		m := machine(t, b, nil, graph.BatchNorm{Momentum: new(momentum)}.Apply(b.Scope("bn"), x))
		// momentum^k start + sum over steps i of (1-momentum) momentum^(k-1-i) batch i's
		mean, variance := make([]float64, 2), make([]float64, 2)
		for c := range variance {
			variance[c] = math.Pow(momentum, k)
		}
		for i := range k {
			batch := normals(uint64(i), shape.Size(), float64(i))
			require.NoError(t, m.SetFloats("x", batch))
			require.NoError(t, vm.Run(m))
			means, v := statistics(shape, batch)
			share := (1 - momentum) * math.Pow(momentum, float64(k-1-i))
			for c := range means {
				mean[c] += share * means[c]
				variance[c] += share * v[c] * n / (n - 1)
			}
		}
		optest.RequireClose(t, "mean", mean, p.Get("bn/mean").Floats(), 1e-6)
		optest.RequireClose(t, "variance", variance, p.Get("bn/var").Floats(), 1e-6)

		// Evaluation with the same parameters uses the running statistics.
		eval := graph.New(p, graph.Config{})
		x = eval.Input("x", 1, 2, 1, 1) // evaluation accepts one value per channel
		y := graph.BatchNorm{}.Apply(eval.Scope("bn"), x)
		require.Empty(t, eval.Updates())
		optest.RequireClose(t, "the mean, normalised", []float64{0, 0}, run(t, eval, inputs{"x": mean}, y)(y), 1e-6)
	})
}

func TestBatchNormMomentumIsNineTenthsByDefault(t *testing.T) {
	p := graph.NewParams(graph.Float64, 1)
	b := graph.New(p, graph.Config{Training: true})
	x := b.Input("x", 2, 1)
	run(t, b, inputs{"x": {9, 11}}, graph.BatchNorm{}.Apply(b.Scope("bn"), x))
	require.InDelta(t, 1, p.Get("bn/mean").Floats()[0], 1e-12)    // .9*0 + .1*10
	require.InDelta(t, .9+.2, p.Get("bn/var").Floats()[0], 1e-12) // .9*1 + .1*2, with divisor 1
}

func TestBatchNormWithoutMomentumKeepsTheLastBatch(t *testing.T) {
	p := graph.NewParams(graph.Float64, 1)
	b := graph.New(p, graph.Config{Training: true})
	x := b.Input("x", 2, 1)
	m := machine(t, b, nil, graph.BatchNorm{Momentum: new(0.0)}.Apply(b.Scope("bn"), x))
	for _, batch := range [][]float64{{1, 2}, {9, 11}} {
		require.NoError(t, m.SetFloats("x", batch))
		require.NoError(t, vm.Run(m))
	}
	require.Equal(t, []float64{10}, p.Get("bn/mean").Floats())
	require.Equal(t, []float64{2}, p.Get("bn/var").Floats())
}

func TestBatchNormIsStableFarFromZero(t *testing.T) {
	shape := graph.Shape{64, 1, 4, 4}
	x := normals(1, shape.Size(), 1e4)
	for i, v := range x {
		x[i] = float64(float32(v))
	}
	b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{Training: true})
	in := b.Input("x", shape...)
	y := graph.BatchNorm{}.Apply(b.Scope("bn"), in)
	floats := run(t, b, inputs{"x": x}, y)
	mean, variance := statistics(shape, x)
	want := normalised(shape, x, []float64{1}, []float64{0}, mean, variance, 1e-5)
	optest.RequireClose(t, "value", want, floats(y), 1e-3) // half a unit in the last place of the mean
}

func TestBatchNormOfAConstantChannelIsBeta(t *testing.T) {
	p := graph.NewParams(graph.Float32, 1)
	b := graph.New(p, graph.Config{Training: true})
	x := ones(t, b, 4, 2)
	y := graph.BatchNorm{}.Apply(b.Scope("bn"), x)
	g := b.Grad(b.Sum(b.Square(y)), x)[0]
	require.NoError(t, p.Get("bn/beta").SetFloats([]float64{3, -1}))
	floats := run(t, b, nil, y, g)
	require.Equal(t, []float64{3, -1, 3, -1, 3, -1, 3, -1}, floats(y))
	optest.RequireClose(t, "gradient", make([]float64, 8), floats(g), 1e-3)
}

func TestBatchNormHasTwoWeightsAndTwoStatesPerChannel(t *testing.T) {
	b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{Training: true})
	graph.BatchNorm{}.Apply(b.Scope("enc").Scope("bn"), b.Input("x", 8, 5, 2, 2))
	require.NoError(t, b.Err())
	require.Equal(t, []graph.Layer{{Path: "enc/bn", Kind: "BatchNorm", Out: graph.Shape{8, 5, 2, 2}, Params: 10, States: 10}}, b.Layers())
	require.Len(t, b.Updates(), 2)
}
