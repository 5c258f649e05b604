package optim_test

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/optim"
)

// before is a rule with changed gradients.
func before(change func(all []*tensor), r rule) rule {
	return func(step int, all []*tensor) {
		change(all)
		r(step, all)
	}
}

// scaleTo bounds the length of gradients.
func scaleTo(norm float64, of ...*tensor) {
	var g []float64
	for _, p := range of {
		g = append(g, p.g...)
	}
	for _, p := range of {
		for i := range p.g {
			p.g[i] *= min(1, norm/length(g))
		}
	}
}

// decaying is a rule with decoupled decay of some weights, at a rate for each.
func decaying(r rule, decay float64, rates map[string]float64) rule {
	return func(step int, all []*tensor) {
		old := map[string][]float64{}
		for _, p := range all {
			old[p.name] = slices.Clone(p.w)
		}
		r(step, all)
		for _, p := range all {
			for i := range p.w {
				p.w[i] -= rates[p.name] * decay * old[p.name][i]
			}
		}
	}
}

// only is a rule for one weight.
func only(name string, r rule) rule {
	return func(step int, all []*tensor) {
		r(step, slices.DeleteFunc(slices.Clone(all), func(p *tensor) bool { return p.name != name }))
	}
}

// together applies rules in order.
func together(rules ...rule) rule {
	return func(step int, all []*tensor) {
		for _, r := range rules {
			r(step, all)
		}
	}
}

func TestEachWrapperFollowsItsFormulaForAHundredSteps(t *testing.T) {
	sgd, adam := optim.SGD{Rate: new(0.1), Momentum: 0.9}, optim.Adam{Rate: new(0.01)}
	sgdRule, adamRule := sgdStep(0.1, 0.9, 0, false), adamStep(0.01, 0.9, 0.999, 0, false)
	byName := optim.ByName{
		Rules:     []optim.Rule{{Name: "matrix", Weights: []string{"w"}, Optimizer: sgd}, {Name: "rest", Weights: []string{"*", "!s"}, Optimizer: adam}},
		Optimizer: optim.SGD{Rate: new(0.02)},
	}
	byNameRule := together(only("w", sgdRule), only("b", adamRule), only("s", sgdStep(0.02, 0, 0, false)))
	muon := optim.Muon{Rate: new(0.02), WeightDecay: new(0.0), Others: optim.SGD{Rate: new(0.05)}}
	muonRule := muonStep(0.02, 0, math.Sqrt(float64(outs)/ins), true, sgdStep(0.05, 0, 0, false))
	for _, c := range []struct {
		name string
		opt  graph.Optimizer
		rule rule
	}{
		{"clip value", optim.ClipValue{Limit: 0.05, Optimizer: sgd}, before(func(all []*tensor) {
			for _, p := range all {
				for i, g := range p.g {
					p.g[i] = min(max(g, -0.05), 0.05)
				}
			}
		}, sgdRule)},
		{"clip norm", optim.ClipNorm{Norm: 0.1, Optimizer: sgd}, before(func(all []*tensor) {
			for _, p := range all {
				scaleTo(0.1, p)
			}
		}, sgdRule)},
		{"clip global norm", optim.ClipGlobalNorm{Norm: 0.1, Optimizer: sgd}, before(func(all []*tensor) { scaleTo(0.1, all...) }, sgdRule)},
		{"no clipping", optim.ClipGlobalNorm{Norm: math.Inf(1), Output: "norm", Optimizer: sgd}, sgdRule},
		{"penalty", optim.Penalty{L1: 0.01, L2: 0.1, Weights: []string{"!b"}, Optimizer: adam}, before(func(all []*tensor) {
			for _, p := range []*tensor{all[0], all[2]} {
				for i, w := range p.w {
					p.g[i] += math.Copysign(0.01, w) + 0.1*w
				}
			}
		}, adamRule)},
		{"l2 is sgd's decay", optim.Penalty{L2: 0.1, Optimizer: optim.SGD{Rate: new(0.1)}}, sgdStep(0.1, 0, 0.1, false)},
		{"weight decay", optim.WeightDecay{Decay: new(0.2), Weights: []string{"w"}, Optimizer: sgd}, decaying(sgdRule, 0.2, map[string]float64{"w": 0.1})},
		{"weight decay of adam is adamw", optim.WeightDecay{Decay: new(0.1), Optimizer: adam}, adamStep(0.01, 0.9, 0.999, 0.1, false)},
		{"nothing but adam", optim.WeightDecay{Decay: new(0.0), Optimizer: optim.Penalty{Optimizer: optim.MovingAverage{}}}, adamStep(1e-3, 0.9, 0.999, 0, false)},
		{"by name", byName, byNameRule},
		{"weight decay by name", optim.WeightDecay{Decay: new(0.3), Optimizer: optim.MovingAverage{Optimizer: byName}},
			decaying(byNameRule, 0.3, map[string]float64{"w": 0.1, "b": 0.01, "s": 0.02})},
		{"weight decay of muon", optim.WeightDecay{Decay: new(0.3), Optimizer: muon}, decaying(muonRule, 0.3, map[string]float64{"w": 0.02, "b": 0.05, "s": 0.05})},
		{"all", optim.ClipGlobalNorm{Norm: 0.1, Optimizer: optim.Penalty{L2: 0.1, Optimizer: optim.MovingAverage{Optimizer: optim.WeightDecay{Optimizer: adam}}}},
			before(func(all []*tensor) {
				scaleTo(0.1, all...)
				for _, p := range all {
					for i, w := range p.w {
						p.g[i] += 0.1 * w
					}
				}
			}, adamStep(0.01, 0.9, 0.999, 0.01, false))},
	} {
		t.Run(c.name, func(t *testing.T) {
			requireFollows(t, c.rule, c.opt)
		})
	}
}

