package graph

// Conv1D is a convolutional layer along one axis: Conv2D on images of one row.
//
//	y[n,o,p] = act(b[o] + sum over c,i of w[o,c,i] * x[n, c, p*Stride + i*Dilation - before])
//
// where x is zero outside of the signal. Its parameters are the kernels
// "w" [Filters, C/Groups, K] and "b" [Filters], which starts at 0.
type Conv1D struct {
	Filters    int     // channels of the result
	Kernel     int     // taps of a kernel
	Stride     int     // 1 by default
	Dilation   int     // 1 by default
	Padding    Padding // Valid by default
	Margins    [2]int  // zeros before and after the signal, for Valid
	Groups     int     // see Conv2D; 1 by default
	NoBias     bool
	Init       Init       // start of "w"; nil is GlorotUniform
	Activation Activation // "" is none
}

// Apply takes signals x [N, C, L] to [N, Filters, P], with
// P = (L + before + after - Dilation*(Kernel-1) - 1)/Stride + 1, rounded down, or
// L/Stride, rounded up, with Same padding. Error messages call L the columns of an image.
func (l Conv1D) Apply(b *Builder, x *Node) *Node {
	x = b.signalsAsImages("conv1d", x)
	if x == nil || !b.filtersOrFail("conv1d", x, l.Filters, [2]int{1, l.Kernel}) {
		return nil
	}
	channels, groups, ok := b.groupsOrFail("conv1d", x, l.Filters, l.Groups)
	if !ok {
		return nil
	}
	w := b.Reshape(b.Param("w", orGlorot(l.Init), l.Filters, channels, l.Kernel), l.Filters, channels, 1, l.Kernel)
	g := ConvGeometry{alongRow(l.Stride), alongRow(l.Dilation), l.Padding, rowMargins(l.Margins)}
	y := b.channelBias(b.GroupedConv2D(x, w, g, groups), l.NoBias)
	return b.Layer("Conv1D", b.imagesAsSignals(b.Activate(l.Activation, y)))
}

// ConvTranspose1D is a layer of transposed convolutions along one axis:
// ConvTranspose2D on images of one row. Its parameters are the kernels
// "w" [C, Filters, K] and "b" [Filters], which starts at 0.
type ConvTranspose1D struct {
	Filters       int     // channels of the result
	Kernel        int     // taps of a kernel
	Stride        int     // 1 by default
	Dilation      int     // 1 by default
	Padding       Padding // Valid by default
	Margins       [2]int  // cut off the ends of the result, for Valid
	OutputPadding int     // for Valid; see TransposeGeometry
	Out           int     // length of the result, one of several possible; see TransposeGeometry
	NoBias        bool
	Init          Init       // start of "w"; nil is GlorotUniform
	Activation    Activation // "" is none
}

// Apply takes signals x [N, C, P] to [N, Filters, L], with
// L = (P-1)*Stride - before - after + Dilation*(Kernel-1) + 1 + OutputPadding, or
// P*Stride with Same padding. Error messages call L the columns of an image.
func (l ConvTranspose1D) Apply(b *Builder, x *Node) *Node {
	x = b.signalsAsImages("transposed conv1d", x)
	if x == nil || !b.filtersOrFail("transposed conv1d", x, l.Filters, [2]int{1, l.Kernel}) {
		return nil
	}
	c := x.Shape()[1]
	w := b.Reshape(b.Param("w", orGlorot(l.Init), c, l.Filters, l.Kernel), c, l.Filters, 1, l.Kernel)
	g := TransposeGeometry{Stride: alongRow(l.Stride), Dilation: alongRow(l.Dilation), Padding: l.Padding,
		Margins: rowMargins(l.Margins), OutputPadding: Pair{0, l.OutputPadding}}
	if l.Out != 0 {
		g.Out = Pair{1, l.Out}
	}
	y := b.channelBias(b.ConvTranspose2D(x, w, g), l.NoBias)
	return b.Layer("ConvTranspose1D", b.imagesAsSignals(b.Activate(l.Activation, y)))
}

// signalsAsImages reads signals x [N, C, L] as images [N, C, 1, L], or records the
// mistake.
func (b *Builder) signalsAsImages(op string, x *Node) *Node {
	switch {
	case b.Err() != nil:
		return nil
	case x == nil:
		b.Failf("%s: x is nil, want signals x [N, C, L]", op)
		return nil
	case x.Dims() != 3:
		b.Failf("%s: x is %v, want signals x [N, C, L]: give vectors one channel with Reshape", op, Shape(x.Shape()))
		return nil
	}
	s := x.Shape()
	return b.Reshape(x, s[0], s[1], 1, s[2])
}

// imagesAsSignals reads images of one row, y [N, C, 1, L], as signals [N, C, L].
func (b *Builder) imagesAsSignals(y *Node) *Node {
	if y == nil || b.Err() != nil {
		return nil
	}
	s := y.Shape()
	return b.Reshape(y, s[0], s[1], s[3])
}

// alongRow is a step along a row; 0 is the default.
func alongRow(step int) Pair {
	if step == 0 {
		return Pair{}
	}
	return Pair{1, step}
}

// rowMargins are margins before and after a row.
func rowMargins(m [2]int) Margins { return Margins{Left: m[0], Right: m[1]} }
