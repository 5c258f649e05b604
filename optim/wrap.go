package optim

import "github.com/stheno-ml/stheno/graph"

// wrapper is an optimiser around another one.
type wrapper interface{ wrapped() graph.Optimizer }

// inner returns the optimiser that another one is around: Adam if it is nil.
func inner(o graph.Optimizer) graph.Optimizer {
	if o == nil {
		return Adam{}
	}
	return o
}

// rater is an optimiser with another rate for some weights than that of the task.
type rater interface {
	// ratesOf returns the rate of each weight, after Update.
	ratesOf(b *graph.Builder, rate *graph.Node, weights []*graph.Node) []*graph.Node
}

// ratesOf returns the rate of each weight that o has updated.
func ratesOf(o graph.Optimizer, b *graph.Builder, rate *graph.Node, weights []*graph.Node) []*graph.Node {
	for {
		w, ok := o.(wrapper)
		if !ok {
			break
		}
		o = w.wrapped()
	}
	if r, ok := o.(rater); ok {
		return r.ratesOf(b, rate, weights)
	}
	rates := make([]*graph.Node, len(weights))
	for i := range rates {
		rates[i] = rate
	}
	return rates
}

// among returns which of the weights the patterns choose.
func among(b *graph.Builder, patterns []string, weights []*graph.Node) map[*graph.Node]bool {
	chosen := map[*graph.Node]bool{}
	for _, w := range b.WeightsMatching(patterns, weights) {
		chosen[w] = true
	}
	return chosen
}

// nextOf returns the next value that an optimiser has given a weight.
func nextOf(b *graph.Builder, o graph.Optimizer, weight *graph.Node) *graph.Node {
	next := b.NextOf(weight)
	if next == nil && b.Err() == nil {
		b.Failf("optim: %T gives %s no next value", o, b.ParamOf(weight).Name())
	}
	return next
}
