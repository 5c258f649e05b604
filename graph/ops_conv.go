package graph

import (
	"fmt"

	"github.com/stheno-ml/stheno/lower"
)

// The attributes of the three convolution ops. They are each other's gradients.
type (
	convAttrs       lower.Conv
	convDataAttrs   lower.ConvData
	convFilterAttrs lower.ConvFilter
)

// eachTap calls f for every multiply-add of the convolution of images x with
// kernels w to y: y[n,o,p,q] takes x[n,c,r,s] times w[o,k,i,j], where c is channel k of
// the group that kernel o reads.
func eachTap(g lower.Geometry, x, w, y Shape, f func(n, o, p, q, c, k, i, j, r, s int)) {
	kernels := w[0] / g.ChannelGroups()
	each(Shape{y[0], y[1], y[2], y[3], w[1], w[2], w[3]}, func(at []int) {
		r := at[2]*g.Stride[0] + at[5]*g.Dilation[0] - g.Pad.Top
		s := at[3]*g.Stride[1] + at[6]*g.Dilation[1] - g.Pad.Left
		if r >= 0 && r < x[2] && s >= 0 && s < x[3] {
			c := at[1]/kernels*w[1] + at[4]
			f(at[0], at[1], at[2], at[3], c, at[4], at[5], at[6], r, s)
		}
	})
}

// conv2dOp correlates images with kernels.
func conv2dOp() Op[convAttrs] {
	return Op[convAttrs]{
		Name:  "conv2d",
		Arity: 2,
		Shape: func(a convAttrs, in []Shape) ([]Shape, error) { return inferBy(lower.Conv(a), in) },
		Define: func(a convAttrs, in, out []Array) {
			x, w, y := in[0], in[1], out[0]
			eachTap(a.Geometry, x.Shape, w.Shape, y.Shape, func(n, o, p, q, c, k, i, j, r, s int) {
				y.Add(x.At(n, c, r, s)*w.At(o, k, i, j), n, o, p, q)
			})
		},
		Lower: func(a convAttrs, f *lower.Func, in []lower.Value) []lower.Value {
			return f.Apply(lower.Conv(a), in...)[:1]
		},
		Grad: func(a convAttrs, p *Pullback) []*Node {
			x, w, g := p.In[0], p.In[1], p.Grad[0]
			return p.wanted(
				func() *Node { return conv2dDataOp().Apply(p.B, convDataAttrs{a.Geometry, plane(x)}, g, w) },
				func() *Node { return conv2dFilterOp().Apply(p.B, convFilterAttrs{a.Geometry, plane(w)}, x, g) },
			)
		},
	}
}

// conv2dDataOp is conv2d's gradient with respect to the images, and the transposed
// convolution.
func conv2dDataOp() Op[convDataAttrs] {
	return Op[convDataAttrs]{
		Name:  "conv2d_data",
		Arity: 2,
		Shape: func(a convDataAttrs, in []Shape) ([]Shape, error) { return inferBy(lower.ConvData(a), in) },
		Define: func(a convDataAttrs, in, out []Array) {
			dy, w, dx := in[0], in[1], out[0]
			eachTap(a.Geometry, dx.Shape, w.Shape, dy.Shape, func(n, o, p, q, c, k, i, j, r, s int) {
				dx.Add(dy.At(n, o, p, q)*w.At(o, k, i, j), n, c, r, s)
			})
		},
		Lower: func(a convDataAttrs, f *lower.Func, in []lower.Value) []lower.Value {
			return f.Apply(lower.ConvData(a), in...)[:1]
		},
		Grad: func(a convDataAttrs, p *Pullback) []*Node {
			dy, w, g := p.In[0], p.In[1], p.Grad[0]
			return p.wanted(
				func() *Node { return conv2dOp().Apply(p.B, convAttrs{a.Geometry}, g, w) },
				func() *Node { return conv2dFilterOp().Apply(p.B, convFilterAttrs{a.Geometry, plane(w)}, g, dy) },
			)
		},
	}
}

