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
func copying(d int, n dense.Noise, loss graph.ReconLoss) dense.Config {
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
	for _, kind := range []dense.NoiseKind{dense.Gaussian, dense.Masking, dense.SaltAndPepper} {
		t.Run(string(kind), func(t *testing.T) {
			c := copying(d, dense.Noise{Kind: kind, Level: level}, graph.MSE)
			read := func(training bool) []float64 {
				b := graph.New(graph.NewParams(graph.Float64, 1), graph.Config{Training: training})
				modeltest.Name(b, c.Build(b, batch))
				return modeltest.Run(t, modeltest.Compile(t, b, modeltest.Inputs{"x": x}))["code"]
			}
			require.Equal(t, x, read(false))
			noisy := read(true)
			switch kind {
			case dense.Gaussian:
				sum, squares := 0.0, 0.0
				for i, v := range noisy {
					sum, squares = sum+v-x[i], squares+(v-x[i])*(v-x[i])
				}
				require.InDelta(t, 0, sum/batch/d, 0.02)
				require.InDelta(t, level*level, squares/batch/d, 0.005)
			case dense.Masking:
				require.InDelta(t, level, share(noisy, is(0)), 0.03)
				require.InDelta(t, 1-level, share(noisy, intact), 0.03)
			case dense.SaltAndPepper:
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
				c := copying(d, dense.Noise{Kind: dense.Masking, Level: 0.25, Emphasis: e}, loss)
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
	for want, n := range map[string]dense.Noise{
		`Noise.Kind: "salt" is unknown: want "gaussian", "masking" or "salt-and-pepper"`: {Kind: "salt", Level: 0.1},
		"Noise.Level is 0.5 without a kind":                                              {Level: 0.5},
		"Noise.Level is -1, want a finite number":                                        {Kind: dense.Gaussian, Level: -1},
		"Noise.Level is NaN":                                                             {Kind: dense.Gaussian, Level: math.NaN()},
		"Noise.Level is +Inf":                                                            {Kind: dense.Gaussian, Level: math.Inf(1)},
		"Noise.Level is 1.5, want a probability":                                         {Kind: dense.Masking, Level: 1.5},
		`Noise.Emphasis with noise "gaussian"`:                                           {Kind: dense.Gaussian, Level: 1, Emphasis: &dense.Emphasis{Corrupted: 1}},
		"Noise.Emphasis is 0 and 0":                                                      {Kind: dense.Masking, Level: 0.5, Emphasis: &dense.Emphasis{}},
		"Noise.Emphasis is -1 and 2":                                                     {Kind: dense.Masking, Level: 0.5, Emphasis: &dense.Emphasis{Corrupted: -1, Intact: 2}},
	} {
		require.ErrorContains(t, dense.Config{Noise: n}.Validate(), want)
	}
	require.NoError(t, dense.Config{Noise: dense.Noise{Kind: dense.Masking}}.Validate(), "a level of 0 is no noise")
}
