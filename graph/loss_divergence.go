package graph

import "github.com/stheno-ml/stheno/lower"

// KLNormals is the Kullback-Leibler divergence in nats of one diagonal normal from
// another, with means mu, mu2 and variances e^logVar, e^logVar2, all [N, ...]:
//
//	0.5 sum (logVar2 - logVar + (e^logVar + (mu-mu2)^2) e^-logVar2 - 1)
//
// over all axes except the first: [N].
func (b *Builder) KLNormals(mu, logVar, mu2, logVar2 *Node) *Node {
	for _, x := range []*Node{logVar, mu2, logVar2} {
		if !b.sameShapeOrFail("kl of two normals", mu, x) {
			return nil
		}
	}
	m, v, m2, v2 := a0(), a1(), lower.Arg(2), lower.Arg(3)
	// e^x - 1 as expm1 does not cancel if the variances are nearly equal.
	e := lower.Expm1(v.Sub(v2)).Sub(v.Sub(v2)).Add(m.Sub(m2).Square().Mul(lower.Exp(v2.Neg())))
	return b.perSample("kl of two normals", b.Map(lower.Num(.5).Mul(e), mu, logVar, mu2, logVar2))
}

// KLBernoulli is the Kullback-Leibler divergence in nats of Bernoulli
// distributions of probability q from the target rate, summed over all elements
// of q: a scalar. With q the mean activation of each unit over a batch it is the
// sparsity penalty of Ng (2011). The rate is between 0 and 1; q is clipped to
// [1e-6, 1-1e-6].
func (b *Builder) KLBernoulli(q *Node, rate float64) *Node {
	if b.Err() == nil && !(rate > 0 && rate < 1) {
		b.Failf("kl of bernoulli: rate %g: want a number between 0 and 1", rate)
	}
	if q == nil || b.Err() != nil {
		return nil
	}
	const edge = 1e-6
	p := lower.Num(rate)
	x := lower.Min(lower.Num(1-edge), lower.Max(lower.Num(edge), a0()))
	e := p.Mul(lower.Log(p.Div(x))).Add(one().Sub(p).Mul(lower.Log(one().Sub(p).Div(one().Sub(x)))))
	return b.Sum(b.Map(e, q))
}
