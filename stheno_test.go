package stheno_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno"
	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/models/dense"
	"github.com/stheno-ml/stheno/models/vae"
	"github.com/stheno-ml/stheno/optim"
	"github.com/stheno-ml/stheno/tape"
	"github.com/stheno-ml/stheno/train"
	"github.com/stheno-ml/stheno/vm"
)

// trained returns a model trained on 256 digits, and the first four of them.
func trained(t *testing.T, m stheno.Model, o stheno.Options) (*stheno.Autoencoder, []float32) {
	set := data.NewDigits(1, 256)
	o.Seed = 3
	a, err := stheno.Train(context.Background(), m, set, o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, a.Close()) })
	var x []float32
	for i := range 4 {
		to := data.NewSample(set)
		require.NoError(t, set.Read(i, to))
		x = append(x, to[0]...)
	}
	return a, x
}

var small = vae.Config{Hidden: []int{32}, Latent: 5}

func TestAnAutoencoderEncodesReconstructsScoresAndSamples(t *testing.T) {
	a, x := trained(t, small, stheno.Options{Epochs: 2})
	require.Len(t, a.History(), 2)
	require.Less(t, a.History()[1].Loss, a.History()[0].Loss)
	z, err := a.Encode(x)
	require.NoError(t, err)
	require.Len(t, z, 4*5)
	recon, err := a.Reconstruct(x)
	require.NoError(t, err)
	decoded, err := a.Decode(z)
	require.NoError(t, err)
	require.InDeltaSlice(t, recon, decoded, 1e-6)
	score, err := a.Score(x)
	require.NoError(t, err)
	require.Len(t, score, 4)
	one, err := a.Score(x[784:1568])
	require.NoError(t, err)
	require.InDelta(t, score[1], one[0], 1e-3, "a score does not depend on other samples")
	first, err := a.Sample(3, 1)
	require.NoError(t, err)
	require.Len(t, first, 3*784)
	again, err := a.Sample(3, 1)
	require.NoError(t, err)
	require.Equal(t, first, again)
	other, err := a.Sample(3, 2)
	require.NoError(t, err)
	require.NotEqual(t, first, other)
	means, err := a.Evaluate(context.Background(), data.NewDigits(2, 64))
	require.NoError(t, err)
	require.Contains(t, means, "kl")
}

func TestASavedModelLoadsOnOtherBackends(t *testing.T) {
	a, x := trained(t, small, stheno.Options{})
	path := filepath.Join(t.TempDir(), "vae.stheno")
	require.NoError(t, a.Save(path))
	want, err := a.Encode(x)
	require.NoError(t, err)
	for _, on := range []vm.Backend{nil, tape.Config{}, cpu.Config{ISA: "go"}} {
		b, err := stheno.LoadWith(path, stheno.LoadOptions{Backend: on})
		require.NoError(t, err)
		got, err := b.Encode(x)
		require.NoError(t, err)
		require.InDeltaSlice(t, want, got, 1e-5)
		require.Equal(t, small.Latent, b.Model().(vae.Config).Latent)
		require.NoError(t, b.Close())
	}
}

func TestTrainingContinuesFromASavedModel(t *testing.T) {
	set, path := data.NewDigits(1, 256), filepath.Join(t.TempDir(), "vae.stheno")
	whole, _ := trained(t, small, stheno.Options{Epochs: 3})
	part, _ := trained(t, small, stheno.Options{Epochs: 1})
	require.NoError(t, part.Save(path))
	part, err := stheno.Load(path)
	require.NoError(t, err)
	require.NoError(t, part.Train(context.Background(), set, stheno.Options{Epochs: 2, Seed: 3}))
	for _, p := range whole.Params().All() {
		require.Equal(t, p.Value().Data(), part.Params().Get(p.Name()).Value().Data(), p.Name())
	}
}

func TestALabelIsPassedByName(t *testing.T) {
	a, x := trained(t, vae.Config{Hidden: []int{16}, Latent: 3, Classes: 10}, stheno.Options{})
	_, err := a.Encode(x)
	require.ErrorContains(t, err, `input "label" [4] is needed`)
	seven := vm.Array{Name: graph.InputLabel, Shape: []int{4}, Data: []float32{7, 7, 7, 7}}
	_, err = a.Encode(x, seven)
	require.NoError(t, err)
	sevens, err := a.Sample(4, 1, seven)
	require.NoError(t, err)
	require.Len(t, sevens, 4*784)
}

// twice is a user's own classifier, with a setting.
type twice struct{ Factor float64 }

func (m twice) Build(b *graph.Builder, batch int) graph.Net {
	x, label := b.Input("x", batch, 1, 28, 28), b.Input("label", batch)
	logits := graph.Dense{Units: 1}.Apply(b.Scope("fc"), b.Scale(b.Flatten(x), m.Factor))
	return graph.Net{
		Outputs: map[string]*graph.Node{"logits": logits},
		Tasks:   []graph.Task{{Name: "mse", Loss: b.MSE(logits, b.Reshape(label, batch, 1))}},
	}
}

