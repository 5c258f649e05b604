package optim

import (
	"cmp"
	"math"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
)

// Adadelta scales the gradient by a running root mean square of past steps over that of
// the gradient (Zeiler 2012, algorithm 1):
//
//	v = decay*v + (1-decay)*g^2
//	d = sqrt(u+epsilon) / sqrt(v+epsilon) * g
//	u = decay*u + (1-decay)*d^2
//	w = w - rate*d
//
// Its zero value has PyTorch's settings.
type Adadelta struct {
	// Rate is a factor of the steps, at least 0; nil means 1.
	Rate *float64
	// Decay is that of the running means, in [0, 1); nil means 0.9. PyTorch calls it rho.
	Decay *float64
	// Epsilon sets the size of the first steps, and keeps the division finite. It is at
	// least 0; 0 means 1e-6.
	Epsilon float64
}

// LearningRate returns the initial learning rate.
func (o Adadelta) LearningRate() float64 { return setting(o.Rate, 1) }

// Validate returns an error if a setting is out of range.
func (o Adadelta) Validate() error {
	return firstError(
		inRange("Adadelta's learning rate", o.LearningRate(), 0, math.Inf(1)),
		inRange("Adadelta's decay", setting(o.Decay, 0.9), 0, 1),
		inRange("Adadelta's epsilon", o.Epsilon, 0, math.Inf(1)),
	)
}

// Update adds the updates of the weights and the optimiser's states.
func (o Adadelta) Update(b *graph.Builder, rate *graph.Node, weights, grads []*graph.Node) {
	if !updatable(b, rate, weights, grads) {
		return
	}
	decay, epsilon := setting(o.Decay, 0.9), lower.Num(cmp.Or(o.Epsilon, 1e-6))
	a0, a1, a2 := lower.Arg(0), lower.Arg(1), lower.Arg(2)
	squares := runningMean(decay, a1.Square())
	delta := lower.Sqrt(a0.Add(epsilon)).Div(lower.Sqrt(a1.Add(epsilon))).Mul(a2)
	for i, w := range weights {
		v, u := stateOf(b, "adadelta/v", w), stateOf(b, "adadelta/u", w)
		v1 := b.Map(squares, v, grads[i])
		d := b.Map(delta, u, v1, grads[i])
		b.Update(v, v1)
		b.Update(u, b.Map(squares, u, d))
		b.Update(w, descent(b, w, rate, d))
	}
}
