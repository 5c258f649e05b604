package train_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/optim"
	"github.com/stheno-ml/stheno/tape"
	"github.com/stheno-ml/stheno/train"
	"github.com/stheno-ml/stheno/vm"
)

func machines() map[string]vm.Backend {
	return map[string]vm.Backend{"cpu": cpu.Config{}, "tape": tape.Config{}}
}

// states are the values of all parameters.
func states(p *graph.Params) map[string][]float64 {
	out := map[string][]float64{}
	for _, q := range p.All() {
		out[q.Name()] = q.Floats()
	}
	return out
}

func TestTwoEpochsAndTwoMoreEqualFourToTheLastBit(t *testing.T) {
	for name, on := range machines() {
		o := train.Options{Backend: on, Optimizer: optim.Adam{Rate: new(0.02)}, Epochs: 4, Batch: 16, Seed: 9}
		whole, err := train.Fit(t.Context(), narrow{noise: 0.3}, points{n: 40}, o)
		require.NoError(t, err)
		o.Epochs = 2
		first, err := train.Fit(t.Context(), narrow{noise: 0.3}, points{n: 40}, o)
		require.NoError(t, err)
		o.Params = first.Params
		second, err := train.Fit(t.Context(), narrow{noise: 0.3}, points{n: 40}, o)
		require.NoError(t, err)
		for i, e := range append(first.Epochs, second.Epochs...) {
			require.Equal(t, i+1, e.Epoch)
			require.Equal(t, whole.Epochs[i].Losses, e.Losses, "%s, epoch %d", name, i+1)
		}
		require.Equal(t, states(whole.Params), states(second.Params), name)
		require.NotEqual(t, whole.Epochs[0].Losses, whole.Epochs[2].Losses)
	}
}

// cross is an autoencoder of 12 numbers with cross entropy as its loss.
type cross struct{}

func (cross) Build(b *graph.Builder, batch int) graph.Net {
	x := b.Input("x", batch, 12)
	code := graph.Dense{Units: 3}.Apply(b.Scope("code"), x)
	return graph.BCE.Net(b, x, code, graph.Dense{Units: 12}.Apply(b.Scope("out"), code))
}

func TestTargetsOutsideTheDomainOfTheLossAreErrors(t *testing.T) {
	values := make([]float32, 5*12)
	for i := range values {
		values[i] = float32(i%3) / 2
	}
	values[0] = 1.00000006
	set, err := data.InMemory(data.Array{Name: "x", Shape: []int{12}, Values: values})
	require.NoError(t, err)
	for name, on := range machines() {
		o := train.Options{Backend: on, Batch: 2}
		_, err = train.Fit(t.Context(), cross{}, set, o)
		require.NoError(t, err, "within rounding of 1")
		values[3*12+7] = 255
		want := `input "x", sample 3, element 7 is 255: binary cross entropy wants a number from 0 to 1: scale it, such as pixels by 1/255, or take the mean squared error as loss`
		_, err = train.Fit(t.Context(), cross{}, set, o)
		require.ErrorContains(t, err, want, name)
		_, err = train.Evaluate(t.Context(), cross{}, set, o)
		require.ErrorContains(t, err, want, name)
		values[3*12+7] = 0
	}
}

// normed is an autoencoder with batch norm.
type normed struct{}

func (normed) Build(b *graph.Builder, batch int) graph.Net {
	x := b.Input("x", batch, 12)
	h := graph.BatchNorm{}.Apply(b.Scope("bn"), graph.Dense{Units: 3}.Apply(b.Scope("code"), x))
	return graph.MSE.Net(b, x, h, graph.Dense{Units: 12}.Apply(b.Scope("out"), h))
}

