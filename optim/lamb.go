package optim

import (
	"cmp"
	"math"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
)

// LAMB is Adam whose step has, for each weight array, a length in proportion to that of
// the array (You et al. 2020, algorithm 2):
//
//	m = beta1*m + (1-beta1)*g
//	v = beta2*v + (1-beta2)*g^2
//	r = (m/(1-beta1^t)) / (sqrt(v/(1-beta2^t)) + epsilon) + decay*w
//	w = w - rate * |w|/|r| * r
//
// where t counts the steps of that weight and |w| is the square root of the sum of the
// squares of all elements. If |w| or |r| is 0, the ratio is 1. Its zero value has the
// usual settings. Large batches need it most.
type LAMB struct {
	// Rate is the learning rate, at least 0; nil means 0.001.
	Rate *float64
	// Beta1 is the decay of the first moment, in [0, 1); nil means 0.9.
	Beta1 *float64
	// Beta2 is the decay of the second moment, in [0, 1); nil means 0.999.
	Beta2 *float64
	// WeightDecay is its coefficient in r, at least 0; nil means 0.01.
	WeightDecay *float64
	// Epsilon keeps the division finite, at least 0; 0 means 1e-6.
	Epsilon float64
}

// LearningRate returns the initial learning rate.
func (o LAMB) LearningRate() float64 { return setting(o.Rate, 1e-3) }

// Validate returns an error if a setting is out of range.
func (o LAMB) Validate() error {
	return firstError(
		inRange("LAMB's learning rate", o.LearningRate(), 0, math.Inf(1)),
		inRange("LAMB's beta1", setting(o.Beta1, 0.9), 0, 1),
		inRange("LAMB's beta2", setting(o.Beta2, 0.999), 0, 1),
		inRange("LAMB's weight decay", setting(o.WeightDecay, 0.01), 0, math.Inf(1)),
		inRange("LAMB's epsilon", o.Epsilon, 0, math.Inf(1)),
	)
}

// Update adds the updates of the weights and the optimiser's states.
func (o LAMB) Update(b *graph.Builder, rate *graph.Node, weights, grads []*graph.Node) {
	if !updatable(b, rate, weights, grads) {
		return
	}
	beta1, beta2, epsilon := setting(o.Beta1, 0.9), setting(o.Beta2, 0.999), cmp.Or(o.Epsilon, 1e-6)
	w, m, v, c1, c2 := lower.Arg(0), lower.Arg(1), lower.Arg(2), lower.Arg(3), lower.Arg(4)
	direction := m.Div(c1).Div(lower.Sqrt(v.Div(c2)).Add(lower.Num(epsilon)))
	if decay := setting(o.WeightDecay, 0.01); decay > 0 {
		direction = direction.Add(lower.Num(decay).Mul(w))
	}
	// The ratio of the lengths, given their squares.
	a0, a1, zero, one := lower.Arg(0), lower.Arg(1), lower.Num(0), lower.Num(1)
	trust := lower.Where(zero.Less(a0), lower.Where(zero.Less(a1), lower.Sqrt(a0).Div(lower.Sqrt(a1)), one), one)
	correct1, correct2 := make([]*graph.Node, len(weights)), make([]*graph.Node, len(weights))
	for i, wt := range weights {
		correct1[i] = correction(b, "lamb/correction1", wt, beta1)
		correct2[i] = correction(b, "lamb/correction2", wt, beta2)
	}
	for i, wt := range weights {
		mt, vt := stateOf(b, "lamb/m", wt), stateOf(b, "lamb/v", wt)
		m1, v1 := b.Map(runningMean(beta1, a1), mt, grads[i]), b.Map(runningMean(beta2, a1.Square()), vt, grads[i])
		b.Update(mt, m1)
		b.Update(vt, v1)
		r := b.Map(direction, wt, m1, v1, correct1[i], correct2[i])
		scaled := b.Mul(rate, b.Map(trust, sumSquares(b, wt), sumSquares(b, r)))
		b.Update(wt, descent(b, wt, scaled, r))
	}
}

// sumSquares returns the sum of the squares of all elements, a scalar.
func sumSquares(b *graph.Builder, x *graph.Node) *graph.Node {
	square := b.Square(x)
	if square == nil || square.Dims() == 0 {
		return square
	}
	return b.Sum(square)
}
