package optim

import (
	"math"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
)

// SGD is stochastic gradient descent with momentum:
//
//	g = grad + decay*w
//	v = momentum*v + g
//	w = w - rate*v            (Nesterov: w - rate*(g + momentum*v))
type SGD struct {
	// Rate is the learning rate, at least 0; nil means 0.01.
	Rate *float64
	// Momentum is in [0, 1). With 0, there is no state.
	Momentum float64
	// Nesterov applies the momentum once more in the step; Momentum must be > 0.
	Nesterov bool
	// WeightDecay is the coefficient of the L2 penalty, at least 0. It adds
	// decay*w to the gradient.
	WeightDecay float64
}

// LearningRate returns the initial learning rate.
func (o SGD) LearningRate() float64 { return setting(o.Rate, 0.01) }

// Validate returns an error if a setting is out of range.
func (o SGD) Validate() error {
	momentum := 0.0
	if o.Nesterov {
		momentum = math.SmallestNonzeroFloat64
	}
	return firstError(
		inRange("SGD's learning rate", o.LearningRate(), 0, math.Inf(1)),
		inRange("SGD's momentum (with Nesterov above 0)", o.Momentum, momentum, 1),
		inRange("SGD's weight decay", o.WeightDecay, 0, math.Inf(1)),
	)
}

// Update adds the updates of the weights and the optimiser's states.
func (o SGD) Update(b *graph.Builder, rate *graph.Node, weights, grads []*graph.Node) {
	if !updatable(b, rate, weights, grads) {
		return
	}
	w, g, v, lr := lower.Arg(0), lower.Arg(1), lower.Arg(2), lower.Arg(3)
	momentum := lower.Num(o.Momentum)
	if o.WeightDecay > 0 {
		g = g.Add(lower.Num(o.WeightDecay).Mul(w))
	}
	for i, wt := range weights {
		if o.Momentum == 0 {
			b.Update(wt, b.Map(w.Sub(lr.Mul(g)), wt, grads[i], wt, rate))
			continue
		}
		velocity := stateOf(b, "sgd/v", wt)
		next := b.Map(momentum.Mul(v).Add(g), wt, grads[i], velocity)
		b.Update(velocity, next)
		step := v // in the expression below, the next velocity
		if o.Nesterov {
			step = g.Add(momentum.Mul(v))
		}
		b.Update(wt, b.Map(w.Sub(lr.Mul(step)), wt, grads[i], next, rate))
	}
}
