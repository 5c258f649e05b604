package graph

import "github.com/stheno-ml/stheno/lower"

// GroupedConv2D is Conv2D within groups of channels: the channels of images
// x [N, C, H, W] and the kernels w [O, C/groups, KH, KW] are cut into groups in
// their order, and each group of kernels sees its group of channels alone. The
// result is [N, O, P, Q] as of Conv2D. It is exact for any number of groups that
// divides C and O; with as many groups as channels it is DepthwiseConv2D.
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
		b.Failf("grouped conv2d: the kernels %v have %d channels, want %d, as %d channels are in %d groups", Shape(w.Shape()), w.Shape()[1], c/groups, c, groups)
		return nil
	case groups == 1:
		return b.Conv2D(x, w, g)
	case groups == c:
		return b.DepthwiseConv2D(x, w, g)
	}
	parts := make([]*Node, groups)
	for i := range parts {
		parts[i] = b.Conv2D(b.Slice(x, 1, i*c/groups, (i+1)*c/groups), b.Slice(w, 0, i*o/groups, (i+1)*o/groups), g)
	}
	return b.Concat(1, parts...)
}

// DepthwiseConv2D convolves each channel of images x [N, C, H, W] alone, with M
// kernels of w [C*M, 1, KH, KW], to y [N, C*M, P, Q]:
//
//	y[n, c*M+m, p, q] = sum over i,j of w[c*M+m, 0, i, j] * x[n, c, p*stride+i*dilation-top, q*stride+j*dilation-left]
//
// where x is zero outside of the image. It is elementwise over shifted slices of
// the padded image, one for each tap.
func (b *Builder) DepthwiseConv2D(x, w *Node, g ConvGeometry) *Node {
	if b.Err() != nil {
		return nil
	}
	if err := rank4([]string{"images [N, C, H, W]", "kernels [C*M, 1, KH, KW]"}, x, w); err != nil {
		b.Failf("depthwise conv2d: %w", err)
		return nil
	}
	s, k := Shape(x.Shape()), Shape(w.Shape())
	if k[1] != 1 || k[0]%s[1] != 0 {
		b.Failf("depthwise conv2d of %v: the kernels are %v, want [%d*M, 1, KH, KW], M for each channel", s, k, s[1])
		return nil
	}
	r, err := g.resolve(plane(x), plane(w))
	var out []Shape
	if err == nil { // one channel has the size of all
		out, err = lower.Conv(convAttrs{r}).Infer([]Shape{{s[0], 1, s[2], s[3]}, {1, 1, k[2], k[3]}})
	}
	if err != nil {
		b.Failf("depthwise conv2d of %v: %w", []Shape{s, k}, err)
		return nil
	}
	x = b.zeroPad(b.zeroPad(x, 2, r.Pad.Top, r.Pad.Bottom), 3, r.Pad.Left, r.Pad.Right)
	if x == nil {
		return nil
	}
	// Several kernels of a channel are an axis of their own, along which x repeats.
	taps := b.Reshape(w, k[0], k[2]*k[3], 1)
	if k[0] > s[1] {
		x = b.Reshape(x, s[0], s[1], 1, x.Shape()[2], x.Shape()[3])
		taps = b.Reshape(w, s[1], k[0]/s[1], k[2]*k[3], 1)
	}
	y := b.sumOfTaps(x, taps, r, k[2:], out[0][2:])
	return b.Reshape(y, s[0], k[0], out[0][2], out[0][3])
}

// tapsAtOnce bounds the taps that one expression adds up: each is a slice of the
// image and a weight. Kernels of 3x3 are one expression.
const tapsAtOnce = 9

// sumOfTaps adds up the taps of kernels of a size on padded images x [..., H, W],
// giving [..., P, Q] of the size out. The weights of tap i*KW+j are in that slice
// of the last axis but one of taps.
func (b *Builder) sumOfTaps(x, taps *Node, g lower.Geometry, size, out Shape) *Node {
	if x == nil || taps == nil || b.Err() != nil {
		return nil
	}
	rows, tap := x.Dims()-2, taps.Dims()-2
	var sum lower.Expr
	var args []*Node
	for i := range size[0] {
		at := i * g.Dilation[0]
		band := b.SliceStep(x, rows, at, at+(out[0]-1)*g.Stride[0]+1, g.Stride[0])
		for j := range size[1] {
			at := j * g.Dilation[1]
			k := i*size[1] + j
			product := lower.Arg(len(args)).Mul(lower.Arg(len(args) + 1))
			args = append(args, b.SliceStep(band, rows+1, at, at+(out[1]-1)*g.Stride[1]+1, g.Stride[1]), b.Slice(taps, tap, k, k+1))
			switch {
			case k == 0:
				sum = product
			default:
				sum = sum.Add(product)
			}
			if (k+1)%tapsAtOnce == 0 && k+1 < size.Size() {
				args, sum = []*Node{b.Map(sum, args...)}, lower.Arg(0)
			}
		}
	}
	return b.Map(sum, args...)
}

// zeroPad adds zeros before and after x along an axis.
func (b *Builder) zeroPad(x *Node, axis, before, after int) *Node {
	if x == nil || before == 0 && after == 0 {
		return x
	}
	n := x.Shape()[axis]
	return unsliceOp().Apply(b, unsliceAttrs{sliceAttrs{axis, before, before + n, 1}, before + n + after}, x)
}
