package sampler_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/modeltest"
	"github.com/stheno-ml/stheno/optim"
	"github.com/stheno-ml/stheno/sampler"
	"github.com/stheno-ml/stheno/train"
)

func TestAFlowIsAnAutoencoderWithoutLoss(t *testing.T) {
	modeltest.Autoencoder(t, sampler.Flow{Dims: 2}, sampler.Flow{Dims: 5, Layers: 3, Hidden: []int{}})
	modeltest.ScoreIsTheLoss(t, sampler.Flow{Dims: 3, Hidden: []int{4}})
}

// Far from the identity, the inverse still returns x, and -log p(x) is that of the change
// of variables, whose determinant is measured by differences.
func TestTheDensityIsThatOfTheChangeOfVariables(t *testing.T) {
	const d = 3
	p := graph.NewParams(graph.Float64, 1)
	f := sampler.Flow{Dims: d, Layers: 3, Hidden: []int{4}}
	x := []float64{0.3, -1.2, 0.8}
	for _, w := range weightsOf(t, f) {
		values := make([]float64, w.Shape().Size())
		for i := range values {
			values[i] = math.Sin(float64(3*i + len(w.Name())))
		}
		require.NoError(t, p.Start(w.Name(), w.Shape(), values))
	}
	run := func(x []float64) map[string][]float64 {
		b := graph.New(p, graph.Config{})
		modeltest.Name(b, f.Build(b, 1))
		return modeltest.Run(t, modeltest.Compile(t, b, modeltest.Inputs{"x": x}))
	}
	out := run(x)
	require.InDeltaSlice(t, x, out["recon"], 1e-12)
	require.NotEqual(t, x, out["code"])
	var j [d][d]float64
	const h = 1e-6
	for k := range d {
		up, down := append([]float64{}, x...), append([]float64{}, x...)
		up[k], down[k] = up[k]+h, down[k]-h
		a, b := run(up)["code"], run(down)["code"]
		for i := range d {
			j[i][k] = (a[i] - b[i]) / 2 / h
		}
	}
	det := j[0][0]*(j[1][1]*j[2][2]-j[1][2]*j[2][1]) - j[0][1]*(j[1][0]*j[2][2]-j[1][2]*j[2][0]) + j[0][2]*(j[1][0]*j[2][1]-j[1][1]*j[2][0])
	want := -math.Log(math.Abs(det))
	for _, u := range out["code"] {
		want += (u*u + math.Log(2*math.Pi)) / 2
	}
	require.InDelta(t, want, out["score"][0], 1e-6)
}

func weightsOf(t *testing.T, f sampler.Flow) []*graph.Param {
	p := graph.NewParams(graph.Float64, 1)
	b := graph.New(p, graph.Config{})
	f.Build(b, 1)
	require.NoError(t, b.Err())
	return p.Trainable()
}

// The codes lie near a parabola.
func TestAFittedFlowDrawsWhatItHasSeen(t *testing.T) {
	u, err := sampler.Normal(2).Draw(4000, 1)
	require.NoError(t, err)
	codes := make([]float32, len(u))
	for i := 0; i < len(u); i += 2 {
		codes[i], codes[i+1] = 10+3*u[i], u[i]*u[i]+0.1*u[i+1]
	}
	s, err := sampler.Flow{Dims: 2}.Fit(t.Context(), codes, train.Options{Backend: cpu.Config{}, Epochs: 30, Batch: 100, Optimizer: optim.Adam{Rate: new(3e-3)}, Seed: 1})
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	z, err := s.Draw(1000, 5)
	require.NoError(t, err)
	off, mean := 0.0, 0.0
	for i := 0; i < len(z); i += 2 {
		v := float64(z[i]-10) / 3
		off += math.Abs(float64(z[i+1])-v*v) / 1000
		mean += float64(z[i]) / 1000
	}
	require.Less(t, off, 0.3, "of values that vary by 1.4")
	require.InDelta(t, 10, mean, 0.5)
	again, err := s.Draw(1000, 5)
	require.NoError(t, err)
	require.Equal(t, z, again)
	logs, err := s.LogDensity([]float32{10, 0, 10, 5})
	require.NoError(t, err)
	require.Greater(t, logs[0], logs[1]+5)
}

func TestInvalidFlowsAreErrors(t *testing.T) {
	for want, f := range map[string]sampler.Flow{
		"Dims is 1, want at least 2": {Dims: 1},
		"Layers is -1":               {Dims: 2, Layers: -1},
		"Hidden[0] is 0":             {Dims: 2, Hidden: []int{0}},
	} {
		b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{})
		require.Zero(t, f.Build(b, 2))
		require.ErrorContains(t, b.Err(), want)
		_, err := f.Fit(t.Context(), make([]float32, 8), train.Options{Backend: cpu.Config{}})
		require.ErrorContains(t, err, want)
	}
}