func TestAUsersOwnNetHasTheSameInterface(t *testing.T) {
	a, x := trained(t, twice{Factor: 2}, stheno.Options{Optimizer: optim.SGD{}})
	want, err := a.Output("logits", x)
	require.NoError(t, err)
	require.Len(t, want, 4)
	_, err = a.Encode(x)
	require.ErrorContains(t, err, `no output "code": it has logits`)
	path := filepath.Join(t.TempDir(), "own.stheno")
	require.NoError(t, a.Save(path))
	_, err = stheno.Load(path)
	require.ErrorContains(t, err, "LoadOptions.Model")
	b, err := stheno.LoadWith(path, stheno.LoadOptions{Model: twice{}})
	require.NoError(t, err)
	require.Equal(t, twice{Factor: 2}, b.Model())
	got, err := b.Output("logits", x)
	require.NoError(t, err)
	require.Equal(t, want, got)
	_, err = stheno.LoadWith(path, stheno.LoadOptions{Model: dense.Config{}})
	require.ErrorContains(t, err, "want dense")
}

func TestInvalidUseIsAnErrorThatSaysWhy(t *testing.T) {
	a, x := trained(t, dense.Config{Hidden: []int{8}}, stheno.Options{})
	_, err := a.Encode(x[:100])
	require.ErrorContains(t, err, "100 values, which are not a whole number of samples of shape [784]")
	_, err = a.Sample(1, 1)
	require.ErrorContains(t, err, `no output "prior"`)
	_, err = a.Sample(0, 1)
	require.ErrorContains(t, err, "at least 1")
	_, err = (*stheno.Autoencoder)(nil).Encode(x)
	require.ErrorContains(t, err, "create it with Train or Load")
	path := filepath.Join(t.TempDir(), "not")
	require.NoError(t, os.WriteFile(path, []byte("not a checkpoint"), 0o600))
	_, err = stheno.Load(path)
	require.ErrorContains(t, err, path)
	_, err = stheno.Train(context.Background(), dense.Config{Hidden: []int{-1}}, data.NewDigits(1, 8), stheno.Options{})
	require.ErrorContains(t, err, "Hidden[0] is -1")
}

func TestACancelledTrainingReturnsTheModel(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	a, err := stheno.Train(ctx, small, data.NewDigits(1, 256), stheno.Options{Epochs: 5, Callbacks: []train.Callback{train.OnEpoch(func(e stheno.Epoch) error {
		if e.Epoch == 2 {
			cancel()
		}
		return nil
	})}})
	require.ErrorIs(t, err, context.Canceled)
	require.Len(t, a.History(), 2)
	require.NoError(t, a.Save(filepath.Join(t.TempDir(), "vae.stheno")))
}

func TestRepeatedCallsOfOneShapeAllocateNothing(t *testing.T) {
	a, x := trained(t, small, stheno.Options{Backend: cpu.Config{}})
	in, out := vm.Array{Name: "x", Shape: []int{1, 784}, Data: x[:784]}, vm.Array{Name: "code", Data: make([]float32, 5)}
	call := func() {
		if err := a.Call([]vm.Array{in}, []vm.Array{out}); err != nil {
			panic(err)
		}
	}
	call()
	require.Zero(t, testing.AllocsPerRun(100, call))
}

func TestAModelTrainedElsewhereBecomesAnAutoencoder(t *testing.T) {
	set := data.NewDigits(1, 64)
	o := train.Options{Backend: cpu.Config{}, Scale: map[string]data.ScaleOptions{"x": {Kind: data.MinMax, Per: data.PerAll, Max: 0.5}}}
	r, err := train.Fit(context.Background(), small, set, o)
	require.NoError(t, err)
	a, err := stheno.New(small, stheno.Options{Params: r.Params, Scalers: r.Scalers})
	require.NoError(t, err)
	defer a.Close()
	x, err := data.ArrayOf(set, "x")
	require.NoError(t, err)
	want, err := a.Reconstruct(x.Values)
	require.NoError(t, err)
	out, err := a.Compute(set, "recon", "code")
	require.NoError(t, err)
	require.Equal(t, want, out[0].Data, "the scale of the samples")
	require.Equal(t, []int{64, 5}, out[1].Shape)
	shape, ok := a.Shape("code")
	require.True(t, ok)
	require.Equal(t, graph.Shape{5}, shape)
	_, ok = a.Shape("logits")
	require.False(t, ok)
	first, second := []vm.Array{{Name: "prior", Shape: []int{2, 5}}}, []vm.Array{{Name: "prior", Shape: []int{2, 5}}}
	require.NoError(t, a.Draw(1, nil, first))
	require.NoError(t, a.Draw(2, nil, second))
	require.NotEqual(t, first[0].Data, second[0].Data)

	_, err = stheno.New(nil, stheno.Options{})
	require.ErrorContains(t, err, "no model")
	_, err = stheno.New(small, stheno.Options{})
	require.ErrorContains(t, err, "set Options.Params")
	var none *stheno.Autoencoder
	_, err = none.Compute(set, "code")
	require.ErrorContains(t, err, "no autoencoder")
}
