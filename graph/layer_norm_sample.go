package graph

import (
	"cmp"

	"github.com/stheno-ml/stheno/lower"
)

// LayerNorm normalises each sample over its last axes to mean 0 and variance 1. It
// then scales it by gamma and shifts it by beta, its weights, which start at 1 and 0
// (Ba et al. 2016):
//
//	y = (x - mean) / sqrt(variance + Epsilon) * gamma + beta
//
// The variance has divisor n. The weights have the shape of the last axes.
type LayerNorm struct {
	Axes    int     // the number of last axes; 0 means 1
	Epsilon float64 // above 0; 0 means 1e-5
	NoScale bool    // without gamma and beta
}

// Apply normalises x [..., D], or x [..., D1, D2] with two Axes, and so on.
func (l LayerNorm) Apply(b *Builder, x *Node) *Node {
	if x == nil || b.Err() != nil {
		return nil
	}
	axes := cmp.Or(l.Axes, 1)
	if axes < 1 || axes > x.Dims() {
		b.Failf("layer norm: %d axes of x %v: want from 1 to %d", axes, Shape(x.Shape()), x.Dims())
		return nil
	}
	last := Shape(x.Shape()[x.Dims()-axes:]).Clone()
	y := b.normalize("layer norm", b.Reshape(x, x.DataSize()/last.Size(), last.Size()), l.Epsilon)
	if !l.NoScale {
		y = b.Map(scaleAndShift(), y, b.Reshape(b.Param("gamma", Ones(), last...), -1), b.Reshape(b.Param("beta", Zeros(), last...), -1))
	}
	return b.Layer("LayerNorm", b.Reshape(y, x.Shape()...))
}

// GroupNorm is LayerNorm over groups of channels of an image, with weights
// "gamma" and "beta" for each channel (Wu and He 2018). With one group it
// normalises all channels together; with a group for each channel it is
// InstanceNorm.
type GroupNorm struct {
	Groups  int     // divides the channels
	Epsilon float64 // above 0; 0 means 1e-5
	NoScale bool    // without gamma and beta
}

// Apply normalises x [N,C,...] for each sample and group of channels, over the group
// and the axes after the channels.
func (l GroupNorm) Apply(b *Builder, x *Node) *Node { return l.apply(b, "GroupNorm", "group norm", x) }

// InstanceNorm normalises each channel of each image to mean 0 and variance 1, and
// then scales it by "gamma" and shifts it by "beta" (Ulyanov et al. 2016).
type InstanceNorm struct {
	Epsilon float64 // above 0; 0 means 1e-5
	NoScale bool    // without gamma and beta
}

// Apply normalises x [N,C,...] for each sample and channel, over the axes after the
// channels.
func (l InstanceNorm) Apply(b *Builder, x *Node) *Node {
	if x == nil || b.Err() != nil {
		return nil
	}
	groups := 1
	if x.Dims() > 1 {
		groups = x.Shape()[1]
	}
	return GroupNorm{groups, l.Epsilon, l.NoScale}.apply(b, "InstanceNorm", "instance norm", x)
}

func (l GroupNorm) apply(b *Builder, kind, what string, x *Node) *Node {
	if x == nil || b.Err() != nil {
		return nil
	}
	s := Shape(x.Shape())
	switch {
	case len(s) < 2:
		b.Failf("%s: want x [N,C,...], have %v", what, s)
		return nil
	case l.Groups < 1 || s[1]%l.Groups != 0:
		b.Failf("%s: %d groups of %d channels: want a number that divides the channels", what, l.Groups, s[1])
		return nil
	}
	rows := s[0] * l.Groups
	y := b.Reshape(b.normalize(what, b.Reshape(x, rows, s.Size()/rows), l.Epsilon), s...)
	if !l.NoScale {
		wide := make([]int, len(s)-1)
		for i := range wide {
			wide[i] = 1
		}
		wide[0] = s[1]
		weight := func(name string, init Init) *Node { return b.Reshape(b.Param(name, init, s[1]), wide...) }
		y = b.Map(scaleAndShift(), y, weight("gamma", Ones()), weight("beta", Zeros()))
	}
	return b.Layer(kind, y)
}

func scaleAndShift() lower.Expr { return a0().Mul(a1()).Add(lower.Arg(2)) }

// normalize gives each row of x [rows, n] mean 0 and variance 1.
func (b *Builder) normalize(what string, x *Node, epsilon float64) *Node {
	epsilon = cmp.Or(epsilon, 1e-5)
	if !b.positiveOrFail(what, "epsilon", epsilon) {
		return nil
	}
	n := float64(x.Shape()[1])
	centred := b.Sub(x, b.Scale(b.SumKeep(x, 1), 1/n))
	variance := b.Scale(b.SumKeep(b.Square(centred), 1), 1/n)
	return b.Map(a0().Mul(lower.Num(1).Div(lower.Sqrt(a1().Add(lower.Num(epsilon))))), centred, variance)
}
