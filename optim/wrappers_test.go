package optim_test

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
	"github.com/stheno-ml/stheno/optim"
	"github.com/stheno-ml/stheno/vm"
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

// clippedStep takes a step of gradient descent of rate 1 from zeros with the given
// gradients of two arrays, in float32, and returns the weights, negated, and the norm.
func clippedStep(t *testing.T, backend vm.Backend, wrap func(graph.Optimizer) graph.Optimizer, g1, g2 []float64) (w1, w2 []float64, norm float64) {
	t.Helper()
	p := graph.NewParams(graph.Float32, 1)
	b := graph.New(p, graph.Config{Training: true})
	one := lower.Arg(0).Mul(lower.Arg(1))
	loss := b.Add(
		b.Sum(b.Map(one, b.Param("w1", nil, 2), b.Input("g1", 2))),
		b.Sum(b.Map(one, b.Param("w2", nil, 2), b.Input("g2", 2))))
	optim.Minimize(b, wrap(optim.SGD{Rate: new(1.0)}), graph.Task{Name: "loss", Loss: loss})
	program, err := b.Program()
	require.NoError(t, err)
	m, err := backend.Compile(program)
	require.NoError(t, err)
	defer func() { require.NoError(t, m.Close()) }()
	require.NoError(t, m.SetFloats("g1", g1))
	require.NoError(t, m.SetFloats("g2", g2))
	require.NoError(t, vm.Run(m))
	if _, ok := program.Output("loss/grad norm"); ok {
		norm, err = m.Number("loss/grad norm")
		require.NoError(t, err)
	}
	negated := func(name string) []float64 {
		x := p.Get(name).Floats()
		for i := range x {
			x[i] = 0 - x[i]
		}
		return x
	}
	return negated("w1"), negated("w2"), norm
}

func TestClippingMakesNoNaNOfFiniteGradients(t *testing.T) {
	global := func(o graph.Optimizer) graph.Optimizer {
		return optim.ClipGlobalNorm{Norm: 5, Output: "grad norm", Optimizer: o}
	}
	each := func(o graph.Optimizer) graph.Optimizer { return optim.ClipNorm{Norm: 5, Optimizer: o} }
	value := func(o graph.Optimizer) graph.Optimizer { return optim.ClipValue{Limit: 5, Optimizer: o} }
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range []struct {
		name         string
		wrap         func(graph.Optimizer) graph.Optimizer
		g1, g2       []float64
		want1, want2 []float64
		norm         float64
	}{
		{"zeros", global, []float64{0, 0}, []float64{0, 0}, []float64{0, 0}, []float64{0, 0}, 0},
		{"short", global, []float64{1, 2}, []float64{-2, 0}, []float64{1, 2}, []float64{-2, 0}, 3},
		{"long", global, []float64{6, 0}, []float64{0, -8}, []float64{3, 0}, []float64{0, -4}, 10},
		{"NaN", global, []float64{nan, 1}, []float64{0, 8}, []float64{nan, 1}, []float64{0, 8}, nan},
		{"overflow", global, []float64{1e30, 1}, []float64{1, 1}, []float64{0, 0}, []float64{0, 0}, inf},
		{"infinite", global, []float64{inf, 1}, []float64{1, 1}, []float64{nan, 0}, []float64{0, 0}, inf},
		{"each zero", each, []float64{0, 0}, []float64{6, 8}, []float64{0, 0}, []float64{3, 4}, 0},
		{"each NaN", each, []float64{nan, 0}, []float64{6, 8}, []float64{nan, 0}, []float64{3, 4}, 0},
		{"value", value, []float64{nan, inf}, []float64{-6, 4}, []float64{nan, 5}, []float64{-5, 4}, 0},
	} {
		for name, backend := range backends {
			t.Run(c.name+" "+name, func(t *testing.T) {
				w1, w2, norm := clippedStep(t, backend, c.wrap, c.g1, c.g2)
				requireSame(t, append(c.want1, append(c.want2, c.norm)...), append(w1, append(w2, norm)...))
			})
		}
	}
}

// requireSame compares numbers, where NaN equals NaN.
func requireSame(t *testing.T, want, got []float64) {
	t.Helper()
	require.Len(t, got, len(want))
	for i, v := range want {
		if math.IsNaN(v) {
			require.True(t, math.IsNaN(got[i]), "element %d: got %v, want %v", i, got, want)
			continue
		}
		require.InDelta(t, v, got[i], 1e-5, "element %d: got %v, want %v", i, got, want)
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

func TestARuleForWeightsThatAreNotTrainedUpdatesNothing(t *testing.T) {
	p := graph.NewParams(graph.Float64, 1)
	o := optim.ByName{Rules: []optim.Rule{{Name: "frozen", Weights: []string{"w"}}, {Name: "rest", Weights: []string{"*"}}}}
	m := compiled(t, cpu.Config{}, p, func(b *graph.Builder) {
		optim.Minimize(b, o, graph.Task{Name: "fit", Loss: problem(b, samples), Trains: []string{"!w"}})
	})
	require.NoError(t, m.SetFloats("x", problemX))
	require.NoError(t, m.SetFloats("y", problemY))
	for _, input := range []string{"fit/rate", "fit/frozen/rate", "fit/rest/rate"} {
		require.NoError(t, m.Set(input, 0.5))
	}
	start := p.Get("w").Floats()
	require.NoError(t, vm.Run(m))
	require.Equal(t, start, p.Get("w").Floats())
	require.InDelta(t, 0.5, math.Abs(p.Get("s").Floats()[0]-0.7), 1e-6, "a first step of Adam has the length of the rate")
	var states []string
	for _, q := range p.All() {
		if !q.Trainable() {
			states = append(states, q.Name())
		}
	}
	require.Contains(t, states, "fit/rest/adam/m/b")
	require.Len(t, states, 8)
}

func TestRulesHaveTheirOwnRates(t *testing.T) {
	p := graph.NewParams(graph.Float64, 1)
	all := problemStart()
	differentiate(all, 0, samples)
	o := optim.ByName{
		Rules:     []optim.Rule{{Name: "w", Weights: []string{"w"}, Optimizer: optim.SGD{}}, {Name: "b", Weights: []string{"b"}}},
		Optimizer: optim.SGD{Rate: new(0.25)},
	}
	m := compiled(t, cpu.Config{}, p, func(b *graph.Builder) {
		optim.Minimize(b, o, graph.Task{Name: "fit", Loss: problem(b, samples)})
	})
	for name, rate := range map[string]float64{"fit/rate": 0.25, "fit/w/rate": 0.01, "fit/b/rate": 0.25} {
		in, ok := m.Program().Input(name)
		require.True(t, ok, name)
		require.Equal(t, rate, in.Default, name)
	}
	require.NoError(t, m.Set("fit/w/rate", 2))
	require.NoError(t, m.Set("fit/b/rate", 3))
	require.NoError(t, m.SetFloats("x", problemX))
	require.NoError(t, m.SetFloats("y", problemY))
	require.NoError(t, vm.Run(m))
	for i, rate := range []float64{2, 3, 0.25} {
		for k, w := range p.Get(all[i].name).Floats() {
			require.InDelta(t, all[i].w[k]-rate*all[i].g[k], w, 1e-12)
		}
	}
}
