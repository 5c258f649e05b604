package train_test

import (
	"bytes"
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/optim"
	"github.com/stheno-ml/stheno/tape"
	"github.com/stheno-ml/stheno/train"
)

// narrow is a small autoencoder with noise on its code: 12-4-12, squared error.
type narrow struct{ noise float64 }

func (n narrow) Build(b *graph.Builder, batch int) graph.Net {
	x := b.Input("x", batch, 12)
	code := graph.Dense{Units: 4}.Apply(b.Scope("code"), x)
	z := code
	if n.noise > 0 && b.Training {
		z = b.Add(code, b.Scale(b.Normal("noise", batch, 4), n.noise))
	}
	y := graph.Dense{Units: 12}.Apply(b.Scope("out"), z)
	loss := b.MSE(y, x)
	return graph.Net{Outputs: map[string]*graph.Node{graph.OutputCode: code, graph.OutputRecon: y}, Tasks: []graph.Task{
		{Name: "squared", Loss: loss, Metrics: []graph.Metric{{Name: "largest", Node: b.Max(b.Square(b.Sub(y, x)))}, {Name: graph.MetricMSE, Node: loss}}},
	}}
}

// points is a set of n samples near a four-dimensional plane.
type points struct {
	n   int
	bad int // the sample with a NaN, counted from 1
}

func (p points) Len() int             { return p.n }
func (p points) Fields() []data.Field { return []data.Field{{Name: "x", Shape: []int{12}}} }
func (p points) Read(i int, to [][]float32) error {
	x := to[0]
	r := rand.New(rand.NewPCG(uint64(i), 3))
	var z [4]float64
	for k := range z {
		z[k] = r.NormFloat64()
	}
	for k := range x {
		x[k] = float32(z[k%4]*math.Cos(float64(k)) + z[(k+1)%4]*math.Sin(float64(k)) + 0.01*r.NormFloat64())
	}
	if i+1 == p.bad {
		x[3] = float32(math.NaN())
	}
	return nil
}

func options(seed uint64) train.Options {
	return train.Options{Backend: tape.Config{}, Optimizer: optim.Adam{Rate: new(0.02)}, Epochs: 3, Batch: 16, Seed: seed}
}

func fit(t *testing.T, m train.Model, o train.Options) *train.Result {
	t.Helper()
	o.Validation = points{n: 21}
	r, err := train.Fit(context.Background(), m, points{n: 90}, o)
	require.NoError(t, err)
	return r
}

func TestTrainingLearns(t *testing.T) {
	o := options(1)
	o.Epochs = 40
	r := fit(t, narrow{}, o)
	require.Len(t, r.Epochs, 40)
	first, last := r.Epochs[0], r.Epochs[39]
	require.Equal(t, 6, first.Steps, "five batches of 16 and one of 10")
	require.Len(t, first.Losses, 6)
	require.Equal(t, first.First, first.Losses[0])
	require.Less(t, last.Loss, first.First/20)
	require.InDelta(t, last.Validation["squared"], last.Validation[train.MSE], 1e-6)
	require.Equal(t, last.Validation["squared"], last.Validation[train.Loss])
	require.Greater(t, last.Validation["largest"], last.Validation["squared"])
	require.Contains(t, last.Metrics, "largest")
}

func TestSameSeedGivesTheSameBits(t *testing.T) {
	m := narrow{noise: 0.1}
	one, two, other := fit(t, m, options(5)), fit(t, m, options(5)), fit(t, m, options(6))
	for i := range one.Epochs {
		require.Equal(t, one.Epochs[i].Losses, two.Epochs[i].Losses)
		require.Equal(t, one.Epochs[i].Validation, two.Epochs[i].Validation)
	}
	for i, p := range one.Params.All() {
		require.Equal(t, p.Floats(), two.Params.All()[i].Floats(), p.Name())
	}
	require.NotEqual(t, one.Epochs[0].Losses, other.Epochs[0].Losses)
}

func TestDropLastSkipsTheShortBatch(t *testing.T) {
	o := options(1)
	o.DropLast = true
	require.Equal(t, 5, fit(t, narrow{}, o).Epochs[0].Steps)
}

func TestTrainingGoesOnFromGivenParameters(t *testing.T) {
	r := fit(t, narrow{}, options(1))
	o := options(1)
	o.Params = r.Params
	again := fit(t, narrow{}, o)
	require.Same(t, r.Params, again.Params)
	require.Less(t, again.Epochs[0].First, r.Epochs[0].First)
}

func TestCancellationReturnsTheResultSoFar(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	o := options(1)
	o.Callbacks = []train.Callback{train.OnEpoch(func(e train.Epoch) error {
		if e.Epoch == 2 {
			cancel()
		}
		return nil
	})}
	r, err := train.Fit(ctx, narrow{}, points{n: 90}, o)
	require.ErrorIs(t, err, context.Canceled)
	require.Len(t, r.Epochs, 2)
}

func TestOnEpochCanEndTheRun(t *testing.T) {
	enough := errors.New("enough")
	o := options(1)
	o.Callbacks = []train.Callback{train.OnEpoch(func(train.Epoch) error { return enough })}
	r, err := train.Fit(context.Background(), narrow{}, points{n: 90}, o)
	require.ErrorIs(t, err, enough)
	require.Len(t, r.Epochs, 1)
}

func TestProgressIsOneLinePerEpochWithoutATerminal(t *testing.T) {
	var out bytes.Buffer
	o := options(1)
	o.Progress, o.Name = &out, "narrow"
	fit(t, narrow{}, o)
	require.Equal(t, 3, bytes.Count(out.Bytes(), []byte("\n")))
	require.Regexp(t, `^narrow epoch 1/3  \d+\.\ds  loss \d\.\d+  .*validation mse \d`, out.String())
}
