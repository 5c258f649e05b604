package graph

import "github.com/stheno-ml/stheno/lower"

// Losses of class labels: whole numbers from 0 to the number of classes less 1.

// CrossEntropyOfLabels is the cross entropy in nats of logits [N, C] and labels
// [N]: the mean over samples of -log softmax(logits) at the label, a scalar.
func (b *Builder) CrossEntropyOfLabels(logits, label *Node) *Node {
	return b.Mean(b.CrossEntropyOfLabelsPerSample(logits, label))
}

// CrossEntropyOfLabelsPerSample is the cross entropy in nats of each sample, for
// logits [N, C] and labels [N]: [N]. For logits [N, C, ...] and labels [N, ...] it
// is the sum over the axes after the classes.
func (b *Builder) CrossEntropyOfLabelsPerSample(logits, label *Node) *Node {
	at := b.atLabel("cross entropy of labels", logits, label)
	if at == nil {
		return nil
	}
	return b.perSample("cross entropy of labels", b.Sum(b.Map(lower.Where(a0(), a1().Neg(), zero()), at, b.LogSoftmax(logits, 1)), 1))
}

// Accuracy is the share of samples whose greatest logit, of logits [N, C], is at
// the label [N]: a scalar without gradient. Of several equal maxima the first counts.
func (b *Builder) Accuracy(logits, label *Node) *Node {
	if b.atLabel("accuracy", logits, label) == nil {
		return nil
	}
	return b.Mean(b.Equal(b.ArgMax(logits, 1), label))
}

// atLabel is 1 at the label's class and 0 elsewhere, in the shape of logits.
func (b *Builder) atLabel(what string, logits, label *Node) *Node {
	if b.Err() != nil {
		return nil
	}
	if logits == nil || label == nil {
		b.Failf("%s: an operand is nil", what)
		return nil
	}
	s := Shape(logits.Shape())
	if len(s) < 2 || !append(Shape{s[0]}, s[2:]...).Equal(Shape(label.Shape())) {
		b.Failf("%s: logits %v and labels %v: want [N, C, ...] and [N, ...]", what, s, Shape(label.Shape()))
		return nil
	}
	b.indexDomain(label, s[1], what)
	return b.hot(label, 1, s[1])
}
