package optim

import (
	"cmp"
	"math"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
)

// Adagrad divides by the root of the sum of all squared gradients (Duchi, Hazan and
// Singer 2011), with the settings of PyTorch's Adagrad:
//
//	sum = sum + g^2
//	w = w - rate/(1+(t-1)*rateDecay) * g / (sqrt(sum) + epsilon)
//
// where t counts the steps of that weight, from 1. Its zero value has the usual
// settings.
type Adagrad struct {
	// Rate is the learning rate, at least 0; nil means 0.01.
	Rate *float64
	// RateDecay lowers the rate with each step; it is at least 0. With 0, steps are not
	// counted.
	RateDecay float64
	// InitialSum is what each sum starts at, at least 0.
	InitialSum float64
	// Epsilon keeps the division finite, at least 0; 0 means 1e-10.
	Epsilon float64
}

// LearningRate returns the initial learning rate.
func (o Adagrad) LearningRate() float64 { return setting(o.Rate, 0.01) }

// Validate returns an error if a setting is out of range.
func (o Adagrad) Validate() error {
	return firstError(
		inRange("Adagrad's learning rate", o.LearningRate(), 0, math.Inf(1)),
		inRange("Adagrad's rate decay", o.RateDecay, 0, math.Inf(1)),
		inRange("Adagrad's initial sum", o.InitialSum, 0, math.Inf(1)),
		inRange("Adagrad's epsilon", o.Epsilon, 0, math.Inf(1)),
	)
}

// Update adds the updates of the weights and the optimiser's states.
func (o Adagrad) Update(b *graph.Builder, rate *graph.Node, weights, grads []*graph.Node) {
	if !updatable(b, rate, weights, grads) {
		return
	}
	a0, a1, a2, a3, a4 := lower.Arg(0), lower.Arg(1), lower.Arg(2), lower.Arg(3), lower.Arg(4)
	lr := a3
	if o.RateDecay > 0 {
		lr = a3.Div(a4.Sub(lower.Num(1)).Mul(lower.Num(o.RateDecay)).Add(lower.Num(1)))
	}
	next := a0.Sub(lr.Mul(a1).Div(lower.Sqrt(a2).Add(lower.Num(cmp.Or(o.Epsilon, 1e-10)))))
	steps := make([]*graph.Node, len(weights))
	for i, w := range weights {
		steps[i] = rate // not read
		if o.RateDecay > 0 {
			steps[i] = stepOf(b, "adagrad", w)
		}
	}
	for i, w := range weights {
		p := b.ParamOf(w)
		state := b.State("adagrad/sum/"+p.Name(), graph.Constant(o.InitialSum), p.Shape()...)
		sum := b.Map(a0.Add(a1.Square()), state, grads[i])
		b.Update(state, sum)
		b.Update(w, b.Map(next, w, grads[i], sum, rate, steps[i]))
	}
}
