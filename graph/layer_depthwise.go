package graph

import "cmp"

// DepthwiseConv2D is a layer that convolves each channel separately,
// y = act(depthwise conv2d(x, w) + b). Its parameters are the kernels
// "w" [C*Multiplier, 1, KH, KW] and "b" [C*Multiplier], which starts at 0. Followed
// by a Conv2D of 1x1, it is a depthwise separable convolution (Chollet 2017).
type DepthwiseConv2D struct {
	Multiplier int     // kernels for each channel; 1 by default
	Kernel     Pair    // size of the kernels: {3} is 3x3
	Stride     Pair    // 1 by default
	Dilation   Pair    // 1 by default
	Padding    Padding // Valid by default
	Margins    Margins // of zeros, for Valid
	NoBias     bool
	Init       Init       // start of "w"; nil is GlorotUniform
	Activation Activation // "" is none
}

// Apply takes images x [N, C, H, W] to [N, C*Multiplier, P, Q]; see
// Builder.DepthwiseConv2D.
func (l DepthwiseConv2D) Apply(b *Builder, x *Node) *Node {
	if b.Err() != nil {
		return nil
	}
	if err := rank4([]string{"images [N, C, H, W]"}, x); err != nil {
		b.Failf("depthwise conv2d: %w", err)
		return nil
	}
	k, m := l.Kernel.Or(0), cmp.Or(l.Multiplier, 1)
	if m < 1 || m > 1<<30 || k[0] < 1 || k[1] < 1 {
		b.Failf("depthwise conv2d: %d kernels of %d by %d for each channel: want at least 1 of each, and at most 2^30 kernels", m, k[0], k[1])
		return nil
	}
	w := b.Param("w", orGlorot(l.Init), x.Shape()[1]*m, 1, k[0], k[1])
	if w == nil {
		return nil
	}
	y := b.DepthwiseConv2D(x, w, ConvGeometry{l.Stride, l.Dilation, l.Padding, l.Margins})
	return b.Layer("DepthwiseConv2D", b.Activate(l.Activation, b.channelBias(y, l.NoBias)))
}

// groupsOrFail returns the number of channels that each filter of a layer sees, and
// the number of groups of channels, where 0 means 1. It records the mistake if the
// groups do not divide both.
func (b *Builder) groupsOrFail(op string, x *Node, filters, groups int) (channels, n int, ok bool) {
	n = cmp.Or(groups, 1)
	c := x.Shape()[1]
	if n < 1 || c%n != 0 || filters%n != 0 {
		b.Failf("%s: %d groups of %d channels and %d filters: want a number that divides both", op, n, c, filters)
		return 0, 0, false
	}
	return c / n, n, true
}
