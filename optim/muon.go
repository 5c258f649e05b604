package optim

import (
	"math"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
)

// Muon moves matrices along their momentum with all its singular values brought close to
// 1 (Jordan et al. 2024, kellerjordan.github.io/posts/muon). PyTorch's Muon has the same
// formula:
//
//	m = momentum*m + (1-momentum)*g
//	u = momentum*m + (1-momentum)*g     (without Nesterov: u = m)
//	w = w - rate*decay*w - rate*scale*orthogonal(u)
//
// Weights of more than two axes, such as filters [O, C, KH, KW], are matrices of their
// first axis by the others. The scale is sqrt(max(1, out/in)), where out and in are the
// columns and rows of a matrix [in, out], and the rows and columns of filters. Others
// updates weights with fewer than two axes. Give embeddings and the first and last layer
// to another optimiser by ByName, as the authors do.
//
// See orthogonal for the iteration. It computes in the model's type, PyTorch in bfloat16.
type Muon struct {
	// Rate is the learning rate, at least 0; nil means 0.001.
	Rate *float64
	// Momentum is in [0, 1); nil means 0.95.
	Momentum *float64
	// NoNesterov takes the momentum as it is.
	NoNesterov bool
	// WeightDecay is the coefficient of decoupled weight decay, at least 0; nil means 0.1.
	WeightDecay *float64
	// Steps is the number of Newton-Schulz steps, in [1, 100); 0 means 5.
	Steps int
	// MatchAdamW makes the scale 0.2*sqrt(max(in, out)), with which the root mean square
	// of a step is about AdamW's, so that AdamW's rates serve (Liu et al. 2025, eq. 4).
	MatchAdamW bool
	// Others updates scalars and vectors; nil means AdamW. Its rate is Muon's times the
	// quotient of their initial rates, so that a schedule of the rate applies to both.
	// If Muon's initial rate is 0, the rates are equal.
	Others graph.Optimizer
}

// LearningRate returns the initial learning rate.
func (o Muon) LearningRate() float64 { return setting(o.Rate, 1e-3) }

// others returns the optimiser of scalars and vectors.
func (o Muon) others() graph.Optimizer {
	if o.Others == nil {
		return AdamW{}
	}
	return o.Others
}

// Validate returns an error if a setting is out of range.
func (o Muon) Validate() error {
	return firstError(
		inRange("Muon's learning rate", o.LearningRate(), 0, math.Inf(1)),
		inRange("Muon's momentum", setting(o.Momentum, 0.95), 0, 1),
		inRange("Muon's weight decay", setting(o.WeightDecay, 0.1), 0, math.Inf(1)),
		inRange("Muon's number of steps", float64(o.Steps), 0, 100),
		o.others().Validate(),
	)
}

// Update adds the updates of the weights and the optimiser's states.
func (o Muon) Update(b *graph.Builder, rate *graph.Node, weights, grads []*graph.Node) {
	if !updatable(b, rate, weights, grads) {
		return
	}
	momentum, decay := setting(o.Momentum, 0.95), setting(o.WeightDecay, 0.1)
	a0, a1, a2 := lower.Arg(0), lower.Arg(1), lower.Arg(2)
	next := runningMean(momentum, a1)
	var rest, restGrads []*graph.Node
	for i, w := range weights {
		shape := b.ParamOf(w).Shape()
		if len(shape) < 2 {
			rest, restGrads = append(rest, w), append(restGrads, grads[i])
			continue
		}
		m := stateOf(b, "muon/m", w)
		u := b.Map(next, m, grads[i])
		b.Update(m, u)
		if !o.NoNesterov {
			u = b.Map(next, u, grads[i])
		}
		u = b.Reshape(orthogonal(b, b.Reshape(u, shape[0], -1), o.Steps), shape...)
		step := lower.Num(o.scale(shape)).Mul(a2)
		if decay > 0 {
			step = lower.Num(decay).Mul(a0).Add(step)
		}
		b.Update(w, b.Map(a0.Sub(a1.Mul(step)), w, rate, u))
	}
	if len(rest) > 0 {
		o.others().Update(b, b.Scale(rate, o.share()), rest, restGrads)
	}
}

// share is the rate of the other weights as a part of Muon's.
func (o Muon) share() float64 {
	if o.LearningRate() == 0 {
		return 1
	}
	return o.others().LearningRate() / o.LearningRate()
}

// ratesOf returns the rate of each weight.
func (o Muon) ratesOf(b *graph.Builder, rate *graph.Node, weights []*graph.Node) []*graph.Node {
	rates := make([]*graph.Node, len(weights))
	for i, w := range weights {
		if rates[i] = rate; w.Dims() < 2 {
			rates[i] = ratesOf(o.others(), b, b.Scale(rate, o.share()), weights[i:i+1])[0]
		}
	}
	return rates
}

// scale is the factor of the step of weights of this shape.
func (o Muon) scale(shape graph.Shape) float64 {
	in, out := float64(shape[0]), float64(shape.Size()/shape[0])
	if len(shape) > 2 {
		in, out = out, in
	}
	if o.MatchAdamW {
		return 0.2 * math.Sqrt(max(in, out))
	}
	return math.Sqrt(max(1, out/in))
}
