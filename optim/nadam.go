package optim

import (
	"cmp"
	"math"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
)

// NAdam is Adam with Nesterov's momentum (Dozat 2016), with the schedule of the momentum
// that PyTorch's NAdam has:
//
//	mu(t) = beta1 * (1 - 0.96^(t*momentumDecay) / 2)
//	p = p * mu(t)                        (p starts at 1)
//	m = beta1*m + (1-beta1)*g
//	v = beta2*v + (1-beta2)*g^2
//	s = (1-mu(t))/(1-p) * g + mu(t+1)/(1-p*mu(t+1)) * m
//	w = w - rate * s / (sqrt(v/(1-beta2^t)) + epsilon)
//
// where t counts the steps of that weight, from 1. Its zero value has the usual
// settings.
type NAdam struct {
	// Rate is the learning rate, at least 0; nil means 0.002.
	Rate *float64
	// Beta1 is the decay of the first moment, in [0, 1); nil means 0.9.
	Beta1 *float64
	// Beta2 is the decay of the second moment, in [0, 1); nil means 0.999.
	Beta2 *float64
	// MomentumDecay is how fast the momentum mu rises to beta1, at least 0; nil means
	// 0.004. With 0, mu is beta1/2 in every step.
	MomentumDecay *float64
	// Epsilon keeps the division finite, at least 0; 0 means 1e-8.
	Epsilon float64
}

// LearningRate returns the initial learning rate.
func (o NAdam) LearningRate() float64 { return setting(o.Rate, 2e-3) }

// Validate returns an error if a setting is out of range.
func (o NAdam) Validate() error {
	return firstError(
		inRange("NAdam's learning rate", o.LearningRate(), 0, math.Inf(1)),
		inRange("NAdam's beta1", setting(o.Beta1, 0.9), 0, 1),
		inRange("NAdam's beta2", setting(o.Beta2, 0.999), 0, 1),
		inRange("NAdam's momentum decay", setting(o.MomentumDecay, 0.004), 0, math.Inf(1)),
		inRange("NAdam's epsilon", o.Epsilon, 0, math.Inf(1)),
	)
}

// Update adds the updates of the weights and the optimiser's states.
func (o NAdam) Update(b *graph.Builder, rate *graph.Node, weights, grads []*graph.Node) {
	if !updatable(b, rate, weights, grads) {
		return
	}
	beta1, beta2, epsilon := setting(o.Beta1, 0.9), setting(o.Beta2, 0.999), cmp.Or(o.Epsilon, 1e-8)
	a0, a1, a2, a3, a4, a5 := lower.Arg(0), lower.Arg(1), lower.Arg(2), lower.Arg(3), lower.Arg(4), lower.Arg(5)
	// The factors of the gradient and of the moment, given t and 1-p. The state is 1-p,
	// so that it starts at zero.
	mu, muNext := o.momentum(a0), o.momentum(a0.Add(lower.Num(1)))
	one := lower.Num(1)
	nextC := a1.Mul(mu).Add(one.Sub(mu))
	ofG := one.Sub(mu).Div(a1)
	ofM := muNext.Div(one.Sub(one.Sub(a1).Mul(muNext)))
	// The next value of the weight.
	w, g, m, v := a0, a1, a2, a3
	step := a5.Mul(lower.Arg(6).Mul(g).Add(lower.Arg(7).Mul(m)))
	nextW := w.Sub(step.Div(lower.Sqrt(v.Div(a4)).Add(lower.Num(epsilon))))
	gs, ms, correct2 := make([]*graph.Node, len(weights)), make([]*graph.Node, len(weights)), make([]*graph.Node, len(weights))
	for i, wt := range weights {
		t, c := stepOf(b, "nadam", wt), scalarOf(b, "nadam/correction1", wt)
		c1 := b.Map(nextC, t, c)
		b.Update(c, c1)
		gs[i], ms[i] = b.Map(ofG, t, c1), b.Map(ofM, t, c1)
		correct2[i] = correction(b, "nadam/correction2", wt, beta2)
	}
	for i, wt := range weights {
		mt, vt := stateOf(b, "nadam/m", wt), stateOf(b, "nadam/v", wt)
		m1, v1 := b.Map(runningMean(beta1, a1), mt, grads[i]), b.Map(runningMean(beta2, a1.Square()), vt, grads[i])
		b.Update(mt, m1)
		b.Update(vt, v1)
		b.Update(wt, b.Map(nextW, wt, grads[i], m1, v1, correct2[i], rate, gs[i], ms[i]))
	}
}

// momentum is mu in step t.
func (o NAdam) momentum(t lower.Expr) lower.Expr {
	power := lower.Pow(lower.Num(0.96), t.Mul(lower.Num(setting(o.MomentumDecay, 0.004))))
	return lower.Num(setting(o.Beta1, 0.9)).Mul(lower.Num(1).Sub(lower.Num(0.5).Mul(power)))
}