func TestALastBatchWithoutAStepIsAnErrorBeforeTraining(t *testing.T) {
	o := train.Options{Backend: cpu.Config{}, Batch: 16, Params: graph.NewParams(graph.Float32, 1)}
	r, err := train.Fit(t.Context(), normed{}, points{n: 33}, o)
	require.ErrorContains(t, err, "the last batch of an epoch has 1 of the 33 samples, in batches of 16")
	require.ErrorContains(t, err, `layer "bn"`)
	require.ErrorContains(t, err, "set Options.DropLast to skip that batch, or change Options.Batch")
	require.Empty(t, r.Epochs)
	require.Equal(t, make([]float64, 12), o.Params.Get("out/b").Floats(), "nothing was trained")
	o.DropLast = true
	r, err = train.Fit(t.Context(), normed{}, points{n: 33}, o)
	require.NoError(t, err)
	require.Equal(t, 2, r.Epochs[0].Steps)
	_, err = train.Evaluate(t.Context(), normed{}, points{n: 33}, o)
	require.NoError(t, err, "an evaluation does not average over the batch")
}

// root has the loss sqrt(w^2) + mean(x). Its derivative at w = 0 is 0/0.
type root struct{}

func (root) Build(b *graph.Builder, batch int) graph.Net {
	x := b.Input("x", batch, 12)
	w := b.Scope("root").Param("w", nil, 1)
	loss := b.Add(b.Mean(b.Sqrt(b.Square(w))), b.Mean(x))
	return graph.Net{Tasks: []graph.Task{{Name: "root", Loss: loss}}}
}

// stepwise trains for a number of steps, one at a time, with the same batches as Fit.
func stepwise(t *testing.T, m train.Model, set data.Set, o train.Options, steps int) *graph.Params {
	t.Helper()
	o.Params = graph.NewParams(graph.Float32, o.Seed)
	s, err := train.NewTrainStep(m, o.Batch, o)
	require.NoError(t, err)
	defer s.Close()
	batches, err := data.NewBatches(set, data.BatchOptions{Size: o.Batch, Shuffle: true, Seed: o.Seed})
	require.NoError(t, err)
	defer batches.Close()
	for range steps {
		b, err := batches.Next(context.Background())
		require.NoError(t, err)
		require.NoError(t, s.Feed("x", b.Field("x")))
		_, err = s.Run(b.Epoch, b.First)
		require.NoError(t, err)
	}
	return o.Params
}

func TestANaNRestoresTheWeightsBeforeTheStep(t *testing.T) {
	for name, on := range machines() {
		o := train.Options{Backend: on, Optimizer: optim.Adam{Rate: new(0.02)}, Epochs: 2, Batch: 8, Seed: 4}
		r, err := train.Fit(t.Context(), narrow{noise: 0.1}, points{n: 64, bad: 23}, o)
		var bad *train.NonFinite
		require.ErrorAs(t, err, &bad, name)
		require.Equal(t, 1, bad.Epoch)
		require.Greater(t, bad.Step, 1, "of eight")
		require.Equal(t, "squared", bad.Task)
		require.NotEmpty(t, bad.Param)
		require.ErrorContains(t, err, `the loss of task "squared" is NaN, and parameter "`+bad.Param+`" is not finite after the step: the parameters are as they were before the step: try a smaller learning rate`)
		require.ErrorContains(t, err, "train: epoch 1, step")
		require.Empty(t, r.Epochs)
		want := stepwise(t, narrow{noise: 0.1}, points{n: 64, bad: 23}, o, bad.Step-1)
		for _, p := range want.All() {
			require.Equal(t, p.Floats(), r.Params.Get(p.Name()).Floats(), "%s, %s", name, p.Name())
		}
		good, err := train.Fit(t.Context(), narrow{}, points{n: 64}, train.Options{Backend: on, Params: r.Params, Batch: 8})
		require.NoError(t, err, "training can go on from the weights")
		require.Len(t, good.Epochs, 1)
	}
}

func TestAWeightThatIsNotFiniteIsFoundWhenTheLossIsFinite(t *testing.T) {
	for name, on := range machines() {
		r, err := train.Fit(t.Context(), root{}, points{n: 8}, train.Options{Backend: on, Optimizer: optim.SGD{}, Batch: 8})
		var bad *train.NonFinite
		require.ErrorAs(t, err, &bad, name)
		require.Equal(t, &train.NonFinite{Epoch: 1, Step: 1, Loss: bad.Loss, Param: "root/w"}, bad)
		require.ErrorContains(t, err, `and parameter "root/w" is not finite after the step`)
		require.Equal(t, []float64{0}, r.Params.Get("root/w").Floats())
	}
}
