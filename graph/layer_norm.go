package graph

import (
	"cmp"

	"github.com/stheno-ml/stheno/lower"
)

// BatchNorm normalises each channel to mean 0 and variance 1. It then scales it by
// gamma and shifts it by beta, its weights, which start at 1 and 0 (Ioffe and
// Szegedy 2015):
//
//	y = (x - mean) / sqrt(variance + Epsilon) * gamma + beta
//
// In training, mean and variance are those of the batch. The variance has divisor n,
// the number of values of a channel. The states "mean" and "var" are running means:
//
//	state <- Momentum*state + (1-Momentum)*batch's
//
// where the batch's variance has divisor n-1. They start at 0 and 1, and replace the
// batch's statistics outside training. All this is as in PyTorch, except that
// Momentum is the weight of the old state: 1 minus PyTorch's momentum.
type BatchNorm struct {
	Momentum *float64 // from 0 to 1; nil means 0.9; 0 keeps only the last batch's statistics
	Epsilon  float64  // above 0; 0 means 1e-5
}

// Apply normalises x [N,C,H,W] for each of the C channels over N, H and W, or
// x [N,D] for each of the D features over N. In training a channel must have
// more than one value.
func (l BatchNorm) Apply(b *Builder, x *Node) *Node {
	if x == nil || b.Err() != nil {
		return nil
	}
	momentum, epsilon := 0.9, cmp.Or(l.Epsilon, 1e-5)
	if l.Momentum != nil {
		momentum = *l.Momentum
	}
	if !(momentum >= 0 && momentum <= 1) || !(epsilon > 0) {
		b.Failf("batch norm: momentum %g and epsilon %g: want a momentum from 0 to 1, and an epsilon above 0", momentum, epsilon)
		return nil
	}
	var axes, wide []int // the axes to reduce; the channels' shape, to broadcast over x
	switch s := x.Shape(); len(s) {
	case 2:
		axes, wide = []int{0}, []int{1, s[1]}
	case 4:
		axes, wide = []int{0, 2, 3}, []int{1, s[1], 1, 1}
	default:
		b.Failf("batch norm: want x [N,C,H,W] or [N,D], have %v", Shape(s))
		return nil
	}
	channels := x.Shape()[1]
	gamma, beta := b.Param("gamma", Ones(), channels), b.Param("beta", Zeros(), channels)
	runMean, runVar := b.State("mean", Zeros(), channels), b.State("var", Ones(), channels)

	var centred, variance *Node
	if b.Training {
		n := float64(x.DataSize() / channels)
		if n < 2 {
			b.Failf("batch norm: x %v is a batch of one sample with one value per channel, and training wants more than one: take a larger batch, or leave a short last one out by train.Options.DropLast", Shape(x.Shape()))
			return nil
		}
		mean := b.Scale(b.SumKeep(x, axes...), 1/n)
		centred = b.Sub(x, mean)
		squares := b.SumKeep(b.Square(centred), axes...)
		variance = b.Scale(squares, 1/n)
		updateRunning := func(state, batch *Node, scale float64) {
			e := a0().Mul(lower.Num(momentum)).Add(a1().Mul(lower.Num((1 - momentum) * scale)))
			b.Update(state, b.Map(e, state, b.Reshape(batch, channels)))
		}
		updateRunning(runMean, mean, 1)
		updateRunning(runVar, squares, 1/(n-1))
	} else {
		centred, variance = b.Sub(x, b.Reshape(runMean, wide...)), b.Reshape(runVar, wide...)
	}
	scale := b.Map(a0().Div(lower.Sqrt(a1().Add(lower.Num(epsilon)))), b.Reshape(gamma, wide...), variance)
	y := b.Map(a0().Mul(a1()).Add(lower.Arg(2)), centred, scale, b.Reshape(beta, wide...))
	return b.Layer("BatchNorm", y)
}
