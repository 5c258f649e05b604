package graph

import (
	"cmp"

	"github.com/stheno-ml/stheno/lower"
)

// BatchNorm gives each channel mean beta and standard deviation gamma, its
// weights, which start at 0 and 1 (Ioffe and Szegedy 2015):
//
//	y = (x - mean) / sqrt(variance + Epsilon) * gamma + beta
//
// In training, mean and variance are those of the batch, the variance with
// divisor n, n being the number of values of a channel. The states "mean" and
// "var" follow them:
//
//	state <- Momentum*state + (1-Momentum)*batch's
//
// where the batch's variance has divisor n-1. They start at 0 and 1, and are
// what is used outside training. All this is as in PyTorch, but Momentum is
// the share that stays: 1 minus PyTorch's.
type BatchNorm struct {
	Momentum *float64 // from 0 to 1; nil means 0.9, 0 keeps the last batch's alone
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
		b.Failf("batch norm: momentum %g and epsilon %g: want one from 0 to 1, and one above 0", momentum, epsilon)
		return nil
	}
	var axes, wide []int // those combined; the channels' shape among x's axes
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
		follow := func(state, batch *Node, scale float64) {
			e := a0().Mul(lower.Num(momentum)).Add(a1().Mul(lower.Num((1 - momentum) * scale)))
			b.Update(state, b.Map(e, state, b.Reshape(batch, channels)))
		}
		follow(runMean, mean, 1)
		follow(runVar, squares, 1/(n-1))
	} else {
		centred, variance = b.Sub(x, b.Reshape(runMean, wide...)), b.Reshape(runVar, wide...)
	}
	scale := b.Map(a0().Div(lower.Sqrt(a1().Add(lower.Num(epsilon)))), b.Reshape(gamma, wide...), variance)
	y := b.Map(a0().Mul(a1()).Add(lower.Arg(2)), centred, scale, b.Reshape(beta, wide...))
	return b.Layer("BatchNorm", y)
}
