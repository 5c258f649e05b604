package optim

import (
	"cmp"
	"math"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
)

// Adam is the optimiser of Kingma and Ba (2015, algorithm 1):
//
//	m = beta1*m + (1-beta1)*g
//	v = beta2*v + (1-beta2)*g^2
//	w = w - rate * (m/(1-beta1^t)) / (sqrt(v/(1-beta2^t)) + epsilon)
//
// where t counts the steps of that weight. Its zero value has the usual settings.
//
// With AMSGrad (Reddi, Kale and Kumar 2018), the greatest v so far takes the place of v in
// the last line. As in PyTorch, it is corrected by the 1-beta2^t of the current step.
type Adam struct {
	// Rate is the learning rate, at least 0; nil means 0.001.
	Rate *float64
	// Beta1 is the decay of the first moment, in [0, 1); nil means 0.9. With 0, the
	// moment is the gradient itself.
	Beta1 *float64
	// Beta2 is the decay of the second moment, in [0, 1); nil means 0.999.
	Beta2 *float64
	// Epsilon keeps the division finite, at least 0; 0 means 1e-8.
	Epsilon float64
	// AMSGrad keeps the greatest second moment of each element as a further state.
	AMSGrad bool
}

// LearningRate returns the initial learning rate.
func (o Adam) LearningRate() float64 { return setting(o.Rate, 1e-3) }

// Validate returns an error if a setting is out of range.
func (o Adam) Validate() error {
	return firstError(
		inRange("Adam's learning rate", o.LearningRate(), 0, math.Inf(1)),
		inRange("Adam's beta1", setting(o.Beta1, 0.9), 0, 1),
		inRange("Adam's beta2", setting(o.Beta2, 0.999), 0, 1),
		inRange("Adam's epsilon", o.Epsilon, 0, math.Inf(1)),
	)
}

// Update adds the updates of the weights and the optimiser's states.
func (o Adam) Update(b *graph.Builder, rate *graph.Node, weights, grads []*graph.Node) {
	o.update(b, "adam", 0, rate, weights, grads)
}

// update is Adam with decoupled weight decay.
func (o Adam) update(b *graph.Builder, name string, decay float64, rate *graph.Node, weights, grads []*graph.Node) {
	if !updatable(b, rate, weights, grads) {
		return
	}
	beta1, beta2, epsilon := setting(o.Beta1, 0.9), setting(o.Beta2, 0.999), cmp.Or(o.Epsilon, 1e-8)
	nextM, nextV := runningMean(beta1, lower.Arg(1)), runningMean(beta2, lower.Arg(1).Square())
	// The next value of the weight.
	w, m, v, c1, c2, lr := lower.Arg(0), lower.Arg(1), lower.Arg(2), lower.Arg(3), lower.Arg(4), lower.Arg(5)
	step := lr.Mul(m.Div(c1)).Div(lower.Sqrt(v.Div(c2)).Add(lower.Num(epsilon)))
	decayed := w
	if decay > 0 {
		decayed = w.Sub(lr.Mul(lower.Num(decay)).Mul(w))
	}
	nextW := decayed.Sub(step)
	// The corrections come first: machines group steps this small that are adjacent.
	correct1, correct2 := make([]*graph.Node, len(weights)), make([]*graph.Node, len(weights))
	for i, wt := range weights {
		correct1[i] = correction(b, name+"/correction1", wt, beta1)
		correct2[i] = correction(b, name+"/correction2", wt, beta2)
	}
	for i, wt := range weights {
		mt, vt := stateOf(b, name+"/m", wt), stateOf(b, name+"/v", wt)
		m1, v1 := b.Map(nextM, mt, grads[i]), b.Map(nextV, vt, grads[i])
		b.Update(mt, m1)
		b.Update(vt, v1)
		if o.AMSGrad {
			greatest := stateOf(b, name+"/vmax", wt)
			v1 = b.Map(lower.Max(lower.Arg(0), lower.Arg(1)), greatest, v1)
			b.Update(greatest, v1)
		}
		b.Update(wt, b.Map(nextW, wt, m1, v1, correct1[i], correct2[i], rate))
	}
}

// AdamW is Adam with decoupled weight decay (Loshchilov and Hutter 2019):
// each step also subtracts rate*decay*w from the weight.
type AdamW struct {
	Adam
	// WeightDecay is the decay's coefficient, at least 0; nil means 0.01.
	WeightDecay *float64
}

// Validate returns an error if a setting is out of range.
func (o AdamW) Validate() error {
	return firstError(o.Adam.Validate(), inRange("AdamW's weight decay", setting(o.WeightDecay, 0.01), 0, math.Inf(1)))
}

// Update adds the updates of the weights and the optimiser's states.
func (o AdamW) Update(b *graph.Builder, rate *graph.Node, weights, grads []*graph.Node) {
	o.update(b, "adamw", setting(o.WeightDecay, 0.01), rate, weights, grads)
}
