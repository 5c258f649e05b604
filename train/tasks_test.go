package train_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
	"github.com/stheno-ml/stheno/optim"
	"github.com/stheno-ml/stheno/tape"
	"github.com/stheno-ml/stheno/train"
	"github.com/stheno-ml/stheno/vm"
)

// rivals is a net of two weights and two losses, each of which reads both:
//
//	(a - b - 1)^2, which a minimises, and (a + b - 3)^2, which b minimises
type rivals struct {
	alternate bool
	optimizer graph.Optimizer
}

func (r rivals) Build(b *graph.Builder, batch int) graph.Net {
	b.Input("x", batch, 12)
	at, bt := b.Scope("a").Param("w", nil, 1), b.Scope("b").Param("w", nil, 1)
	first := b.Mean(b.Map(lower.Arg(0).Sub(lower.Arg(1)).Sub(lower.Num(1)).Square(), at, bt))
	second := b.Mean(b.Map(lower.Arg(0).Add(lower.Arg(1)).Sub(lower.Num(3)).Square(), at, bt))
	size := graph.Metric{Name: "size", Node: b.Mean(at)}
	other := graph.Metric{Name: "size", Node: b.Mean(bt)}
	return graph.Net{Alternate: r.alternate, Tasks: []graph.Task{
		{Name: "first", Loss: first, Trains: []string{"a/*"}, Optimizer: r.optimizer, Metrics: []graph.Metric{size}},
		{Name: "second", Loss: second, Trains: []string{"b/*"}, Optimizer: r.optimizer, Metrics: []graph.Metric{other}},
	}}
}

func TestAlternatingTasksReadTheParametersAfterThePreviousTask(t *testing.T) {
	for name, on := range map[string]vm.Backend{"cpu": cpu.Config{}, "tape": tape.Config{}} {
		for _, alternate := range []bool{false, true} {
			p := graph.NewParams(graph.Float64, 1)
			r, err := train.Fit(t.Context(), rivals{alternate, optim.SGD{Rate: new(0.1)}}, points{n: 8}, train.Options{Backend: on, Params: p, Batch: 4, Epochs: 2})
			require.NoError(t, err)
			a, b := 0.0, 0.0
			var first, second []float64
			for range 4 {
				first = append(first, (a-b-1)*(a-b-1))
				next := a - 0.2*(a-b-1)
				if alternate {
					a = next
				}
				second = append(second, (a+b-3)*(a+b-3))
				b -= 0.2 * (a + b - 3)
				a = next
			}
			require.InDelta(t, a, p.Get("a/w").Floats()[0], 1e-12, "%s, alternate %v", name, alternate)
			require.InDelta(t, b, p.Get("b/w").Floats()[0], 1e-12, "%s, alternate %v", name, alternate)
			last := r.Epochs[1]
			require.InDeltaSlice(t, first[2:], last.Losses, 1e-12)
			require.InDelta(t, (second[2]+second[3])/2, last.Metrics["second"], 1e-12)
			require.Contains(t, last.Metrics, "size")
			require.Contains(t, last.Metrics, "second/size", "the name is taken")
		}
	}
}

func TestEachTaskHasItsOwnAdam(t *testing.T) {
	for _, alternate := range []bool{false, true} {
		p := graph.NewParams(graph.Float32, 1)
		r, err := train.Fit(t.Context(), rivals{alternate, optim.Adam{Rate: new(0.05)}}, points{n: 8}, train.Options{Backend: cpu.Config{}, Params: p, Batch: 4, Epochs: 200})
		require.NoError(t, err)
		require.NotNil(t, p.Get("first/adam/m/a/w"))
		require.NotNil(t, p.Get("second/adam/m/b/w"))
		require.Nil(t, p.Get("first/adam/m/b/w"), "b/w belongs to the other task")
		require.Less(t, r.Epochs[199].Metrics["first"], r.Epochs[0].Metrics["first"]/100)
		require.Less(t, r.Epochs[199].Metrics["second"], r.Epochs[0].Metrics["second"]/100)
		require.InDelta(t, 2, p.Get("a/w").Floats()[0], 0.1)
		require.InDelta(t, 1, p.Get("b/w").Floats()[0], 0.1)
	}
}

// tasked is a net with the tasks that it returns.
type tasked func(b *graph.Builder, mean, vector *graph.Node) []graph.Task

func (f tasked) Build(b *graph.Builder, batch int) graph.Net {
	x := b.Input("x", batch, 12)
	return graph.Net{Tasks: f(b, b.Mean(b.Mul(x, b.Param("w", nil, 12))), b.Mean(x, 1))}
}

func TestATaskThatCannotBeReportedIsAnError(t *testing.T) {
	for want, f := range map[string]tasked{
		"task 1 has no name":                 func(_ *graph.Builder, m, _ *graph.Node) []graph.Task { return []graph.Task{{Loss: m}} },
		`the loss of task "a" has shape [2]`: func(_ *graph.Builder, _, v *graph.Node) []graph.Task { return []graph.Task{{Name: "a", Loss: v}} },
		`two tasks are called "a"`: func(_ *graph.Builder, m, _ *graph.Node) []graph.Task {
			return []graph.Task{{Name: "a", Loss: m}, {Name: "a", Loss: m}}
		},
		`task 2 cannot be called "loss"`: func(_ *graph.Builder, m, _ *graph.Node) []graph.Task {
			return []graph.Task{{Name: "a", Loss: m}, {Name: "loss", Loss: m}}
		},
		`metric "" of task "a" has no name`: func(_ *graph.Builder, m, _ *graph.Node) []graph.Task {
			return []graph.Task{{Name: "a", Loss: m, Metrics: []graph.Metric{{Node: m}}}}
		},
		`metric "v" of task "a" has shape [2], want`: func(_ *graph.Builder, m, v *graph.Node) []graph.Task {
			return []graph.Task{{Name: "a", Loss: m, Metrics: []graph.Metric{{Name: "v", Node: v}}}}
		},
	} {
		_, err := train.NewEvalStep(f, 2, train.Options{Backend: tape.Config{}})
		require.ErrorContains(t, err, want)
	}
}
