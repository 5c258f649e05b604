package graph

// GroupedConv2D is Conv2D within groups of channels. It divides the channels of
// images x [N, C, H, W] and the kernels w [O, C/groups, KH, KW] into consecutive
// groups. Each group of kernels reads only its group of channels. The result is
// [N, O, P, Q] as in Conv2D. The number of groups must divide C and O. With a group
// for each channel it is DepthwiseConv2D.
func (b *Builder) GroupedConv2D(x, w *Node, g ConvGeometry, groups int) *Node {
	if b.Err() != nil {
		return nil
	}
	if err := rank4([]string{"images [N, C, H, W]", "kernels [O, C/groups, KH, KW]"}, x, w); err != nil {
		b.Failf("grouped conv2d: %w", err)
		return nil
	}
	c, o := x.Shape()[1], w.Shape()[0]
	switch {
	case groups < 1 || c%groups != 0 || o%groups != 0:
		b.Failf("grouped conv2d: %d groups of %d channels and %d kernels: want a number that divides both", groups, c, o)
		return nil
	case w.Shape()[1] != c/groups:
		b.Failf("grouped conv2d: the kernels %v have %d channels, want %d, because %d channels are in %d groups", Shape(w.Shape()), w.Shape()[1], c/groups, c, groups)
		return nil
	case groups == 1:
		return b.Conv2D(x, w, g)
	case groups == c:
		return b.DepthwiseConv2D(x, w, g)
	}
	xs, ws := b.Split(x, 1, groups), b.Split(w, 0, groups)
	if b.Err() != nil {
		return nil
	}
	parts := make([]*Node, groups)
	for i := range parts {
		parts[i] = b.Conv2D(xs[i], ws[i], g)
	}
	return b.Concat(1, parts...)
}