// conv2dFilterOp is conv2d's gradient with respect to the kernels.
func conv2dFilterOp() Op[convFilterAttrs] {
	return Op[convFilterAttrs]{
		Name:  "conv2d_filter",
		Arity: 2,
		Shape: func(a convFilterAttrs, in []Shape) ([]Shape, error) { return inferBy(lower.ConvFilter(a), in) },
		Define: func(a convFilterAttrs, in, out []Array) {
			x, dy, dw := in[0], in[1], out[0]
			eachTap(a.Geometry, x.Shape, dw.Shape, dy.Shape, func(n, o, p, q, c, k, i, j, r, s int) {
				dw.Add(x.At(n, c, r, s)*dy.At(n, o, p, q), o, k, i, j)
			})
		},
		Lower: func(a convFilterAttrs, f *lower.Func, in []lower.Value) []lower.Value {
			return f.Apply(lower.ConvFilter(a), in...)[:1]
		},
		Grad: func(a convFilterAttrs, p *Pullback) []*Node {
			x, dy, g := p.In[0], p.In[1], p.Grad[0]
			return p.wanted(
				func() *Node { return conv2dDataOp().Apply(p.B, convDataAttrs{a.Geometry, plane(x)}, dy, g) },
				func() *Node { return conv2dOp().Apply(p.B, convAttrs{a.Geometry}, x, g) },
			)
		},
	}
}

// wanted adds the gradients that are needed, by one function for each operand.
func (p *Pullback) wanted(grads ...func() *Node) []*Node {
	gs := make([]*Node, len(grads))
	for i, f := range grads {
		if p.Want[i] {
			gs[i] = f()
		}
	}
	return gs
}

// plane returns the last two extents of a node of rank 4.
func plane(x *Node) [2]int { return [2]int{x.Shape()[2], x.Shape()[3]} }

// rank4 returns an error unless the nodes have rank 4. The names describe them.
func rank4(names []string, xs ...*Node) error {
	for i, x := range xs {
		switch {
		case x == nil:
			return fmt.Errorf("operand %d is nil, want %s", i, names[i])
		case x.Dims() != 4:
			return fmt.Errorf("operand %d is %v, want %s", i, Shape(x.Shape()), names[i])
		}
	}
	return nil
}

// Conv2D correlates images x [N, C, H, W] with kernels w [O, C, KH, KW] to
// y [N, O, P, Q]:
//
//	y[n,o,p,q] = sum over c,i,j of w[o,c,i,j] * x[n, c, p*stride+i*dilation-top, q*stride+j*dilation-left]
//
// where x is zero outside the image, and
// P = (H + top + bottom - dilation*(KH-1) - 1)/stride + 1, rounded down; Q likewise.
func (b *Builder) Conv2D(x, w *Node, g ConvGeometry) *Node {
	return b.convolve("conv2d", x, w, g, 1)
}

// ConvTranspose2D is the transposed convolution of images x [N, C, P, Q] with
// kernels w [C, O, KH, KW]: the gradient of the Conv2D that takes images
// [N, O, H, W] to [N, C, P, Q]. The result is [N, O, H, W] with
// H = (P-1)*stride - top - bottom + dilation*(KH-1) + 1 + output padding, as in
// PyTorch, or H = P*stride with Same padding; W likewise.
func (b *Builder) ConvTranspose2D(x, w *Node, g TransposeGeometry) *Node {
	if b.Err() != nil {
		return nil
	}
	if err := rank4([]string{"images [N, C, P, Q]", "kernels [C, O, KH, KW]"}, x, w); err != nil {
		b.Failf("transposed conv2d: %w", err)
		return nil
	}
	r, out, err := g.resolve(plane(x), plane(w))
	if err != nil {
		b.Failf("transposed conv2d of %v: %w", []Shape{Shape(x.Shape()), Shape(w.Shape())}, err)
		return nil
	}
	return conv2dDataOp().Apply(b, convDataAttrs{r, out}, x, w)
}
