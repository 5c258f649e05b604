package optim

import (
	"math"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
)

// Lion moves each weight by the sign of a mean gradient (Chen et al. 2023, algorithm 2):
//
//	w = w - rate * (sign(beta1*m + (1-beta1)*g) + decay*w)
//	m = beta2*m + (1-beta2)*g
//
// Its zero value has the usual settings. Rates are some three to ten times less than
// Adam's.
type Lion struct {
	// Rate is the learning rate, at least 0; nil means 0.0001.
	Rate *float64
	// Beta1 is the moment's part in the direction, in [0, 1); nil means 0.9.
	Beta1 *float64
	// Beta2 is the decay of the moment, in [0, 1); nil means 0.99.
	Beta2 *float64
	// WeightDecay is the coefficient of decoupled weight decay, at least 0.
	WeightDecay float64
}

// LearningRate returns the initial learning rate.
func (o Lion) LearningRate() float64 { return setting(o.Rate, 1e-4) }

// Validate returns an error if a setting is out of range.
func (o Lion) Validate() error {
	return firstError(
		inRange("Lion's learning rate", o.LearningRate(), 0, math.Inf(1)),
		inRange("Lion's beta1", setting(o.Beta1, 0.9), 0, 1),
		inRange("Lion's beta2", setting(o.Beta2, 0.99), 0, 1),
		inRange("Lion's weight decay", o.WeightDecay, 0, math.Inf(1)),
	)
}

// Update adds the updates of the weights and the optimiser's states.
func (o Lion) Update(b *graph.Builder, rate *graph.Node, weights, grads []*graph.Node) {
	if !updatable(b, rate, weights, grads) {
		return
	}
	beta1, beta2 := setting(o.Beta1, 0.9), setting(o.Beta2, 0.99)
	g, w, lr := lower.Arg(1), lower.Arg(2), lower.Arg(3)
	step := sign(runningMean(beta1, g))
	if o.WeightDecay > 0 {
		step = step.Add(lower.Num(o.WeightDecay).Mul(w))
	}
	next := w.Sub(lr.Mul(step))
	for i, wt := range weights {
		mt := stateOf(b, "lion/m", wt)
		b.Update(wt, b.Map(next, mt, grads[i], wt, rate))
		b.Update(mt, b.Map(runningMean(beta2, g), mt, grads[i]))
	}
}

// sign is -1, 0 or 1, and NaN of NaN.
func sign(x lower.Expr) lower.Expr {
	zero := lower.Num(0)
	return lower.Where(zero.Less(x), lower.Num(1), lower.Where(x.Less(zero), lower.Num(-1), x))
}
