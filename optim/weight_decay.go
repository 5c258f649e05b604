package optim

import (
	"math"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
)

// WeightDecay subtracts a part of each weight, in addition to what the inner optimiser
// does (Loshchilov and Hutter 2019):
//
//	w = next - rate*decay*w
//
// where next is the inner optimiser's next value of w, and the rate is that of the weight.
type WeightDecay struct {
	// Decay is the coefficient, at least 0; nil means 0.01.
	Decay *float64
	// Weights has patterns for the names of the weights that decay, as in
	// graph.Task.Trains, such as {"!*/b"}; nil means all that the optimiser updates.
	Weights []string
	// Optimizer gives the next value; nil means Adam.
	Optimizer graph.Optimizer
}

// LearningRate returns the initial learning rate.
func (o WeightDecay) LearningRate() float64 { return o.wrapped().LearningRate() }

// Validate returns an error if a setting is out of range.
func (o WeightDecay) Validate() error {
	return firstError(inRange("WeightDecay's decay", setting(o.Decay, 0.01), 0, math.Inf(1)), o.wrapped().Validate())
}

// Update adds the updates of the inner optimiser, with the decay.
func (o WeightDecay) Update(b *graph.Builder, rate *graph.Node, weights, grads []*graph.Node) {
	if !updatable(b, rate, weights, grads) {
		return
	}
	o.wrapped().Update(b, rate, weights, grads)
	decay := setting(o.Decay, 0.01)
	chosen := among(b, o.Weights, weights)
	if decay == 0 || b.Err() != nil {
		return
	}
	next, w, lr := lower.Arg(0), lower.Arg(1), lower.Arg(2)
	decayed := next.Sub(lr.Mul(lower.Num(decay)).Mul(w))
	rates := ratesOf(o.wrapped(), b, rate, weights)
	for i, wt := range weights {
		if chosen[wt] {
			b.ReplaceNext(wt, b.Map(decayed, nextOf(b, o.wrapped(), wt), wt, rates[i]))
		}
	}
}

func (o WeightDecay) wrapped() graph.Optimizer { return inner(o.Optimizer) }
