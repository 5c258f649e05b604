package train_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/optim"
	"github.com/stheno-ml/stheno/train"
)

func TestSchedulesGoFromTheirFirstValueToTheirLast(t *testing.T) {
	for name, c := range map[string]struct {
		schedule train.Schedule
		total    int
		want     []float64
	}{
		"constant":           {train.Constant(0.3), 3, []float64{0.3, 0.3, 0.3}},
		"linear":             {train.Linear(1, 0), 5, []float64{1, 0.75, 0.5, 0.25, 0}},
		"linear, one step":   {train.Linear(1, 0), 1, []float64{1}},
		"cosine":             {train.Cosine(2, 0), 5, []float64{2, 1 + math.Sqrt(0.5), 1, 1 - math.Sqrt(0.5), 0}},
		"warm-up":            {train.WarmUp(0.5, train.Constant(1)), 6, []float64{0.25, 0.5, 0.75, 1, 1, 1}},
		"warm-up, then down": {train.WarmUp(0.25, train.Linear(3, 1)), 4, []float64{1.5, 3, 2, 1}},
		"warm-up of all":     {train.WarmUp(1, train.Linear(3, 1)), 2, []float64{1, 2}},
		"no warm-up":         {train.WarmUp(0, train.Linear(3, 1)), 2, []float64{3, 1}},
	} {
		for step, want := range c.want {
			require.InDelta(t, want, c.schedule(step, c.total), 1e-12, "%s, step %d", name, step)
		}
	}
	require.True(t, math.IsNaN(train.WarmUp(0.5, nil)(0, 10)))
}

// sloping is a model whose loss is beta times the mean of one weight. Each step of
// SGD subtracts beta times the rate from the weight.
type sloping struct{}

func (sloping) Build(b *graph.Builder, batch int) graph.Net {
	b.Input("x", batch, 12)
	beta := b.Scalar("prior/beta", 1)
	loss := b.Mean(b.Mul(b.Param("w", nil, 1), b.Reshape(beta, 1)))
	return graph.Net{Tasks: []graph.Task{{Name: "slope", Loss: loss}}}
}

func TestSchedulesSetScalarsInEveryStepOfAllEpochs(t *testing.T) {
	o := train.Options{Backend: cpu.Config{}, Optimizer: optim.SGD{}, Params: graph.NewParams(graph.Float64, 1), Epochs: 2, Batch: 4}
	o.Schedules = map[string]train.Schedule{
		"rate":       func(step, total int) float64 { return float64(10*total + step) },
		"prior/beta": train.Linear(1, 6),
		"beta":       train.Constant(100), // the full name takes precedence
	}
	r, err := train.Fit(t.Context(), sloping{}, points{n: 10}, o)
	require.NoError(t, err)
	want := 0.0
	for step := range 6 { // three batches, the last one of 2, twice
		want -= float64(60+step) * float64(1+step)
	}
	require.InDelta(t, want, r.Params.Get("w").Floats()[0], 1e-9)
}

func TestAScheduleThatMatchesNothingListsTheInputs(t *testing.T) {
	o := options(1)
	o.Schedules = map[string]train.Schedule{"squared": train.Constant(1)}
	_, err := train.Fit(t.Context(), narrow{}, points{n: 16}, o)
	require.EqualError(t, err, `train: the schedule of "squared" matches no input: the scalar inputs are squared/rate`)
	o.Schedules = map[string]train.Schedule{"rate": nil}
	_, err = train.Fit(t.Context(), narrow{}, points{n: 16}, o)
	require.ErrorContains(t, err, `the schedule of "rate" is nil`)
	o.Schedules = map[string]train.Schedule{"rate": func(step, _ int) float64 { return 1 / float64(step-1) }}
	_, err = train.Fit(t.Context(), narrow{}, points{n: 32}, o)
	require.EqualError(t, err, `train: epoch 1, step 2: the schedule of "squared/rate" is +Inf in step 1 of 6: want a finite number`)
}
