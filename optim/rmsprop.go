package optim

import (
	"cmp"
	"math"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
)

// RMSprop divides by a running root mean square of the gradient (Tieleman and Hinton
// 2012), with the momentum and the centring (Graves 2013, eq. 38-45) of PyTorch's
// RMSprop:
//
//	v = decay*v + (1-decay)*g^2
//	m = decay*m + (1-decay)*g              (only if centred; else m = 0)
//	u = momentum*u + g / (sqrt(v-m^2) + epsilon)
//	w = w - rate*u
//
// Its zero value has the usual settings, without momentum and not centred.
type RMSprop struct {
	// Rate is the learning rate, at least 0; nil means 0.01.
	Rate *float64
	// Decay is that of the running means, in [0, 1); nil means 0.99. PyTorch calls it
	// alpha.
	Decay *float64
	// Momentum is in [0, 1). With 0, there is no state u.
	Momentum float64
	// Centred subtracts the square of the mean gradient, which leaves an estimate of its
	// variance.
	Centred bool
	// Epsilon keeps the division finite, at least 0; 0 means 1e-8.
	Epsilon float64
}

// LearningRate returns the initial learning rate.
func (o RMSprop) LearningRate() float64 { return setting(o.Rate, 0.01) }

// Validate returns an error if a setting is out of range.
func (o RMSprop) Validate() error {
	return firstError(
		inRange("RMSprop's learning rate", o.LearningRate(), 0, math.Inf(1)),
		inRange("RMSprop's decay", setting(o.Decay, 0.99), 0, 1),
		inRange("RMSprop's momentum", o.Momentum, 0, 1),
		inRange("RMSprop's epsilon", o.Epsilon, 0, math.Inf(1)),
	)
}

// Update adds the updates of the weights and the optimiser's states.
func (o RMSprop) Update(b *graph.Builder, rate *graph.Node, weights, grads []*graph.Node) {
	if !updatable(b, rate, weights, grads) {
		return
	}
	decay, epsilon := setting(o.Decay, 0.99), lower.Num(cmp.Or(o.Epsilon, 1e-8))
	a0, a1, a2, a3 := lower.Arg(0), lower.Arg(1), lower.Arg(2), lower.Arg(3)
	nextV, nextM := runningMean(decay, a1.Square()), runningMean(decay, a1)
	// The step of a weight, given g, v and m.
	step := a0.Div(lower.Sqrt(a1).Add(epsilon))
	if o.Centred { // rounding can make v < m^2
		step = a0.Div(lower.Sqrt(lower.Max(a1.Sub(a2.Square()), lower.Num(0))).Add(epsilon))
	}
	for i, w := range weights {
		g := grads[i]
		v := b.Map(nextV, stateOf(b, "rmsprop/v", w), g)
		b.Update(stateOf(b, "rmsprop/v", w), v)
		m := v // not read
		if o.Centred {
			m = b.Map(nextM, stateOf(b, "rmsprop/m", w), g)
			b.Update(stateOf(b, "rmsprop/m", w), m)
		}
		u := b.Map(step, g, v, m)
		if o.Momentum > 0 {
			velocity := stateOf(b, "rmsprop/u", w)
			u = b.Map(lower.Num(o.Momentum).Mul(a3).Add(step), g, v, m, velocity)
			b.Update(velocity, u)
		}
		b.Update(w, descent(b, w, rate, u))
	}
}
