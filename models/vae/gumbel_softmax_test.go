package vae_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/graph/optest"
	"github.com/stheno-ml/stheno/internal/modeltest"
	"github.com/stheno-ml/stheno/models/vae"
)

func categorical(t *testing.T, m vae.GumbelSoftmax, training bool, batch int) (graph.Net, func(epoch int) map[string][]float64) {
	t.Helper()
	b := graph.New(graph.NewParams(graph.Float64, 2), graph.Config{Training: training, Seed: 4})
	net := m.Build(b, batch)
	modeltest.Name(b, net)
	vm := modeltest.Compile(t, b, modeltest.Inputs{"x": pixels(batch * 6)})
	return net, func(epoch int) map[string][]float64 {
		require.NoError(t, vm.SetClock(epoch, 0))
		return modeltest.Run(t, vm)
	}
}

func TestTheCategoricalDivergenceIsItsClosedForm(t *testing.T) {
	const batch, k = 3, 4
	_, run := categorical(t, vae.GumbelSoftmax{Config: dense, Categories: k}, false, batch)
	out := run(0)
	want := make([]float64, batch)
	for i, q := range out["probabilities"] {
		want[i/2/k] += q * math.Log(k*q)
	}
	optest.RequireClose(t, "kl", []float64{(want[0] + want[1] + want[2]) / batch}, out[modeltest.Metric("kl")], 1e-12)
	for i, p := range out["recon"] {
		x := pixels(batch * 6)[i]
		want[i/6] -= x*math.Log(p) + (1-x)*math.Log(1-p)
	}
	optest.RequireClose(t, "score", want, out["score"], 1e-12)
	requireOneHot(t, k, out["code"])
	requireOneHot(t, k, out["prior"])
	for i, v := range out["code"] {
		for j := range k {
			require.True(t, v == 0 || out["probabilities"][i] >= out["probabilities"][i/k*k+j], "the most probable category")
		}
	}
}

func requireOneHot(t *testing.T, k int, z []float64) {
	t.Helper()
	for i := 0; i < len(z); i += k {
		sum := 0.0
		for _, v := range z[i : i+k] {
			require.True(t, v == 0 || v == 1, "%g", v)
			sum += v
		}
		require.Equal(t, 1.0, sum)
	}
}

// The mean of hard draws is q, at any temperature; relaxed ones add up to 1 and are near
// one-hot vectors when the temperature is low.
func TestDrawsFollowTheProbabilities(t *testing.T) {
	const batch, k, runs = 3, 4, 3000
	for _, m := range []vae.GumbelSoftmax{
		{Config: dense, Categories: k, Hard: true},
		{Config: dense, Categories: k, Temperature: new(0.01)},
	} {
		_, run := categorical(t, m, true, batch)
		mean := make([]float64, batch*2*k)
		var q []float64
		for i := range runs {
			out := run(i)
			q = out["probabilities"]
			for j, v := range out["code"] {
				mean[j] += v / runs
			}
			if m.Hard {
				requireOneHot(t, k, out["code"])
			}
		}
		for j := range mean {
			require.InDelta(t, q[j], mean[j], 5*0.5/math.Sqrt(runs))
		}
	}
}