// still updates nothing.
type still struct{ optim.SGD }

func (still) Update(*graph.Builder, *graph.Node, []*graph.Node, []*graph.Node) {}

func TestAWrapperNeedsANextValue(t *testing.T) {
	for _, o := range []graph.Optimizer{optim.WeightDecay{Optimizer: still{}}, optim.MovingAverage{Optimizer: still{}}} {
		b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{})
		optim.Minimize(b, o, graph.Task{Name: "loss", Loss: b.Sum(b.Param("w", nil, 2))})
		require.ErrorContains(t, b.Err(), "optim_test.still gives w no next value")
	}
}

func TestPatternsOfWrappersThatMatchNothingAreErrors(t *testing.T) {
	wrong := []string{"w", "v"}
	for _, o := range []graph.Optimizer{
		optim.Penalty{L2: 1, Weights: wrong},
		optim.WeightDecay{Weights: wrong},
		optim.ByName{Rules: []optim.Rule{{Name: "one", Weights: wrong}}},
	} {
		b := graph.New(graph.NewParams(graph.Float32, 1), graph.Config{})
		optim.Minimize(b, o, graph.Task{Name: "loss", Loss: problem(b, 2)})
		require.ErrorContains(t, b.Err(), `the pattern "v" matches no weight: there are [w b s]`, "%T", o)
	}
}

// A training that stops is resumed from the values of its parameters, by name.
func TestATrainingGoesOnFromItsParametersAlone(t *testing.T) {
	for _, o := range []graph.Optimizer{
		optim.SGD{Momentum: 0.9}, optim.RMSprop{Momentum: 0.9, Centred: true}, optim.Adagrad{RateDecay: 0.1, InitialSum: 0.1}, optim.Adadelta{},
		optim.Adam{AMSGrad: true}, optim.AdamW{}, optim.Adamax{}, optim.NAdam{}, optim.Lion{}, optim.LAMB{}, optim.Muon{},
		optim.MovingAverage{Optimizer: optim.ByName{Rules: []optim.Rule{{Name: "w", Weights: []string{"w"}, Optimizer: optim.Muon{}}}}},
	} {
		whole, half := graph.NewParams(graph.Float32, 1), graph.NewParams(graph.Float32, 1)
		want := trajectory(t, backends["cpu"], whole, o, 5)
		trajectory(t, backends["cpu"], half, o, 2)
		resumed := graph.NewParams(graph.Float32, 2)
		for _, q := range half.All() {
			require.NoError(t, resumed.Start(q.Name(), q.Shape(), q.Floats()))
		}
		require.Equal(t, want[2:], trajectory(t, backends["cpu"], resumed, o, 3), "%T", o)
		for _, q := range whole.All() {
			require.Equal(t, q.Floats(), resumed.Get(q.Name()).Floats(), "%T %s", o, q.Name())
		}
	}
}
