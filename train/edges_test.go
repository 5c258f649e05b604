package train_test

import (
	"context"
	"io"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/collective"
	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/edges"
	"github.com/stheno-ml/stheno/optim"
	"github.com/stheno-ml/stheno/tape"
	"github.com/stheno-ml/stheno/train"
	"github.com/stheno-ml/stheno/vm"
)

// incomplete is a model that builds nothing, or a task without a loss.
type incomplete struct{ task bool }

func (h incomplete) Build(b *graph.Builder, batch int) graph.Net {
	if h.task {
		x := b.Input("x", batch, 12)
		return graph.Net{Outputs: map[string]*graph.Node{graph.OutputRecon: x}, Tasks: []graph.Task{{Name: "hollow"}, {Metrics: []graph.Metric{{}}}}}
	}
	return graph.Net{}
}

// noBackend is a backend that returns no machine.
type noBackend struct{}

func (noBackend) Compile(*graph.Program) (vm.Machine, error) { return nil, nil }

// oddArguments are arguments of which most are invalid.
func oddArguments() []any {
	return []any{
		context.Background(), narrow{}, incomplete{}, incomplete{true}, graph.NewParams(graph.Float64, 1), &graph.Params{}, optim.SGD{}, tape.Config{}, noBackend{},
		data.FromSet(points{n: 6}), points{n: 6}, points{}, data.NewDigits(1, 3), make([]float32, 24), "x",
		train.Options{Backend: tape.Config{}, Batch: 4}, train.Options{Backend: tape.Config{}, Batch: 1 << 40}, train.Options{Backend: noBackend{}},
		train.Options{Backend: tape.Config{}, Epochs: -1, Progress: io.Discard},
		train.Options{Backend: tape.Config{}, Optimizer: optim.SGD{Rate: new(-1.0)}, Params: &graph.Params{}},
		train.Options{Backend: tape.Config{}, Schedules: map[string]train.Schedule{"rate": nil}, Validation: points{}},
		train.Options{Backend: tape.Config{}, Batch: 4, Group: collective.Local(1)[0], Exact: 3},
		train.Constant(math.NaN()),
		train.FoldOptions{Folds: 2}, train.FoldOptions{Parallel: -1}, train.FoldOptions{Backends: make([]vm.Backend, 1)}, &train.CrossValidation{},
	}
}

func TestNoArgumentMakesTrainingPanic(t *testing.T) {
	edges.Walk(t, func() (receivers []any, functions map[string]any, values []any) {
		return nil, map[string]any{
			"New": train.New, "NewTrainStep": train.NewTrainStep, "NewEvalStep": train.NewEvalStep,
			"TrainPrograms": train.TrainPrograms, "Fit": train.Fit, "FitStream": train.FitStream, "FindRate": train.FindRate, "NameOf": train.NameOf, "Evaluate": train.Evaluate,
			"CrossValidate": train.CrossValidate, "CrossValidation.String": (*train.CrossValidation).String,
			"schedules": func(a, b float64, s train.Schedule, step, total int) {
				for _, s := range []train.Schedule{train.Constant(a), train.Linear(a, b), train.Cosine(a, b), train.WarmUp(a, s), train.WarmUp(b, train.Linear(b, a))} {
					s(step, total)
				}
			},
		}, oddArguments()
	})
}

func TestNoArgumentMakesATrainerOrAStepPanic(t *testing.T) {
	edges.Walk(t, func() (receivers []any, functions map[string]any, values []any) {
		o := train.Options{Backend: tape.Config{}, Batch: 4}
		trainer, err := train.New(narrow{}, o)
		require.NoError(t, err)
		step, err := train.NewTrainStep(narrow{}, 2, o)
		require.NoError(t, err)
		return []any{trainer, &train.Trainer{}, step, &train.Step{}, &train.NonFinite{}}, nil, oddArguments()
	})
}

