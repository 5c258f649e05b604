package optim_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/optim"
	"github.com/stheno-ml/stheno/vm"
)

// bowls adds the loss 0.5*sum(curve*w^2) for each of the named weights.
func bowls(b *graph.Builder, names ...string) *graph.Node {
	var losses []*graph.Node
	for _, name := range names {
		w := b.Param(name, func(_ graph.Draw, _ graph.Shape, x []float64) error { copy(x, start); return nil }, 3)
		a := b.InputNode("curve")
		if a == nil {
			a = b.Input("curve", 3)
		}
		losses = append(losses, b.Scale(b.Sum(b.Mul(a, b.Square(w))), 0.5))
	}
	return b.AddN(losses...)
}

// steps runs a graph n times.
func steps(t *testing.T, b *graph.Builder, n int) {
	t.Helper()
	m := machine(t, b)
	require.NoError(t, m.SetFloats("curve", curve))
	for range n {
		require.NoError(t, vm.Run(m))
	}
}

// take builds a step of tasks over the parameters and runs it n times.
func take(t *testing.T, p *graph.Params, n int, build func(b *graph.Builder) []graph.Task) {
	t.Helper()
	b := graph.New(p, graph.Config{Training: true})
	for _, task := range build(b) {
		optim.Minimize(b, optim.Adam{}, task)
	}
	steps(t, b, n)
}

func TestTasksOfOneStepHaveTheirOwnStates(t *testing.T) {
	p := graph.NewParams(graph.Float64, 1)
	take(t, p, 6, func(b *graph.Builder) []graph.Task {
		return []graph.Task{
			{Name: "one", Loss: bowls(b, "w")},
			{Name: "two", Loss: bowls(b, "v"), Optimizer: optim.Adam{Rate: new(0.1)}},
			{Name: "three", Loss: bowls(b, "u"), Optimizer: optim.SGD{Rate: new(0.1), Momentum: 0.9}},
		}
	})
	require.InDeltaSlice(t, byHand(6, adamRule(1e-3, 0)), p.Get("w").Floats(), 1e-12)
	require.InDeltaSlice(t, byHand(6, adamRule(0.1, 0)), p.Get("v").Floats(), 1e-12)
	var states []string
	for _, q := range p.All() {
		if !q.Trainable() {
			states = append(states, q.Name())
		}
	}
	require.ElementsMatch(t, []string{
		"one/adam/correction1/w", "one/adam/correction2/w", "one/adam/m/w", "one/adam/v/w",
		"two/adam/correction1/v", "two/adam/correction2/v", "two/adam/m/v", "two/adam/v/v",
		"three/sgd/v/u",
	}, states)
}

// Adversaries alternate: two tasks train the same weight, and each counts its own
// steps.
func TestAlternatingTasksCountTheirOwnSteps(t *testing.T) {
	p := graph.NewParams(graph.Float64, 1)
	task := func(name string, rate float64) func(b *graph.Builder) []graph.Task {
		return func(b *graph.Builder) []graph.Task {
			return []graph.Task{{Name: name, Loss: bowls(b, "w"), Optimizer: optim.Adam{Rate: new(rate)}}}
		}
	}
	for range 4 {
		take(t, p, 1, task("one", 0.1))
		take(t, p, 1, task("two", 0.01))
	}
	want := make([]float64, len(start))
	for i, w := range start {
		var one, two [2]float64
		for n := 1; n <= 4; n++ {
			w = adamRule(0.1, 0)(n, w, curve[i]*w, &one)
			w = adamRule(0.01, 0)(n, w, curve[i]*w, &two)
		}
		want[i] = w
	}
	require.InDeltaSlice(t, want, p.Get("w").Floats(), 1e-12)
}

// A weight that joins after ten steps is corrected for its own first steps. With the
// correction of the other weight, its steps would be three times too long.
func TestAWeightThatJoinsLaterStartsWithItsOwnCorrection(t *testing.T) {
	p := graph.NewParams(graph.Float64, 1)
	build := func(weights ...string) func(b *graph.Builder) []graph.Task {
		return func(b *graph.Builder) []graph.Task { return []graph.Task{{Name: "loss", Loss: bowls(b, weights...)}} }
	}
	take(t, p, 10, build("w"))
	take(t, p, 3, build("w", "head"))
	require.InDeltaSlice(t, byHand(3, adamRule(1e-3, 0)), p.Get("head").Floats(), 1e-12)
	require.InDeltaSlice(t, byHand(13, adamRule(1e-3, 0)), p.Get("w").Floats(), 1e-12)
}

func TestTwoTasksOfAStepCannotTrainOneWeight(t *testing.T) {
	b := graph.New(graph.NewParams(graph.Float64, 1), graph.Config{Training: true})
	loss := bowls(b, "w", "v")
	optim.Minimize(b, optim.Adam{}, graph.Task{Name: "one", Loss: loss, Trains: []string{"w"}})
	optim.Minimize(b, optim.SGD{}, graph.Task{Name: "two", Loss: loss})
	require.ErrorContains(t, b.Err(), `task "two" and another task of the same step both train w: choose one of them with Trains, add their losses, or let them alternate with Net.Alternate`)
}

func TestZeroIsASetting(t *testing.T) {
	for _, c := range []struct {
		name string
		opt  graph.Optimizer
		rule func(t int, w, g float64, state *[2]float64) float64
	}{
		{"adam of rate 0", optim.Adam{Rate: new(0.0)}, func(_ int, w, _ float64, _ *[2]float64) float64 { return w }},
		{"sgd of rate 0", optim.SGD{Rate: new(0.0)}, func(_ int, w, _ float64, _ *[2]float64) float64 { return w }},
		{"adam without moments is the gradient's sign", optim.Adam{Beta1: new(0.0), Beta2: new(0.0)}, func(_ int, w, g float64, _ *[2]float64) float64 {
			return w - 1e-3*g/(math.Abs(g)+1e-8)
		}},
		{"adamw without decay is adam", optim.AdamW{WeightDecay: new(0.0)}, adamRule(1e-3, 0)},
	} {
		t.Run(c.name, func(t *testing.T) {
			require.InDeltaSlice(t, byHand(5, c.rule), descend(t, c.opt, 5, nil), 1e-12)
		})
	}
}

// The weight of a pretrained encoder is frozen while a head learns. Without patterns,
// both learn.
func ExampleMinimize_frozen() {
	p := graph.NewParams(graph.Float32, 1)
	for _, patterns := range [][]string{{"head/*"}, nil} {
		b := graph.New(p, graph.Config{Training: true})
		y := b.Mul(b.Param("encoder/w", graph.Constant(2), 1), b.Param("head/w", graph.Constant(3), 1))
		optim.Minimize(b, optim.SGD{Rate: new(0.5)}, graph.Task{Name: "head", Loss: b.Sum(y), Trains: patterns})
		step, err := b.Program()
		if err != nil {
			fmt.Println(err)
			return
		}
		m, err := cpu.Config{}.Compile(step)
		if err != nil {
			fmt.Println(err)
			return
		}
		defer m.Close()
		if err := vm.Run(m); err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println("encoder", p.Get("encoder/w").Floats(), "head", p.Get("head/w").Floats())
	}
	// Output:
	// encoder [2] head [2]
	// encoder [1] head [1]
}
