package train_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/optim"
	"github.com/stheno-ml/stheno/tape"
	"github.com/stheno-ml/stheno/train"
)

// noisy is a model whose loss is the mean of uniform random numbers drawn in the
// graph. It has a weight that the loss does not depend on.
type noisy struct{}

func (noisy) Build(b *graph.Builder, batch int) graph.Net {
	b.Input("x", batch, 12)
	w := b.Param("w", nil, 1)
	loss := b.Add(b.Mean(b.Uniform("u", batch, 12)), b.Mean(b.Mul(w, b.Number(0))))
	return graph.Net{Tasks: []graph.Task{{Name: "noise", Loss: loss}}}
}

func TestEachBatchOfEachEpochDrawsOtherRandomNumbers(t *testing.T) {
	r, err := train.Fit(t.Context(), noisy{}, points{n: 12}, train.Options{Backend: tape.Config{}, Epochs: 3, Batch: 4})
	require.NoError(t, err)
	drawn := map[float64]bool{}
	for _, e := range r.Epochs {
		require.Len(t, e.Losses, 3)
		for _, loss := range e.Losses {
			drawn[loss] = true
		}
	}
	require.Len(t, drawn, 9, "%v", r.Epochs)
}

// A random number depends on the sample's position in the epoch. Batches of another
// size draw the same numbers, so the epoch's mean is the same.
func TestRandomNumbersDoNotDependOnTheBatchSize(t *testing.T) {
	loss := func(batch int) (means []float64) {
		r, err := train.Fit(t.Context(), noisy{}, points{n: 12}, train.Options{Backend: tape.Config{}, Epochs: 2, Batch: batch})
		require.NoError(t, err)
		for _, e := range r.Epochs {
			means = append(means, e.Loss)
		}
		return means
	}
	want := loss(12)
	require.NotEqual(t, want[0], want[1])
	for _, batch := range []int{1, 4, 5, 7} {
		require.InDeltaSlice(t, want, loss(batch), 1e-6, "batches of %d", batch)
	}
}

// steps is a set of n samples. All values of sample i are i.
type steps int

func (n steps) Len() int             { return int(n) }
func (n steps) Fields() []data.Field { return []data.Field{{Name: "x", Shape: []int{12}}} }
func (n steps) Read(i int, to [][]float32) error {
	for k := range to[0] {
		to[0][k] = float32(i)
	}
	return nil
}

// sized is a model whose loss is the mean of its input. Its reconstruction is 0.
type sized struct{}

func (sized) Build(b *graph.Builder, batch int) graph.Net {
	x := b.Input("x", batch, 12)
	w := b.Param("w", nil, 1)
	loss := b.Add(b.Mean(x), b.Mean(b.Mul(w, b.Number(0))))
	metric := graph.Metric{Name: "double", Node: b.Scale(b.Mean(x), 2)}
	mse := graph.Metric{Name: graph.MetricMSE, Node: b.MSE(b.Scale(x, 0), x)}
	return graph.Net{Tasks: []graph.Task{{Name: "mean", Loss: loss, Metrics: []graph.Metric{metric, mse}}}}
}

// The samples are 0 to 6, in batches of 3. Their mean is 3 and the mean of their
// squares is 13. The mean of the batches' means would be 11/3.
func TestAShortLastBatchIsWeightedByItsSamples(t *testing.T) {
	r, err := train.Fit(t.Context(), sized{}, steps(7), train.Options{Validation: steps(7), Backend: tape.Config{}, Batch: 3, Optimizer: optim.SGD{}})
	require.NoError(t, err)
	e := r.Epochs[0]
	require.InDelta(t, 3, e.Loss, 1e-6)
	require.InDelta(t, 3, e.Metrics["mean"], 1e-6)
	require.InDelta(t, 6, e.Metrics["double"], 1e-6)
	require.InDelta(t, 3, e.Validation[train.Loss], 1e-6)
	require.InDelta(t, 3, e.Validation["mean"], 1e-6)
	require.InDelta(t, 6, e.Validation["double"], 1e-6)
	require.InDelta(t, 13, e.Validation[train.MSE], 1e-5)
}

// A run may be in flight while the numbers of the previous one are read. The slice is
// therefore valid until the second next Wait.
func TestNumbersAreValidUntilTheSecondNextWait(t *testing.T) {
	s, err := train.NewEvalStep(sized{}, 1, train.Options{Backend: tape.Config{}})
	require.NoError(t, err)
	defer s.Close()
	x := make([]float32, 12)
	var before []float64
	for i := range 5 {
		for k := range x {
			x[k] = float32(i)
		}
		require.NoError(t, s.Feed("x", x))
		got, err := s.Run(0, i)
		require.NoError(t, err)
		require.Equal(t, float64(i), got[0])
		if i > 0 {
			require.Equal(t, float64(i-1), before[0])
		}
		before = got
	}
}

// withScalar is a set with a field that has the name of a scalar input. All values of
// sample i are i.
type withScalar struct{ steps }

func (withScalar) Fields() []data.Field {
	return []data.Field{{Name: "x", Shape: []int{12}}, {Name: "factor", Shape: []int{1}}}
}

func (s withScalar) Read(i int, to [][]float32) error {
	to[1][0] = 100
	return s.steps.Read(i, to[:1])
}

// scaled is a model whose loss is the mean of its input times a scalar input.
type scaled struct{}

func (scaled) Build(b *graph.Builder, batch int) graph.Net {
	x, w := b.Input("x", batch, 12), b.Param("w", nil, 1)
	loss := b.Add(b.Mul(b.Mean(x), b.Scalar("factor", 2)), b.Mean(b.Mul(w, b.Number(0))))
	return graph.Net{Tasks: []graph.Task{{Name: "scaled", Loss: loss}}}
}

// A field holds a value for each sample, and a scalar input is one for the batch.
func TestAFieldDoesNotFeedAScalarOfItsName(t *testing.T) {
	r, err := train.Fit(t.Context(), scaled{}, withScalar{steps(6)}, train.Options{Backend: tape.Config{}, Batch: 3, Optimizer: optim.SGD{}})
	require.NoError(t, err)
	require.InDelta(t, 5, r.Epochs[0].Loss, 1e-6) // twice the mean of 0 to 5
}
