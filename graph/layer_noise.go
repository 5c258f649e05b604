package graph

import (
	"math"

	"github.com/stheno-ml/stheno/lower"
)

// Dropout sets each element to 0 with probability Rate in training and divides
// the others by 1-Rate, which preserves the mean (Srivastava et al. 2014,
// "inverted"). Outside training it returns its operand.
type Dropout struct {
	Rate float64 // from 0 to below 1; 0 drops nothing
}

// Apply drops elements of x [N, ...]. The sample determines which ones; see
// Builder.Uniform.
func (l Dropout) Apply(b *Builder, x *Node) *Node {
	return b.Layer("Dropout", b.Dropout(x, l.Rate))
}

// GaussianNoise adds normal noise of standard deviation Std in training.
// Outside training it returns its operand.
type GaussianNoise struct {
	Std    float64 // at least 0; 0 adds nothing
	Always bool    // adds noise outside training too
}

// Apply adds noise to x [N, ...]. The sample determines the noise; see
// Builder.Normal.
func (l GaussianNoise) Apply(b *Builder, x *Node) *Node {
	if b.Err() == nil && (b.Training || l.Always) {
		x = b.AddNoise(x, l.Std)
	}
	return b.Layer("GaussianNoise", x)
}

// Dropout in training sets each element of x [N, ...] to 0 with probability
// rate, at least 0 and below 1, and divides the others by 1-rate; outside
// training it is x. Two dropouts draw independently, even of the same node.
func (b *Builder) Dropout(x *Node, rate float64) *Node {
	switch {
	case x == nil || b.Err() != nil:
		return nil
	case !(rate >= 0 && rate < 1):
		b.Failf("dropout: the rate is %g, want at least 0 and below 1", rate)
		return nil
	case x.Dims() == 0:
		b.Failf("dropout: want x [N, ...], have a scalar")
		return nil
	case !b.Training || rate == 0:
		return x
	}
	// Uniform numbers are multiples of 2^-24. So is the bound, which makes it exact in
	// float32.
	bound := math.Ceil(rate*0x1p24) * 0x1p-24
	dropped := a1().Less(lower.Num(bound))
	kept := a0().Mul(lower.Num(1 / (1 - rate)))
	return b.Map(lower.Where(dropped, zero(), kept), x, b.Uniform("dropout", x.Shape()...))
}

// AddNoise adds normal noise of standard deviation std, at least 0, to
// x [N, ...], in training and outside it.
func (b *Builder) AddNoise(x *Node, std float64) *Node {
	switch {
	case x == nil || b.Err() != nil:
		return nil
	case !(std >= 0) || math.IsInf(std, 0):
		b.Failf("gaussian noise: the standard deviation is %g, want a finite one, at least 0", std)
		return nil
	case x.Dims() == 0:
		b.Failf("gaussian noise: want x [N, ...], have a scalar")
		return nil
	case std == 0:
		return x
	}
	return b.Map(a0().Add(a1().Mul(lower.Num(std))), x, b.Normal("noise", x.Shape()...))
}
