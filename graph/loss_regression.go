package graph

import (
	"math"

	"github.com/stheno-ml/stheno/lower"
)

// Losses of real numbers. Each has a mean over all elements, a scalar, and a form
// per sample: [N], the sum over all axes except the first.

// elementLoss is the loss of one element of a prediction, Arg(0), and of a target,
// Arg(1).
type elementLoss struct {
	name string
	expr lower.Expr
}

func (b *Builder) meanLoss(l elementLoss, x, target *Node) *Node {
	if !b.sameShapeOrFail(l.name, x, target) {
		return nil
	}
	return b.Mean(b.Map(l.expr, x, target))
}

func (b *Builder) lossPerSample(l elementLoss, x, target *Node) *Node {
	if !b.sameShapeOrFail(l.name, x, target) {
		return nil
	}
	return b.perSample(l.name, b.Map(l.expr, x, target))
}

func absoluteError() elementLoss { return elementLoss{"absolute error", lower.Abs(a0().Sub(a1()))} }

// huber is d^2/2 where |d| <= delta, else delta (|d| - delta/2). With
// m = min(|d|, delta) this is m (|d| - m/2), without a branch.
func huber(delta float64) elementLoss {
	d := lower.Abs(a0().Sub(a1()))
	m := lower.Min(lower.Num(delta), d)
	return elementLoss{"huber", m.Mul(d.Sub(lower.Num(.5).Mul(m)))}
}

// logCosh is log cosh d = d + softplus(-2d) - log 2.
func logCosh() elementLoss {
	d := a0().Sub(a1())
	return elementLoss{"log cosh", d.Add(lower.Softplus(lower.Num(-2).Mul(d))).Sub(lower.Num(math.Ln2))}
}

// MAE is the mean absolute error, the mean over all elements of |x-target|, of a
// prediction x and a target of the same shape: a scalar. Its derivative is 0 at
// elements where both are equal.
func (b *Builder) MAE(x, target *Node) *Node { return b.meanLoss(absoluteError(), x, target) }

// AbsoluteErrorPerSample is the sum of |x-target| over all axes except the first: [N].
func (b *Builder) AbsoluteErrorPerSample(x, target *Node) *Node {
	return b.lossPerSample(absoluteError(), x, target)
}

// Huber is the loss of Huber (1964), the mean over all elements of d^2/2 where
// d = |x-target| is at most delta, and of delta (d - delta/2) beyond: a scalar.
func (b *Builder) Huber(x, target *Node, delta float64) *Node {
	if !b.positiveOrFail("huber", "delta", delta) {
		return nil
	}
	return b.meanLoss(huber(delta), x, target)
}

// HuberPerSample is Huber summed over all axes except the first: [N].
func (b *Builder) HuberPerSample(x, target *Node, delta float64) *Node {
	if !b.positiveOrFail("huber", "delta", delta) {
		return nil
	}
	return b.lossPerSample(huber(delta), x, target)
}

// LogCosh is the mean over all elements of log cosh (x-target): a scalar. It is
// near d^2/2 for small differences d and near |d| - log 2 for large ones.
func (b *Builder) LogCosh(x, target *Node) *Node { return b.meanLoss(logCosh(), x, target) }

// GaussianNLLPerSample is the negative log likelihood in nats of a target under a
// diagonal normal with mean mu and variance e^logVar, all [N, ...]:
//
//	0.5 sum (logVar + (target-mu)^2 e^-logVar + log 2 pi)
//
// over all axes except the first: [N]. logVar can also be an array that broadcasts
// to mu's shape, such as a scalar.
func (b *Builder) GaussianNLLPerSample(mu, logVar, target *Node) *Node {
	if !b.sameShapeOrFail("gaussian likelihood", mu, target) {
		return nil
	}
	logVar = b.broadcastLike("gaussian likelihood", logVar, mu)
	d := a0().Sub(lower.Arg(2))
	e := lower.Num(.5).Mul(a1().Add(d.Square().Mul(lower.Exp(a1().Neg()))).Add(lower.Num(math.Log(2 * math.Pi))))
	return b.perSample("gaussian likelihood", b.Map(e, mu, logVar, target))
}

// PoissonNLLPerSample is the negative log likelihood of counts, target >= 0, under
// a Poisson distribution of the rate e^logRate, without the term log target!,
// which does not depend on the rate: sum (e^logRate - target logRate) over all
// axes except the first: [N].
func (b *Builder) PoissonNLLPerSample(logRate, target *Node) *Node {
	b.Domain(target, Domain{Hi: math.MaxFloat32, Loss: "poisson likelihood", Remedy: "give counts, or take another loss"})
	return b.lossPerSample(elementLoss{"poisson likelihood", lower.Exp(a0()).Sub(a1().Mul(a0()))}, logRate, target)
}

// CosineSimilarity is x y / (|x| |y|) of each sample, over all axes except the
// first: [N], from -1 to 1. A norm below 1e-8 counts as 1e-8.
func (b *Builder) CosineSimilarity(x, y *Node) *Node {
	if !b.sameShapeOrFail("cosine similarity", x, y) {
		return nil
	}
	const least = 1e-8
	what := "cosine similarity"
	xy, xx, yy := b.perSample(what, b.Mul(x, y)), b.perSample(what, b.Square(x)), b.perSample(what, b.Square(y))
	norm := func(e lower.Expr) lower.Expr { return lower.Sqrt(lower.Max(lower.Num(least*least), e)) }
	return b.Map(a0().Div(norm(a1()).Mul(norm(lower.Arg(2)))), xy, xx, yy)
}

// positiveOrFail reports whether v is above 0 and finite, and records the mistake if
// not.
func (b *Builder) positiveOrFail(what, name string, v float64) bool {
	if b.Err() == nil && !(v > 0 && v < math.Inf(1)) {
		b.Failf("%s: %s %g: want a number above 0", what, name, v)
	}
	return b.Err() == nil
}

// broadcastLike is x repeated to like's shape.
func (b *Builder) broadcastLike(what string, x, like *Node) *Node {
	if b.Err() != nil || x == nil || like == nil || sameShape(x, like) {
		return x
	}
	if s, err := lower.Broadcast(Shape(x.Shape()), Shape(like.Shape())); err != nil || !s.Equal(Shape(like.Shape())) {
		b.Failf("%s: shape %v does not broadcast to %v", what, Shape(x.Shape()), Shape(like.Shape()))
		return nil
	}
	return b.BroadcastTo(x, like.Shape()...)
}
