package optim

import (
	"cmp"
	"math"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
)

// Adamax is Adam with the infinity norm (Kingma and Ba 2015, algorithm 2), with an
// epsilon as in PyTorch:
//
//	m = beta1*m + (1-beta1)*g
//	u = max(beta2*u, |g|+epsilon)
//	w = w - rate/(1-beta1^t) * m/u
//
// where t counts the steps of that weight. Its zero value has the usual settings.
type Adamax struct {
	// Rate is the learning rate, at least 0; nil means 0.002.
	Rate *float64
	// Beta1 is the decay of the mean gradient, in [0, 1); nil means 0.9.
	Beta1 *float64
	// Beta2 is the decay of the greatest gradient, in [0, 1); nil means 0.999.
	Beta2 *float64
	// Epsilon keeps the division finite, at least 0; 0 means 1e-8.
	Epsilon float64
}

// LearningRate returns the initial learning rate.
func (o Adamax) LearningRate() float64 { return setting(o.Rate, 2e-3) }

// Validate returns an error if a setting is out of range.
func (o Adamax) Validate() error {
	return firstError(
		inRange("Adamax's learning rate", o.LearningRate(), 0, math.Inf(1)),
		inRange("Adamax's beta1", setting(o.Beta1, 0.9), 0, 1),
		inRange("Adamax's beta2", setting(o.Beta2, 0.999), 0, 1),
		inRange("Adamax's epsilon", o.Epsilon, 0, math.Inf(1)),
	)
}

// Update adds the updates of the weights and the optimiser's states.
func (o Adamax) Update(b *graph.Builder, rate *graph.Node, weights, grads []*graph.Node) {
	if !updatable(b, rate, weights, grads) {
		return
	}
	beta1, beta2, epsilon := setting(o.Beta1, 0.9), setting(o.Beta2, 0.999), cmp.Or(o.Epsilon, 1e-8)
	a0, a1, a2, a3, a4 := lower.Arg(0), lower.Arg(1), lower.Arg(2), lower.Arg(3), lower.Arg(4)
	nextU := lower.Max(lower.Num(beta2).Mul(a0), lower.Abs(a1).Add(lower.Num(epsilon)))
	nextW := a0.Sub(a4.Div(a3).Mul(a1).Div(a2))
	corrections := make([]*graph.Node, len(weights))
	for i, w := range weights {
		corrections[i] = correction(b, "adamax/correction", w, beta1)
	}
	for i, w := range weights {
		m, u := stateOf(b, "adamax/m", w), stateOf(b, "adamax/u", w)
		m1, u1 := b.Map(runningMean(beta1, a1), m, grads[i]), b.Map(nextU, u, grads[i])
		b.Update(m, m1)
		b.Update(u, u1)
		b.Update(w, b.Map(nextW, w, m1, u1, corrections[i], rate))
	}
}
