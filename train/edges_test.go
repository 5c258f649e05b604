package train_test

import (
	"context"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/edges"
	"github.com/stheno-ml/stheno/optim"
	"github.com/stheno-ml/stheno/tape"
	"github.com/stheno-ml/stheno/train"
)

// hollow is a model that builds nothing, or a task without a loss.
type hollow struct{ task bool }

func (h hollow) Build(b *graph.Builder, batch int) graph.Net {
	if h.task {
		x := b.Input("x", batch, 12)
		return graph.Net{Outputs: map[string]*graph.Node{graph.OutputRecon: x}, Tasks: []graph.Task{{}, {Metrics: []graph.Metric{{}}}}}
	}
	return graph.Net{}
}

func TestNoArgumentMakesTrainingPanic(t *testing.T) {
	edges.Walk(t, func() (receivers []any, functions map[string]any, values []any) {
		o := train.Options{Compile: tape.Compile, Batch: 4}
		trainer, err := train.New(narrow{}, o)
		require.NoError(t, err)
		steps := train.NewModelSteps(narrow{}, o)
		step, err := steps.TrainStep(2)
		require.NoError(t, err)
		eval, err := steps.EvalStep(2)
		require.NoError(t, err)
		p := steps.Params()
		return []any{trainer, &train.Trainer{}, steps, train.NewModelSteps(nil, o), &train.ModelSteps{}, step, eval, &train.Step{}},
			map[string]any{
				"New": train.New, "NewWith": train.NewWith, "NewModelSteps": train.NewModelSteps,
				"NewTrainStep": train.NewTrainStep, "NewEvalStep": train.NewEvalStep, "Fit": train.Fit,
				"NewModelSteps, run": func(m train.Model, o train.Options, batch int) { train.NewModelSteps(m, o).Train(batch) },
				"New, evaluate": func(m train.Model, o train.Options, ctx context.Context, set data.Set) {
					if t, err := train.New(m, o); err == nil {
						t.Evaluate(ctx, set)
					}
				},
			}, []any{
				context.Background(), narrow{}, hollow{}, hollow{true}, p, graph.NewParams(graph.Float64, 1), &graph.Params{}, optim.SGD{}, graph.Compiler(tape.Compile),
				graph.Compiler(func(*graph.Builder) (graph.VM, error) { return nil, nil }),
				points{n: 6}, points{}, data.NewDigits(1, 3), make([]float32, 24), steps,
				o, train.Options{Compile: tape.Compile, Batch: 1 << 40}, train.Options{Compile: tape.Compile, Epochs: -1, Progress: io.Discard},
				train.Options{Compile: tape.Compile, Optimizer: optim.SGD{Rate: new(-1.0)}, Params: &graph.Params{}},
			}
	})
}

func TestWhatTrainingLacksIsAnErrorThatSaysWhatToGive(t *testing.T) {
	o := train.Options{Compile: tape.Compile, Batch: 1 << 40}
	trainer, err := train.New(narrow{}, o)
	require.NoError(t, err)
	defer trainer.Close()
	_, err = trainer.Evaluate(t.Context(), nil)
	require.EqualError(t, err, "train: the set to evaluate is empty")
	var none context.Context
	_, err = trainer.Evaluate(none, points{n: 6})
	require.EqualError(t, err, "train: no context: give context.Background()")
	got, err := trainer.Evaluate(t.Context(), points{n: 6})
	require.NoError(t, err, "a batch may be larger than the set")

	small, err := train.New(narrow{}, train.Options{Compile: tape.Compile, Batch: 4, Params: trainer.Params()})
	require.NoError(t, err)
	defer small.Close()
	want, err := small.Evaluate(t.Context(), points{n: 6})
	require.NoError(t, err)
	require.InDelta(t, want[train.MSE], got[train.MSE], 1e-6)

	p := graph.NewParams(graph.Float32, 1)
	_, err = train.NewTrainStep(narrow{}, p, 2, 1, nil, tape.Compile)
	require.ErrorContains(t, err, `optim: no optimiser for task "squared": give one, such as optim.Adam{}`)
	_, err = train.NewTrainStep(nil, p, 2, 1, optim.Adam{}, tape.Compile)
	require.EqualError(t, err, "train: no model")
	_, err = train.NewTrainStep(narrow{}, nil, 2, 1, optim.Adam{}, tape.Compile)
	require.ErrorContains(t, err, "make them by NewParams")
	_, err = train.NewWith(nil, o)
	require.EqualError(t, err, "train: no steps")
	_, err = train.NewEvalStep(hollow{true}, p, 2, 1, tape.Compile)
	require.ErrorContains(t, err, "has a loss or a metric, \"\", without a node")
}
