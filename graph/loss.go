package graph

import "github.com/stheno-ml/stheno/lower"

// Losses compare a prediction with a target of the same shape, without
// broadcasting. A loss is a scalar, the mean. Its PerSample form is [N], the sum over
// all axes except the first.

// sameShapeOrFail reports whether x and y have the same shape, and records the
// mistake if not.
func (b *Builder) sameShapeOrFail(what string, x, y *Node) bool {
	switch {
	case b.Err() != nil:
	case x == nil || y == nil:
		b.Failf("%s: an operand is nil", what)
	case !sameShape(x, y):
		b.Failf("%s: the shapes %v and %v differ: both must be the same, without broadcasting", what, Shape(x.Shape()), Shape(y.Shape()))
	}
	return b.Err() == nil
}

// perSample sums x [N, ...] over all axes except the first, to [N].
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
	return b.meanLoss(elementLoss{"mean squared error", squaredError()}, x, target)
}

// SquaredErrorPerSample is the squared error of each sample, the sum of
// (x-target)^2 over all axes except the first: [N] for x and target [N, ...].
func (b *Builder) SquaredErrorPerSample(x, target *Node) *Node {
	return b.lossPerSample(elementLoss{"squared error", squaredError()}, x, target)
}

// binaryCrossEntropy is log(1+e^x) - x t, whose derivative is sigmoid(x) - t. It
// does not overflow, and takes no logarithm of 0.
func binaryCrossEntropy() lower.Expr { return lower.Softplus(a0()).Sub(a0().Mul(a1())) }

// probabilities records that the elements of a target must lie in [0,1].
func (b *Builder) probabilities(target *Node, loss string) {
	b.Domain(target, Domain{Hi: 1, Loss: loss, Remedy: "scale it, such as pixels by 1/255, or take the mean squared error as loss"})
}

// BCEWithLogits is the binary cross entropy in nats, the mean over all
// elements of -t log s - (1-t) log(1-s) with s = sigmoid(logits), for targets
// t in [0,1] of the same shape: a scalar. It is finite for every finite logit.
// If the target is an input, that range is a Domain of it.
func (b *Builder) BCEWithLogits(logits, target *Node) *Node {
	b.probabilities(target, "binary cross entropy")
	return b.meanLoss(elementLoss{"binary cross entropy", binaryCrossEntropy()}, logits, target)
}

// BCEWithLogitsPerSample is the binary cross entropy of each sample in nats,
// summed over all axes except the first: [N] for logits and target [N, ...].
func (b *Builder) BCEWithLogitsPerSample(logits, target *Node) *Node {
	b.probabilities(target, "binary cross entropy")
	return b.lossPerSample(elementLoss{"binary cross entropy", binaryCrossEntropy()}, logits, target)
}

// KLStandardNormal is the Kullback-Leibler divergence in nats of the diagonal
// normal with mean mu and variance e^logVar from the standard normal,
//
//	0.5 sum (mu^2 + e^logVar - 1 - logVar)
//
// over all axes except the first: [N] for mu and logVar [N, ...] (Kingma and
// Welling 2013, appendix B). It is 0 if both are 0.
func (b *Builder) KLStandardNormal(mu, logVar *Node) *Node {
	if !b.sameShapeOrFail("kl of mu and logVar", mu, logVar) {
		return nil
	}
	// e^x - 1 as expm1 does not cancel if the variance is near 1.
	e := lower.Num(0.5).Mul(a0().Square().Add(lower.Expm1(a1()).Sub(a1())))
	return b.perSample("kl", b.Map(e, mu, logVar))
}

// CrossEntropy is the cross entropy in nats along an axis of classes,
// -sum target log softmax(logits), averaged over all other axes: a scalar. The
// target has the shape of logits and holds probabilities, such as one-hot rows.
func (b *Builder) CrossEntropy(logits, target *Node, axis int) *Node {
	if !b.sameShapeOrFail("cross entropy", logits, target) {
		return nil
	}
	b.Domain(target, Domain{Hi: 1, Loss: "cross entropy", Remedy: "give probabilities, such as one-hot rows of labels"})
	terms := b.Map(a0().Mul(a1()).Neg(), b.LogSoftmax(logits, axis), target)
	if terms == nil {
		return nil
	}
	return b.Scale(b.Sum(terms), float64(terms.Shape()[axis])/float64(terms.DataSize()))
}
