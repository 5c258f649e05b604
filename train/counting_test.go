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

// noisy is a model whose loss is the mean of uniform numbers drawn in the graph,
// besides a weight that nothing depends on.
type noisy struct{}

func (noisy) Build(b *graph.Builder, batch int) graph.Net {
	b.Input("x", batch, 12)
	w := b.Param("w", nil, 1)
	loss := b.Add(b.Mean(b.Uniform("u", batch, 12)), b.Mean(b.Scale(w, 0)))
	return graph.Net{Tasks: []graph.Task{{Name: "noise", Loss: loss}}}
}

func TestEachBatchOfEachEpochDrawsNumbersOfItsOwn(t *testing.T) {
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

// The numbers belong to the sample's place in the epoch: batches of another size
// draw the same ones, so the epoch's mean is the same.
func TestTheNumbersDrawnDoNotDependOnTheSizeOfTheBatch(t *testing.T) {
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

// steps is a set of so many samples, the i-th of which is i in each value.
type steps int

func (n steps) Len() int             { return int(n) }
func (n steps) Fields() []data.Field { return []data.Field{{Name: "x", Shape: []int{12}}} }
func (n steps) Read(i int, to [][]float32) error {
	for k := range to[0] {
		to[0][k] = float32(i)
	}
	return nil
}

// sized is a model whose loss is the mean of its input, which it reconstructs as 0.
type sized struct{}

func (sized) Build(b *graph.Builder, batch int) graph.Net {
	x := b.Input("x", batch, 12)
	w := b.Param("w", nil, 1)
	loss := b.Add(b.Mean(x), b.Mean(b.Scale(w, 0)))
	metric := graph.Metric{Name: "double", Node: b.Scale(b.Mean(x), 2)}
	mse := graph.Metric{Name: graph.MetricMSE, Node: b.MSE(b.Scale(x, 0), x)}
	return graph.Net{Tasks: []graph.Task{{Name: "mean", Loss: loss, Metrics: []graph.Metric{metric, mse}}}}
}

// Of 0 to 6 in batches of 3, the mean is 3 and that of the squares is 13; the
// mean of the batches' means would be 11/3.
func TestMeansAreWeightedBySamplesWhereTheLastBatchIsShort(t *testing.T) {
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

// A run may be in flight while the numbers of the one before are read, so the next
// Wait but one writes over them.
func TestNumbersAreWrittenOverByTheNextWaitButOne(t *testing.T) {
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
