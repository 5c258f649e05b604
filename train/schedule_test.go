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
		"exponential":        {train.Exponential(1, 0.01), 3, []float64{1, 0.1, 0.01}},
		"polynomial":         {train.Polynomial(1, 0, 2), 5, []float64{1, 9. / 16, 4. / 16, 1. / 16, 0}},
		"staircase":          {train.Staircase(1, 0.1, 2), 5, []float64{1, 1, 0.1, 0.1, 0.01}},
		"milestones":         {train.Milestones(1, 0.1, 0.5, 0.75), 4, []float64{1, 1, 0.1, 0.01}},
		"one cycle":          {train.OneCycle(25), 10, []float64{1, 13, 25, 25}},
		"triangle":           {train.Triangle(1, 3), 5, []float64{1, 2, 3, 2, 1}},
		"cyclical rate":      {train.Repeat(2, train.Triangle(1, 2)), 6, []float64{1, 2, 1, 1, 2, 1}},
		"cyclical annealing": {train.Repeat(2, train.WarmUp(0.5, train.Constant(1))), 8, []float64{1. / 3, 2. / 3, 1, 1, 1. / 3, 2. / 3, 1, 1}},
		"parts of 3 and 4":   {train.Repeat(2, train.Linear(0, 1)), 7, []float64{0, 0.5, 1, 0, 1. / 3, 2. / 3, 1}},
		"more parts":         {train.Repeat(9, train.Linear(0, 1)), 2, []float64{0, 0}},
		"restarts":           {train.Restarts(2, 2, train.Linear(0, 1)), 7, []float64{0, 1, 0, 1. / 3, 2. / 3, 1, 0}},
		"sequence":           {train.Sequence([]float64{0.5}, train.Constant(2), train.Linear(1, 0)), 6, []float64{2, 2, 2, 1, 0.5, 0}},
	} {
		for step, want := range c.want {
			require.InDelta(t, want, c.schedule(step, c.total), 1e-12, "%s, step %d", name, step)
		}
	}
	for name, s := range map[string]train.Schedule{
		"warm-up to nothing": train.WarmUp(0.5, nil), "no steps": train.Staircase(1, 0.1, 0), "no parts": train.Repeat(0, train.Constant(1)),
		"nothing to repeat": train.Repeat(2, nil), "a factor below 1": train.Restarts(3, 0.5, train.Constant(1)),
		"too few starts": train.Sequence(nil, train.Constant(1), train.Constant(2)),
	} {
		require.True(t, math.IsNaN(s(0, 10)), name)
	}
}

// The rate of PyTorch's OneCycleLR(max_lr=1, total_steps=100), of which the peak is at
// step 0.3*100-1.
func TestOneCycleEndsFarBelowItsStart(t *testing.T) {
	s := train.OneCycle(1)
	require.InDelta(t, 0.04, s(0, 100), 1e-12)
	require.InDelta(t, 1, s(29, 100), 1e-12)
	require.InDelta(t, 4e-6, s(99, 100), 1e-12)
	for step := 1; step < 100; step++ {
		if before, now := s(step-1, 100), s(step, 100); step < 30 {
			require.Greater(t, now, before, "step %d", step)
		} else {
			require.LessOrEqual(t, now, before, "step %d", step)
		}
	}
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
