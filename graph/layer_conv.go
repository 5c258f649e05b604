package graph

// Conv2D is a convolutional layer, y = act(conv2d(x, w) + b). Its parameters
// are the kernels "w" [Filters, C/Groups, KH, KW] and "b" [Filters], which starts
// at 0.
type Conv2D struct {
	Filters    int     // channels of the result
	Kernel     Pair    // size of the kernels: {3} is 3x3
	Stride     Pair    // 1 by default
	Dilation   Pair    // 1 by default
	Padding    Padding // Valid by default
	Margins    Margins // of zeros, for Valid
	Groups     int     // divides C and Filters; see Builder.GroupedConv2D; 1 by default
	NoBias     bool
	Init       Init       // start of "w"; nil is GlorotUniform
	Activation Activation // "" is none
}

// Apply takes images x [N, C, H, W] to [N, Filters, P, Q]; see Builder.Conv2D.
func (l Conv2D) Apply(b *Builder, x *Node) *Node {
	k := l.Kernel.Or(0)
	if !b.filtersOrFail("conv2d", x, l.Filters, k) {
		return nil
	}
	channels, groups, ok := b.groupsOrFail("conv2d", x, l.Filters, l.Groups)
	if !ok {
		return nil
	}
	w := b.Param("w", orGlorot(l.Init), l.Filters, channels, k[0], k[1])
	if w == nil {
		return nil
	}
	y := b.GroupedConv2D(x, w, ConvGeometry{l.Stride, l.Dilation, l.Padding, l.Margins}, groups)
	return b.Layer("Conv2D", b.Activate(l.Activation, b.channelBias(y, l.NoBias)))
}

// ConvTranspose2D is a layer of transposed convolutions,
// y = act(transposed conv2d(x, w) + b). Its parameters are the kernels "w"
// [C, Filters, KH, KW] and "b" [Filters], which starts at 0.
type ConvTranspose2D struct {
	Filters       int     // channels of the result
	Kernel        Pair    // size of the kernels: {3} is 3x3
	Stride        Pair    // 1 by default
	Dilation      Pair    // 1 by default
	Padding       Padding // Valid by default
	Margins       Margins // cut off the result, for Valid
	OutputPadding Pair    // for Valid; see TransposeGeometry
	Out           Pair    // size of the result, one of several possible; see TransposeGeometry
	NoBias        bool
	Init          Init       // start of "w"; nil is GlorotUniform
	Activation    Activation // "" is none
}

// Apply takes images x [N, C, P, Q] to [N, Filters, H, W]; see
// Builder.ConvTranspose2D.
func (l ConvTranspose2D) Apply(b *Builder, x *Node) *Node {
	k := l.Kernel.Or(0)
	if !b.filtersOrFail("transposed conv2d", x, l.Filters, k) {
		return nil
	}
	w := b.Param("w", orGlorot(l.Init), x.Shape()[1], l.Filters, k[0], k[1])
	if w == nil {
		return nil
	}
	y := b.ConvTranspose2D(x, w, TransposeGeometry{l.Stride, l.Dilation, l.Padding, l.Margins, l.OutputPadding, l.Out})
	return b.Layer("ConvTranspose2D", b.Activate(l.Activation, b.channelBias(y, l.NoBias)))
}

// filtersOrFail reports whether a layer of filters can be built on x, and records
// the mistake if not.
func (b *Builder) filtersOrFail(op string, x *Node, filters int, kernel [2]int) bool {
	if b.Err() != nil {
		return false
	}
	if err := rank4([]string{"images [N, C, H, W]"}, x); err != nil {
		b.Failf("%s: %w", op, err)
		return false
	}
	if filters < 1 || kernel[0] < 1 || kernel[1] < 1 {
		b.Failf("%s: %d filters of %d by %d: want at least 1 of each", op, filters, kernel[0], kernel[1])
		return false
	}
	return true
}

// orGlorot returns init, or GlorotUniform if it is nil.
func orGlorot(init Init) Init {
	if init == nil {
		return GlorotUniform(0, 0)
	}
	return init
}

// channelBias adds the bias "b", a number for each channel, unless noBias is set.
func (b *Builder) channelBias(y *Node, noBias bool) *Node {
	if y == nil || noBias {
		return y
	}
	c := y.Shape()[1]
	return b.Add(y, b.Reshape(b.Param("b", nil, c), c, 1, 1))
}