func TestAMissingArgumentIsAnErrorThatNamesIt(t *testing.T) {
	o := train.Options{Backend: tape.Config{}, Batch: 1 << 40}
	trainer, err := train.New(narrow{}, o)
	require.NoError(t, err)
	defer trainer.Close()
	_, err = trainer.Evaluate(t.Context(), nil)
	require.EqualError(t, err, "train: the set to evaluate is empty")
	var none context.Context
	_, err = trainer.Evaluate(none, points{n: 6})
	require.EqualError(t, err, "train: no context: pass context.Background()")
	got, err := trainer.Evaluate(t.Context(), points{n: 6})
	require.NoError(t, err, "a batch may be larger than the set")

	want, err := train.Evaluate(t.Context(), narrow{}, points{n: 6}, train.Options{Backend: tape.Config{}, EvalBatch: 4, Params: trainer.Params()})
	require.NoError(t, err)
	require.InDelta(t, want[train.MSE], got[train.MSE], 1e-6)

	_, err = train.NewTrainStep(nil, 2, o)
	require.EqualError(t, err, "train: no model")
	_, err = train.New(narrow{}, train.Options{})
	require.EqualError(t, err, "train: no backend: set Options.Backend, such as cpu.Config{}")
	_, err = train.NewTrainStep(narrow{}, 2, train.Options{})
	require.EqualError(t, err, "train: no backend: set Options.Backend, such as cpu.Config{}")
	_, err = train.NewTrainStep(narrow{}, 2, train.Options{Backend: noBackend{}})
	require.ErrorContains(t, err, "the backend train_test.noBackend returned no machine")
	_, err = train.NewEvalStep(incomplete{}, 2, o)
	require.EqualError(t, err, "train: the net of train_test.incomplete: it has no task: list what to minimise in graph.Net.Tasks")
	_, err = train.NewEvalStep(incomplete{true}, 2, o)
	require.ErrorContains(t, err, `task "hollow" has no loss`)
}

func TestInvalidOptionsAreRejected(t *testing.T) {
	for name, c := range map[string]struct {
		model train.Model
		set   data.Set
		o     train.Options
		want  string
	}{
		"no model":      {nil, points{n: 9}, options(1), "no model"},
		"no backend":    {narrow{}, points{n: 9}, train.Options{}, "no backend"},
		"no samples":    {narrow{}, points{}, options(1), "empty"},
		"no set":        {narrow{}, nil, options(1), "empty"},
		"epochs":        {narrow{}, points{n: 9}, train.Options{Backend: tape.Config{}, Epochs: -1}, "negative"},
		"batch":         {narrow{}, points{n: 9}, train.Options{Backend: tape.Config{}, Batch: -1}, "negative"},
		"a short batch": {narrow{}, points{n: 9}, train.Options{Batch: 16, DropLast: true, Backend: tape.Config{}}, "no full batch"},
		"optimiser":     {narrow{}, points{n: 9}, train.Options{Optimizer: optim.Adam{Rate: new(-1.0)}, Backend: tape.Config{}}, "learning rate"},
		"other shape":   {narrow{}, wide{points{n: 9}}, options(1), "the field of the set has [13]"},
		"broken model":  {broken{}, points{n: 9}, options(1), `"fc"`},
		"empty model":   {nothing{}, points{n: 9}, options(1), `it has no task`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := train.Fit(context.Background(), c.model, c.set, c.o)
			require.ErrorContains(t, err, c.want)
		})
	}
}

type wide struct{ points }

func (wide) Fields() []data.Field { return []data.Field{{Name: "x", Shape: []int{13}}} }

type broken struct{}

func (broken) Build(b *graph.Builder, batch int) graph.Net {
	x := b.Input("x", batch, 12)
	b.Scope("fc").MatMul(x, x)
	return graph.Net{}
}

type nothing struct{}

func (nothing) Build(b *graph.Builder, batch int) graph.Net { return graph.Net{} }
