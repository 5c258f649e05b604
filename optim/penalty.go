package optim

import (
	"math"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
)

// Penalty adds the gradients of L1 and L2 penalties of weights to those of the loss:
//
//	g = g + l1*sign(w) + l2*w
//
// They are those of l1*sum(|w|) and of l2/2*sum(w^2). The reported loss has no penalty.
type Penalty struct {
	// L1 and L2 are the coefficients, at least 0.
	L1, L2 float64
	// Weights has patterns for the names of the weights that are penalised, as in
	// graph.Task.Trains; nil means all that the optimiser updates.
	Weights []string
	// Optimizer takes the sums; nil means Adam.
	Optimizer graph.Optimizer
}

// LearningRate returns the initial learning rate.
func (o Penalty) LearningRate() float64 { return o.wrapped().LearningRate() }

// Validate returns an error if a setting is out of range.
func (o Penalty) Validate() error {
	return firstError(
		inRange("Penalty's L1", o.L1, 0, math.Inf(1)),
		inRange("Penalty's L2", o.L2, 0, math.Inf(1)),
		o.wrapped().Validate(),
	)
}

// Update adds the updates of the inner optimiser.
func (o Penalty) Update(b *graph.Builder, rate *graph.Node, weights, grads []*graph.Node) {
	if !updatable(b, rate, weights, grads) {
		return
	}
	g, w := lower.Arg(0), lower.Arg(1)
	sum := g
	if o.L1 > 0 {
		sum = sum.Add(lower.Num(o.L1).Mul(sign(w)))
	}
	if o.L2 > 0 {
		sum = sum.Add(lower.Num(o.L2).Mul(w))
	}
	chosen := among(b, o.Weights, weights)
	penalised := make([]*graph.Node, len(grads))
	for i := range grads {
		if penalised[i] = grads[i]; chosen[weights[i]] && sum.Reads(1) {
			penalised[i] = b.Map(sum, grads[i], weights[i])
		}
	}
	o.wrapped().Update(b, rate, weights, penalised)
}

func (o Penalty) wrapped() graph.Optimizer { return inner(o.Optimizer) }
