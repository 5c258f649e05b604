package graph

// MaxPool2D takes the greatest pixel of every window.
type MaxPool2D struct {
	Size    Pair    // of the window: {2} is 2x2
	Stride  Pair    // Size by default
	Padding Padding // Valid by default
	Margins Margins // for Valid; smaller than the window
}

// Apply takes images x [N, C, H, W] to [N, C, P, Q]; see Builder.MaxPool2D.
func (l MaxPool2D) Apply(b *Builder, x *Node) *Node {
	return b.Layer("MaxPool2D", b.MaxPool2D(x, PoolGeometry{Size: l.Size, Stride: l.Stride, Padding: l.Padding, Margins: l.Margins}))
}

// AvgPool2D takes the mean of every window.
type AvgPool2D struct {
	Size     Pair    // of the window: {2} is 2x2
	Stride   Pair    // Size by default
	Padding  Padding // Valid by default
	Margins  Margins // for Valid; smaller than the window
	CountPad bool    // pixels outside the image count as zeros
}

// Apply takes images x [N, C, H, W] to [N, C, P, Q]; see Builder.AvgPool2D.
func (l AvgPool2D) Apply(b *Builder, x *Node) *Node {
	return b.Layer("AvgPool2D", b.AvgPool2D(x, PoolGeometry(l)))
}

// Upsample2D repeats each pixel: interpolation by the nearest neighbour.
type Upsample2D struct {
	Factor Pair // along rows and columns: {2} doubles both
}

// Apply takes images x [N, C, H, W] to [N, C, H*factor, W*factor].
func (l Upsample2D) Apply(b *Builder, x *Node) *Node {
	return b.Layer("Upsample2D", b.Upsample2D(x, l.Factor))
}
