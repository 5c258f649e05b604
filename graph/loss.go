package graph

import "github.com/stheno-ml/stheno/lower"

// Losses compare a prediction with a target of the same shape; nothing is
// broadcast between them. A loss is a scalar, a mean; its PerSample form is
// [N], sums over all axes but the first.

// alike is false, with an error, unless x and y are of one shape.
func (b *Builder) alike(what string, x, y *Node) bool {
	switch {
	case b.Err() != nil:
	case x == nil || y == nil:
		b.Failf("%s: an operand is nil", what)
	case !sameShape(x, y):
		b.Failf("%s: the shapes %v and %v differ: both must have the same, nothing is broadcast", what, Shape(x.Shape()), Shape(y.Shape()))
	}
	return b.Err() == nil
}

// perSample sums x [N, ...] over all axes but the first, to [N].
func (b *Builder) perSample(what string, x *Node) *Node {
	if x == nil || b.Err() != nil {
		return nil
	}
	switch axes := allAxes(x, nil); len(axes) {
	case 0:
		b.Failf("%s: want a batch axis, [N, ...], have a scalar", what)
		return nil
	case 1:
		return x
	default:
		return b.Sum(x, axes[1:]...)
	}
}

func squaredError() lower.Expr { return a0().Sub(a1()).Square() }

// MSE is the mean squared error, the mean over all elements of (x-target)^2,
// of a prediction x and a target of the same shape: a scalar.
func (b *Builder) MSE(x, target *Node) *Node {
	if !b.alike("mean squared error", x, target) {
		return nil
	}
	return b.Mean(b.Map(squaredError(), x, target))
}

// SquaredErrorPerSample is the squared error of each sample, the sum of
// (x-target)^2 over all axes but the first: [N] for x and target [N, ...].
func (b *Builder) SquaredErrorPerSample(x, target *Node) *Node {
	if !b.alike("squared error", x, target) {
		return nil
	}
	return b.perSample("squared error", b.Map(squaredError(), x, target))
}

// binaryCrossEntropy is log(1+e^x) - x t, whose derivative is sigmoid(x) - t:
// nothing overflows, and no logarithm of 0 is taken.
func binaryCrossEntropy() lower.Expr { return lower.Softplus(a0()).Sub(a0().Mul(a1())) }

// probabilities says that the elements of a target are wanted in [0,1].
func (b *Builder) probabilities(target *Node, loss string) {
	b.domain(target, Domain{Hi: 1, Loss: loss, Remedy: "scale it, such as pixels by 1/255, or take the mean squared error as loss"})
}

// BCEWithLogits is the binary cross entropy in nats, the mean over all
// elements of -t log s - (1-t) log(1-s) with s = sigmoid(logits), for targets
// t in [0,1] of the same shape: a scalar. It is finite for every finite logit.
// The range is a Domain of the target where that is an input.
func (b *Builder) BCEWithLogits(logits, target *Node) *Node {
	if !b.alike("binary cross entropy", logits, target) {
		return nil
	}
	b.probabilities(target, "binary cross entropy")
	return b.Mean(b.Map(binaryCrossEntropy(), logits, target))
}

// BCEWithLogitsPerSample is the binary cross entropy of each sample in nats,
// summed over all axes but the first: [N] for logits and target [N, ...].
func (b *Builder) BCEWithLogitsPerSample(logits, target *Node) *Node {
	if !b.alike("binary cross entropy", logits, target) {
		return nil
	}
	b.probabilities(target, "binary cross entropy")
	return b.perSample("binary cross entropy", b.Map(binaryCrossEntropy(), logits, target))
}

// KLStandardNormal is the Kullback-Leibler divergence in nats of the diagonal
// normal with mean mu and variance e^logVar from the standard normal,
//
//	0.5 sum (mu^2 + e^logVar - 1 - logVar)
//
// over all axes but the first: [N] for mu and logVar [N, ...] (Kingma and
// Welling 2013, appendix B). It is 0 where both are 0.
func (b *Builder) KLStandardNormal(mu, logVar *Node) *Node {
	if !b.alike("kl of mu and logVar", mu, logVar) {
		return nil
	}
	// expm1 keeps the digits that 1 would take where the variance is near 1.
	e := lower.Num(0.5).Mul(a0().Square().Add(lower.Expm1(a1()).Sub(a1())))
	return b.perSample("kl", b.Map(e, mu, logVar))
}

// CrossEntropy is the cross entropy in nats along an axis of classes,
// -sum target log softmax(logits), averaged over all other axes: a scalar. The
// target has the shape of logits and holds probabilities, such as one-hot rows.
func (b *Builder) CrossEntropy(logits, target *Node, axis int) *Node {
	if !b.alike("cross entropy", logits, target) {
		return nil
	}
	b.domain(target, Domain{Hi: 1, Loss: "cross entropy", Remedy: "give probabilities, such as one-hot rows of labels"})
	terms := b.Map(a0().Mul(a1()).Neg(), b.LogSoftmax(logits, axis), target)
	if terms == nil {
		return nil
	}
	return b.Scale(b.Sum(terms), float64(terms.Shape()[axis])/float64(terms.DataSize()))
}
