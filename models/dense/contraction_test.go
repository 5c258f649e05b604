package dense_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/modeltest"
	"github.com/stheno-ml/stheno/models/dense"
)

// jacobian is the mean over the batch of the squared norm of the derivatives of every
// element of the code by every element of the sample, by central differences.
func jacobian(t *testing.T, c dense.Config, batch int, x []float64) (norm float64) {
	const step = 1e-5
	d, units := c.Input, c.Hidden[len(c.Hidden)-1]
	_, m := measure(t, c, false, batch, modeltest.Inputs{"x": x})
	moved := func(i int, by float64) []float64 {
		y := append([]float64(nil), x...)
		for n := range batch {
			y[n*d+i] += by
		}
		require.NoError(t, m.SetFloats("x", y))
		return modeltest.Run(t, m)["code"]
	}
	for i := range d {
		up, down := moved(i, step), moved(i, -step)
		for k := range up {
			slope := (up[k] - down[k]) / (2 * step)
			norm += slope * slope / float64(len(up)/units)
		}
	}
	return norm
}

func TestTheNormOfOneLayerIsThatOfDifferences(t *testing.T) {
	const batch, d = 3, 5
	for _, act := range []graph.Activation{"linear", "relu", "leaky_relu", "elu", "gelu", "silu", "sigmoid", "tanh", "softplus"} {
		t.Run(string(act), func(t *testing.T) {
			x := grey(batch * d)
			c := dense.Config{Input: d, Hidden: []int{4}, Activation: act, Loss: graph.MSE, Contraction: dense.Contraction{Weight: new(0.3)}}
			for _, training := range []bool{true, false} {
				out, m := measure(t, c, training, batch, modeltest.Inputs{"x": x})
				want, mse := jacobian(t, c, batch, x), out[modeltest.Metric("mse")][0]
				require.InEpsilon(t, want, out[modeltest.Metric("jacobian")][0], 1e-7)
				require.InEpsilon(t, mse+0.3*want, out["loss"][0], 1e-7)
				require.NoError(t, m.Set(dense.InputContraction, 0))
				require.InEpsilon(t, mse, modeltest.Run(t, m)["loss"][0], 1e-12)
			}
		})
	}
}

func TestTheNormOfAKeptCodeIsThatOfDifferences(t *testing.T) {
	const batch, d = 3, 5
	x := grey(batch * d)
	c := dense.Config{Input: d, Hidden: []int{9}, CodeActivation: "linear", Sparsity: dense.Sparsity{K: 2}, Contraction: dense.Contraction{Weight: new(0.3)}}
	out, _ := measure(t, c, true, batch, modeltest.Inputs{"x": x})
	require.InEpsilon(t, jacobian(t, c, batch, x), out[modeltest.Metric("jacobian")][0], 1e-7)
}

// With samples of one element there are two directions, v = -1 and v = 1, and |J v| is
// |J| for both, so the estimate is exact. With more elements it is right on average.
func TestTheNormOfADeepEncoderIsEstimatedWithoutBias(t *testing.T) {
	const batch = 3
	for _, act := range []graph.Activation{"linear", "relu", "sigmoid", "tanh", "gelu"} {
		t.Run(string(act), func(t *testing.T) {
			for _, c := range []struct {
				d, probes int
				tolerance float64
			}{{1, 1, 1e-7}, {6, 3000, 0.03}} {
				x := grey(batch * c.d)
				net := dense.Config{Input: c.d, Hidden: []int{7, 6, 5}, Overcomplete: true, Activation: act, Contraction: dense.Contraction{Weight: new(0.1), Probes: c.probes}}
				out, _ := measure(t, net, true, batch, modeltest.Inputs{"x": x})
				require.InEpsilon(t, jacobian(t, net, batch, x), out[modeltest.Metric("jacobian")][0], c.tolerance)
			}
		})
	}
}

func TestProbesEstimateTheNormOfOneLayer(t *testing.T) {
	const batch, d = 3, 5
	exact := dense.Config{Input: d, Hidden: []int{4}, Activation: "sigmoid", Contraction: dense.Contraction{Weight: new(0.3)}}
	probed := exact
	probed.Contraction.Probes = 3000
	in := modeltest.Inputs{"x": grey(batch * d)}
	want, _ := measure(t, exact, true, batch, in)
	have, _ := measure(t, probed, true, batch, in)
	name := modeltest.Metric("jacobian")
	require.InEpsilon(t, want[name][0], have[name][0], 0.03)
	require.NotEqual(t, want[name], have[name])
}

// The gradient of the penalty, with the estimate's directions fixed by the seed, is that
// of differences of the loss.
func TestTheGradientOfThePenaltyIsThatOfDifferences(t *testing.T) {
	const batch, d, step = 3, 5, 1e-6
	for _, hidden := range [][]int{{4}, {6, 4}} {
		c := dense.Config{Input: d, Hidden: hidden, Activation: "sigmoid", Contraction: dense.Contraction{Weight: new(1.0)}}
		p := graph.NewParams(graph.Float64, 1)
		b := graph.New(p, graph.Config{Training: true})
		net := c.Build(b, batch)
		weights, grads := net.Tasks[0].Gradients(b)
		modeltest.Name(b, net)
		for i, g := range grads {
			b.Output(weights[i].Name(), g)
		}
		m := modeltest.Compile(t, b, modeltest.Inputs{"x": grey(batch * d)})
		slopes := modeltest.Run(t, m)
		for _, w := range p.Trainable() {
			x := w.Floats()
			for _, k := range []int{0, len(x) / 2, len(x) - 1} {
				at := func(by float64) float64 {
					y := append([]float64(nil), x...)
					y[k] += by
					require.NoError(t, w.SetFloats(y))
					return modeltest.Run(t, m)["loss"][0]
				}
				want := (at(step) - at(-step)) / (2 * step)
				require.InDelta(t, want, slopes[w.Name()][k], 1e-7, "%s[%d] of %v", w.Name(), k, hidden)
				require.NoError(t, w.SetFloats(x))
			}
		}
	}
}

func TestInvalidContractionIsAnError(t *testing.T) {
	for want, c := range map[string]dense.Config{
		"Contraction.Weight is -1":                           {Contraction: dense.Contraction{Weight: new(-1.0)}},
		"Contraction.Weight is NaN":                          {Contraction: dense.Contraction{Weight: new(math.NaN())}},
		"Contraction.Probes is -1":                           {Contraction: dense.Contraction{Weight: new(1.0), Probes: -1}},
		"Contraction.Probes is 2 without Contraction.Weight": {Contraction: dense.Contraction{Probes: 2}},
		"Contraction with BatchNorm":                         {BatchNorm: true, Contraction: dense.Contraction{Weight: new(1.0)}},
		"Contraction with Dropout 0.5":                       {Dropout: 0.5, Contraction: dense.Contraction{Weight: new(1.0)}},
	} {
		require.ErrorContains(t, c.Validate(), want)
	}
}
