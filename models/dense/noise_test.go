package dense_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/modeltest"
	"github.com/stheno-ml/stheno/models/dense"
)

// identity is the start of a net whose logits are what the encoder reads.
func identity(d int) graph.Init {
	return func(_ graph.Draw, _ graph.Shape, w []float64) error {
		for i := range d {
			w[i*d+i] = 1
		}
		return nil
	}
}

// copying is a net whose reconstruction is what the encoder reads.
func copying(d int, n graph.Corruption, loss graph.ReconLoss) dense.Config {
	return dense.Config{Input: d, Hidden: []int{d}, Activation: "linear", Loss: loss, Noise: n, Init: identity(d)}
}

// grey is n numbers between 0.2 and 0.8.
func grey(n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = 0.5 + 0.3*math.Sin(float64(3*i))
	}
	return x
}

func TestNoiseCorruptsWhatTheEncoderReadsInTrainingOnly(t *testing.T) {
	const batch, d, level = 400, 10, 0.3
	x := grey(batch * d)
	share := func(of []float64, holds func(i int, v float64) bool) (part float64) {
		for i, v := range of {
			if holds(i, v) {
				part += 1 / float64(len(of))
			}
		}
		return part
	}
	is := func(want float64) func(int, float64) bool { return func(_ int, v float64) bool { return v == want } }
	intact := func(i int, v float64) bool { return v == x[i] }
	for _, kind := range []graph.CorruptionKind{graph.AddedNoise, graph.Masking, graph.SaltAndPepper} {
		t.Run(string(kind), func(t *testing.T) {
			c := copying(d, graph.Corruption{Kind: kind, Level: level}, graph.MSE)
			read := func(training bool) []float64 {
				b := graph.New(graph.NewParams(graph.Float64, 1), graph.Config{Training: training})
				modeltest.Name(b, c.Build(b, batch))
				return modeltest.Run(t, modeltest.Compile(t, b, modeltest.Inputs{"x": x}))["code"]
			}
			require.Equal(t, x, read(false))
			noisy := read(true)
			switch kind {
			case graph.AddedNoise:
				sum, squares := 0.0, 0.0
				for i, v := range noisy {
					sum, squares = sum+v-x[i], squares+(v-x[i])*(v-x[i])
				}
				require.InDelta(t, 0, sum/batch/d, 0.02)
				require.InDelta(t, level*level, squares/batch/d, 0.005)
			case graph.Masking:
				require.InDelta(t, level, share(noisy, is(0)), 0.03)
				require.InDelta(t, 1-level, share(noisy, intact), 0.03)
			case graph.SaltAndPepper:
				require.InDelta(t, level/2, share(noisy, is(0)), 0.02)
				require.InDelta(t, level/2, share(noisy, is(1)), 0.02)
				require.InDelta(t, 1-level, share(noisy, intact), 0.03)
			}
		})
	}
}

// The net reconstructs what it reads, so its squared error is that of the noise.
func TestTheReconstructionIsComparedWithTheCleanSample(t *testing.T) {
	const batch, d = 50, 8
	x := grey(batch * d)
	for _, loss := range []graph.ReconLoss{graph.BCE, graph.MSE} {
		for _, e := range []*dense.Emphasis{nil, {Corrupted: 1, Intact: 1}, {Corrupted: 1}, {Corrupted: 2, Intact: 0.5}} {
			t.Run(fmt.Sprint(loss, e), func(t *testing.T) {
				c := copying(d, graph.Corruption{Kind: graph.Masking, Level: 0.25}, loss)
				c.Emphasis = e
				b := graph.New(graph.NewParams(graph.Float64, 1), graph.Config{Training: true})
				modeltest.Name(b, c.Build(b, batch))
				out := modeltest.Run(t, modeltest.Compile(t, b, modeltest.Inputs{"x": x}))
				corrupted, intact := 1.0, 1.0
				if e != nil {
					corrupted, intact = e.Corrupted, e.Intact
				}
				want := 0.0
				for i, v := range out["code"] {
					each := math.Log1p(math.Exp(v)) - v*x[i]
					if loss == graph.MSE {
						each = (v - x[i]) * (v - x[i])
					}
					if v == x[i] {
						want += intact * each / batch / d
					} else {
						want += corrupted * each / batch / d
					}
				}
				require.InDelta(t, want, out["loss"][0], 1e-12)
			})
		}
	}
}

func TestInvalidNoiseIsAnError(t *testing.T) {
	for want, c := range map[string]dense.Config{
		"dense: Noise: level 0.5 without a kind": {Noise: graph.Corruption{Level: 0.5}},
		`Emphasis with noise "gaussian"`:         {Noise: graph.Corruption{Kind: graph.AddedNoise, Level: 1}, Emphasis: &dense.Emphasis{Corrupted: 1}},
		"Emphasis is 0 and 0":                    {Noise: graph.Corruption{Kind: graph.Masking, Level: 0.5}, Emphasis: &dense.Emphasis{}},
		"Emphasis is -1 and 2":                   {Noise: graph.Corruption{Kind: graph.Masking, Level: 0.5}, Emphasis: &dense.Emphasis{Corrupted: -1, Intact: 2}},
	} {
		require.ErrorContains(t, c.Validate(), want)
	}
	require.NoError(t, dense.Config{Noise: graph.Corruption{Kind: graph.Masking}}.Validate(), "a level of 0 is no noise")
}
