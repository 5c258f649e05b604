package optim_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
	"github.com/stheno-ml/stheno/optim"
	"github.com/stheno-ml/stheno/tape"
	"github.com/stheno-ml/stheno/vm"
)

// The loss of these tests is 0.5*sum(curve*w^2), whose gradient is curve*w.
var start, curve = []float64{1, -2, 0.5}, []float64{1, 3, 0.2}

// machine compiles what b has built for Gorgonia's machine.
func machine(t *testing.T, b *graph.Builder) vm.Machine {
	t.Helper()
	p, err := b.Program()
	require.NoError(t, err)
	m, err := tape.Config{}.Compile(p)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, m.Close()) })
	return m
}

// descend minimises the loss for the given number of steps and returns the weights.
func descend(t *testing.T, o graph.Optimizer, steps int, rate func(step int) float64) []float64 {
	p := graph.NewParams(graph.Float64, 1)
	b := graph.New(p, graph.Config{Training: true})
	w := b.Param("w", func(_ graph.Draw, _ graph.Shape, x []float64) error { copy(x, start); return nil }, 3)
	a := b.Input("a", 3)
	loss := b.Scale(b.Sum(b.Mul(a, b.Square(w))), 0.5)
	optim.Minimize(b, o, graph.Task{Name: "bowl", Loss: loss})
	m := machine(t, b)
	require.NoError(t, m.SetFloats("a", curve))
	for i := range steps {
		if rate != nil {
			require.NoError(t, m.Set("bowl/rate", rate(i)))
		}
		require.NoError(t, vm.Run(m))
	}
	return p.Get("w").Floats()
}

// byHand applies a rule to one weight at a time in plain Go.
func byHand(steps int, rule func(t int, w, g float64, state *[2]float64) float64) []float64 {
	out := make([]float64, len(start))
	for i, w := range start {
		var state [2]float64
		for t := 1; t <= steps; t++ {
			w = rule(t, w, curve[i]*w, &state)
		}
		out[i] = w
	}
	return out
}

func adamRule(rate, decay float64) func(t int, w, g float64, s *[2]float64) float64 {
	return func(t int, w, g float64, s *[2]float64) float64 {
		s[0] = 0.9*s[0] + 0.1*g
		s[1] = 0.999*s[1] + 0.001*g*g
		m, v := s[0]/(1-math.Pow(0.9, float64(t))), s[1]/(1-math.Pow(0.999, float64(t)))
		return w - rate*decay*w - rate*m/(math.Sqrt(v)+1e-8)
	}
}

func TestOptimizersFollowTheirPapers(t *testing.T) {
	for _, c := range []struct {
		name string
		opt  graph.Optimizer
		rule func(t int, w, g float64, s *[2]float64) float64
	}{
		{"sgd", optim.SGD{Rate: new(0.1)}, func(_ int, w, g float64, _ *[2]float64) float64 { return w - 0.1*g }},
		{"sgd with decay", optim.SGD{Rate: new(0.1), WeightDecay: 0.3}, func(_ int, w, g float64, _ *[2]float64) float64 { return w - 0.1*(g+0.3*w) }},
		{"momentum", optim.SGD{Rate: new(0.1), Momentum: 0.9}, func(_ int, w, g float64, s *[2]float64) float64 {
			s[0] = 0.9*s[0] + g
			return w - 0.1*s[0]
		}},
		{"nesterov", optim.SGD{Rate: new(0.1), Momentum: 0.9, Nesterov: true}, func(_ int, w, g float64, s *[2]float64) float64 {
			s[0] = 0.9*s[0] + g
			return w - 0.1*(g+0.9*s[0])
		}},
		{"adam", optim.Adam{}, adamRule(1e-3, 0)},
		{"adam with rate", optim.Adam{Rate: new(0.1)}, adamRule(0.1, 0)},
		{"adamw", optim.AdamW{Adam: optim.Adam{Rate: new(0.1)}, WeightDecay: new(0.2)}, adamRule(0.1, 0.2)},
		{"adamw by default", optim.AdamW{}, adamRule(1e-3, 0.01)},
	} {
		t.Run(c.name, func(t *testing.T) {
			require.InDeltaSlice(t, byHand(7, c.rule), descend(t, c.opt, 7, nil), 1e-12)
		})
	}
}

func TestAScalarWeightMovesAsAnElementOfAnArray(t *testing.T) {
	for _, o := range []graph.Optimizer{optim.SGD{Momentum: 0.9}, optim.AdamW{}, optim.RMSprop{Momentum: 0.9, Centred: true}, optim.Adagrad{RateDecay: 0.1}, optim.Adadelta{}, optim.Adamax{}, optim.NAdam{}, optim.Lion{}, optim.Muon{}} {
		p := graph.NewParams(graph.Float64, 1)
		b := graph.New(p, graph.Config{Training: true})
		w := b.Param("w", graph.Constant(start[1]))
		optim.Minimize(b, o, graph.Task{Name: "bowl", Loss: b.Scale(b.Square(w), curve[1]/2)})
		m := machine(t, b)
		for range 5 {
			require.NoError(t, vm.Run(m))
		}
		require.Equal(t, descend(t, o, 5, nil)[1:2], p.Get("w").Floats())
	}
}

func TestRateIsAnInput(t *testing.T) {
	rate := func(i int) float64 { return 0.1 / float64(i+1) }
	want := byHand(5, func(t int, w, g float64, _ *[2]float64) float64 { return w - rate(t-1)*g })
	require.InDeltaSlice(t, want, descend(t, optim.SGD{}, 5, rate), 1e-12)
}

