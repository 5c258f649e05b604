package graph

// MaxPool1D takes the greatest element of every window of a signal: MaxPool2D on
// images of one row.
type MaxPool1D struct {
	Size    int     // of the window
	Stride  int     // Size by default
	Padding Padding // Valid by default
	Margins [2]int  // before and after the signal, for Valid; smaller than the window
}

// Apply takes signals x [N, C, L] to [N, C, P], P = (L + before + after - Size)/Stride + 1
// rounded down. Error messages call L the columns of an image.
func (l MaxPool1D) Apply(b *Builder, x *Node) *Node {
	y := b.MaxPool2D(b.signalsAsImages("max pool", x), rowWindow(l.Size, l.Stride, l.Padding, l.Margins))
	return b.Layer("MaxPool1D", b.imagesAsSignals(y))
}

// AvgPool1D takes the mean of every window of a signal: AvgPool2D on images of one
// row.
type AvgPool1D struct {
	Size     int     // of the window
	Stride   int     // Size by default
	Padding  Padding // Valid by default
	Margins  [2]int  // before and after the signal, for Valid; smaller than the window
	CountPad bool    // elements outside the signal count as zeros
}

// Apply takes signals x [N, C, L] to [N, C, P] as MaxPool1D does.
func (l AvgPool1D) Apply(b *Builder, x *Node) *Node {
	g := rowWindow(l.Size, l.Stride, l.Padding, l.Margins)
	g.CountPad = l.CountPad
	return b.Layer("AvgPool1D", b.imagesAsSignals(b.AvgPool2D(b.signalsAsImages("average pool", x), g)))
}

// rowWindow is a window of one row.
func rowWindow(size, stride int, p Padding, m [2]int) PoolGeometry {
	return PoolGeometry{Size: Pair{1, size}.withoutDefault(), Stride: alongRow(stride), Padding: p, Margins: rowMargins(m)}
}

// withoutDefault returns the pair, or the zero Pair if the second number is 0. Or
// would replace that number by the first one; the op rejects the zero Pair.
func (p Pair) withoutDefault() Pair {
	if p[1] == 0 {
		return Pair{}
	}
	return p
}

// GlobalAvgPool takes the mean of each channel.
type GlobalAvgPool struct{}

// Apply takes x [N, C, ...] to [N, C]: the mean over all axes after the channels.
func (l GlobalAvgPool) Apply(b *Builder, x *Node) *Node {
	if x == nil || b.Err() != nil {
		return nil
	}
	if x.Dims() < 3 {
		b.Failf("global average pool: x is %v, want x [N, C, ...] with an axis after the channels", Shape(x.Shape()))
		return nil
	}
	return b.Layer("GlobalAvgPool", b.Mean(x, allAxes(x, nil)[2:]...))
}
