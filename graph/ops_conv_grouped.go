package graph

// GroupedConv2D is Conv2D within groups of channels. It divides the channels of
// images x [N, C, H, W] and the kernels w [O, C/groups, KH, KW] into consecutive
// groups. Each group of kernels reads only its group of channels. The result is
// [N, O, P, Q] as in Conv2D. The number of groups must divide C and O. With a group
// for each channel it is DepthwiseConv2D.
func (b *Builder) GroupedConv2D(x, w *Node, g ConvGeometry, groups int) *Node {
	return b.convolve("grouped conv2d", x, w, g, groups)
}

// DepthwiseConv2D convolves each channel of images x [N, C, H, W] alone, with M
// kernels of w [C*M, 1, KH, KW], to y [N, C*M, P, Q]:
//
//	y[n, c*M+m, p, q] = sum over i,j of w[c*M+m, 0, i, j] * x[n, c, p*stride+i*dilation-top, q*stride+j*dilation-left]
//
// where x is zero outside of the image.
func (b *Builder) DepthwiseConv2D(x, w *Node, g ConvGeometry) *Node {
	const op = "depthwise conv2d"
	if b.Err() != nil {
		return nil
	}
	if err := rank4([]string{"images [N, C, H, W]", "kernels [C*M, 1, KH, KW]"}, x, w); err != nil {
		b.Failf("%s: %w", op, err)
		return nil
	}
	c, k := x.Shape()[1], Shape(w.Shape())
	if k[1] != 1 || k[0]%c != 0 {
		b.Failf("%s of %v: the kernels are %v, want [%d*M, 1, KH, KW], M for each channel", op, Shape(x.Shape()), k, c)
		return nil
	}
	return b.convolve(op, x, w, g, c)
}

// convolve convolves within groups of channels. op names the function in errors.
func (b *Builder) convolve(op string, x, w *Node, g ConvGeometry, groups int) *Node {
	if b.Err() != nil {
		return nil
	}
	if err := rank4([]string{"images [N, C, H, W]", "kernels [O, C/groups, KH, KW]"}, x, w); err != nil {
		b.Failf("%s: %w", op, err)
		return nil
	}
	s, k := Shape(x.Shape()), Shape(w.Shape())
	switch {
	case groups < 1 || s[1]%groups != 0 || k[0]%groups != 0:
		b.Failf("%s: %d groups of %d channels and %d kernels: want a number that divides both", op, groups, s[1], k[0])
		return nil
	case groups > 1 && k[1] != s[1]/groups:
		b.Failf("%s: the kernels %v have %d channels, want %d, because %d channels are in %d groups", op, k, k[1], s[1]/groups, s[1], groups)
		return nil
	}
	r, err := g.resolve(plane(x), plane(w))
	if err != nil {
		b.Failf("%s of %v: %w", op, []Shape{s, k}, err)
		return nil
	}
	if groups > 1 {
		r.Groups = groups
	}
	return conv2dOp().Apply(b, convAttrs{r}, x, w)
}