func TestSettingsOutOfRangeAreRefused(t *testing.T) {
	for _, o := range []graph.Optimizer{
		optim.SGD{Rate: new(-1.0)},
		optim.SGD{Momentum: 1},
		optim.SGD{Nesterov: true},
		optim.SGD{WeightDecay: -1},
		optim.Adam{Rate: new(math.NaN())},
		optim.Adam{Beta1: new(1.0)},
		optim.Adam{Beta2: new(-0.1)},
		optim.Adam{Epsilon: -1},
		optim.AdamW{WeightDecay: new(math.Inf(1))},
		optim.RMSprop{Rate: new(-1.0)},
		optim.RMSprop{Decay: new(1.0)},
		optim.RMSprop{Momentum: -0.1},
		optim.RMSprop{Epsilon: math.NaN()},
		optim.Adagrad{Rate: new(math.Inf(1))},
		optim.Adagrad{RateDecay: -1},
		optim.Adagrad{InitialSum: -1},
		optim.Adagrad{Epsilon: -1},
		optim.Adadelta{Rate: new(-1.0)},
		optim.Adadelta{Decay: new(1.5)},
		optim.Adadelta{Epsilon: -1},
		optim.Adamax{Rate: new(-1.0)},
		optim.Adamax{Beta1: new(1.0)},
		optim.Adamax{Beta2: new(1.0)},
		optim.Adamax{Epsilon: -1},
		optim.NAdam{Rate: new(-1.0)},
		optim.NAdam{Beta1: new(1.0)},
		optim.NAdam{Beta2: new(-1.0)},
		optim.NAdam{MomentumDecay: new(-1.0)},
		optim.NAdam{Epsilon: -1},
		optim.Lion{Rate: new(-1.0)},
		optim.Lion{Beta1: new(1.0)},
		optim.Lion{Beta2: new(1.0)},
		optim.Lion{WeightDecay: -1},
		optim.LAMB{Rate: new(-1.0)},
		optim.LAMB{Beta1: new(1.0)},
		optim.LAMB{Beta2: new(1.0)},
		optim.LAMB{WeightDecay: new(-1.0)},
		optim.LAMB{Epsilon: -1},
		optim.Muon{Rate: new(-1.0)},
		optim.Muon{Momentum: new(1.0)},
		optim.Muon{WeightDecay: new(-1.0)},
		optim.Muon{Steps: -1},
		optim.Muon{Steps: 100},
		optim.Muon{Others: optim.Adam{Rate: new(-1.0)}},
		optim.ClipValue{Limit: -1},
		optim.ClipValue{Limit: math.Inf(1)},
		optim.ClipValue{Optimizer: optim.Adam{Epsilon: -1}},
		optim.ClipNorm{Norm: -1},
		optim.ClipNorm{Optimizer: optim.Adam{Epsilon: -1}},
		optim.ClipGlobalNorm{Norm: math.NaN()},
		optim.ClipGlobalNorm{Norm: math.Inf(1), Optimizer: optim.Adam{Epsilon: -1}},
		optim.Penalty{L1: -1},
		optim.Penalty{L2: math.Inf(1)},
		optim.Penalty{Optimizer: optim.Adam{Epsilon: -1}},
		optim.WeightDecay{Decay: new(-1.0)},
		optim.WeightDecay{Optimizer: optim.Adam{Epsilon: -1}},
		optim.MovingAverage{Decay: new(1.0)},
		optim.MovingAverage{Optimizer: optim.Adam{Epsilon: -1}},
		optim.ByName{Rules: []optim.Rule{{Weights: []string{"w"}}}},
		optim.ByName{Rules: []optim.Rule{{Name: "a"}}},
		optim.ByName{Rules: []optim.Rule{{Name: "a", Weights: []string{"w"}}, {Name: "a", Weights: []string{"*"}}}},
		optim.ByName{Rules: []optim.Rule{{Name: "a", Weights: []string{"w"}, Optimizer: optim.Adam{Epsilon: -1}}}},
		optim.ByName{Optimizer: optim.Adam{Epsilon: -1}},
	} {
		b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{})
		w := b.Param("w", nil, 2)
		optim.Minimize(b, o, graph.Task{Name: "loss", Loss: b.Sum(w)})
		require.ErrorContains(t, b.Err(), "optim: ", "%#v", o)
	}
}

func TestTaskTrainsOnlyItsWeights(t *testing.T) {
	p := graph.NewParams(graph.Float32, 1)
	b := graph.New(p, graph.Config{})
	w, v := b.Param("w", nil, 2), b.Param("v", nil, 2)
	loss := b.Sum(b.Map(lower.Arg(0).Sub(lower.Num(1)).Square().Add(lower.Arg(1)), w, v))
	optim.Minimize(b, optim.SGD{Rate: new(0.5)}, graph.Task{Name: "half", Loss: loss, Trains: []string{"w"}})
	require.NoError(t, vm.Run(machine(t, b)))
	require.Equal(t, []float64{1, 1}, p.Get("w").Floats())
	require.Equal(t, []float64{0, 0}, p.Get("v").Floats())
}

func ExampleMinimize() {
	p := graph.NewParams(graph.Float32, 1)
	b := graph.New(p, graph.Config{Training: true})
	w := b.Param("w", nil, 1)
	loss := b.Sum(b.Square(b.AddConst(w, -3))) // (w-3)^2
	optim.Minimize(b, optim.SGD{Rate: new(0.25)}, graph.Task{Name: "loss", Loss: loss})
	program, err := b.Program()
	if err != nil {
		fmt.Println(err)
		return
	}
	m, err := cpu.Config{}.Compile(program)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer m.Close()
	for range 3 {
		if err := vm.Run(m); err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(p.Get("w").Floats())
	}
	// Output:
	// [1.5]
	// [2.25]
	// [2.625]
}
