package optim

import (
	"fmt"

	"github.com/stheno-ml/stheno/graph"
)

// ByName has an optimiser for each of several sets of weights, chosen by patterns for
// their names:
//
//	optim.ByName{
//		Rules: []optim.Rule{
//			{Name: "embedding", Weights: []string{"*/embed/*"}, Optimizer: optim.SGD{}},
//			{Name: "slow", Weights: []string{"encoder/*"}, Optimizer: optim.Adam{Rate: new(1e-4)}},
//		},
//		Optimizer: optim.Adam{},
//	}
//
// A weight belongs to the first rule that chooses it. Each rule has its own learning
// rate, the scalar input "<task>/<rule>/rate", so a schedule of "rate" sets all rates, and
// one of the full name sets one. Its states are under "<task>/<rule>/". The weights that no
// rule chooses have the task's rate and Optimizer.
type ByName struct {
	Rules []Rule
	// Optimizer updates the weights that no rule chooses; nil means Adam.
	Optimizer graph.Optimizer
}

// Rule is an optimiser for some weights.
type Rule struct {
	// Name is part of the names of the rule's learning rate and states. Rules of one
	// ByName have different names.
	Name string
	// Weights has patterns for the names of weights, as in graph.Task.Trains. A pattern
	// that matches no weight of the model is an error.
	Weights []string
	// Optimizer updates these weights; nil means that of ByName.
	Optimizer graph.Optimizer
}

// LearningRate returns the initial learning rate of the weights that no rule chooses.
func (o ByName) LearningRate() float64 { return inner(o.Optimizer).LearningRate() }

// Validate returns an error if a setting is out of range.
func (o ByName) Validate() error {
	names := map[string]bool{}
	for i, r := range o.Rules {
		switch {
		case r.Name == "" || names[r.Name]:
			return fmt.Errorf("optim: rule %d of ByName has the name %q: give each its own", i, r.Name)
		case len(r.Weights) == 0:
			return fmt.Errorf("optim: rule %q of ByName has no patterns for weights", r.Name)
		}
		if err := o.of(r).Validate(); err != nil {
			return fmt.Errorf("optim: rule %q of ByName: %w", r.Name, err)
		}
		names[r.Name] = true
	}
	return inner(o.Optimizer).Validate()
}

// of returns the optimiser of a rule.
func (o ByName) of(r Rule) graph.Optimizer {
	if r.Optimizer != nil {
		return r.Optimizer
	}
	return inner(o.Optimizer)
}

// Update adds the updates of all optimisers.
func (o ByName) Update(b *graph.Builder, rate *graph.Node, weights, grads []*graph.Node) {
	if !updatable(b, rate, weights, grads) {
		return
	}
	gradOf := map[*graph.Node]*graph.Node{}
	for i, w := range weights {
		gradOf[w] = grads[i]
	}
	update := func(o graph.Optimizer, b *graph.Builder, rate *graph.Node, weights []*graph.Node) {
		gs := make([]*graph.Node, len(weights))
		for i, w := range weights {
			gs[i] = gradOf[w]
		}
		if len(weights) > 0 && b.Err() == nil {
			o.Update(b, rate, weights, gs)
		}
	}
	sets := o.split(b, weights)
	for i, r := range o.Rules {
		scope := b.Scope(r.Name)
		update(o.of(r), scope, scope.Scalar("rate", o.of(r).LearningRate()), sets[i])
	}
	update(inner(o.Optimizer), b, rate, sets[len(o.Rules)])
}

// split returns the weights of each rule, and last those of none.
func (o ByName) split(b *graph.Builder, weights []*graph.Node) [][]*graph.Node {
	sets := make([][]*graph.Node, len(o.Rules)+1)
	taken := map[*graph.Node]bool{}
	take := func(i int, weights []*graph.Node) {
		for _, w := range weights {
			if !taken[w] {
				taken[w], sets[i] = true, append(sets[i], w)
			}
		}
	}
	for i, r := range o.Rules {
		take(i, b.Scope(r.Name).WeightsMatching(r.Weights, weights))
	}
	take(len(o.Rules), weights)
	return sets
}

// ratesOf returns the rate of each weight.
func (o ByName) ratesOf(b *graph.Builder, rate *graph.Node, weights []*graph.Node) []*graph.Node {
	of := map[*graph.Node]*graph.Node{}
	note := func(weights, rates []*graph.Node) {
		for i, w := range weights {
			of[w] = rates[i]
		}
	}
	sets := o.split(b, weights)
	for i, r := range o.Rules {
		scope := b.Scope(r.Name)
		note(sets[i], ratesOf(o.of(r), scope, scope.InputNode("rate"), sets[i]))
	}
	last := sets[len(o.Rules)]
	note(last, ratesOf(inner(o.Optimizer), b, rate, last))
	rates := make([]*graph.Node, len(weights))
	for i, w := range weights {
		rates[i] = of[w]
	}
	return rates
}
