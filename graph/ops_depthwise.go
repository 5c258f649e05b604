package graph

import (
	"fmt"

	"github.com/stheno-ml/stheno/lower"
)

// The attributes of the three depthwise convolutions, which are each other's
// gradients.
type (
	depthwiseAttrs     lower.Conv
	depthwiseDataAttrs struct {
		Conv     convDataAttrs
		Channels int // of the images
	}
	depthwiseFilterAttrs lower.ConvFilter
)

// single is the shape of one channel's images or kernels.
func single(s Shape) Shape { return Shape{s[0], 1, s[2], s[3]} }

// multiplier returns how many of the kernels each channel has, or an error.
func multiplier(kernels, channels int) (int, error) {
	if channels < 1 || kernels%channels != 0 {
		return 0, fmt.Errorf("there are %d kernels, want a multiple of the %d channels", kernels, channels)
	}
	return kernels / channels, nil
}

// depthwiseOp correlates each channel with its own kernels.
func depthwiseOp() Op[depthwiseAttrs] {
	return Op[depthwiseAttrs]{
		Name:  "depthwise",
		Arity: 2,
		Shape: func(a depthwiseAttrs, in []Shape) ([]Shape, error) {
			x, w := in[0], in[1]
			if _, err := multiplier(w[0], x[1]); err != nil {
				return nil, err
			}
			out, err := lower.Conv(a).Infer([]Shape{single(x), {1, w[1], w[2], w[3]}})
			if err != nil {
				return nil, err
			}
			return []Shape{{x[0], w[0], out[0][2], out[0][3]}}, nil
		},
		Define: func(a depthwiseAttrs, in, out []Array) {
			x, w, y := in[0], in[1], out[0]
			m := w.Shape[0] / x.Shape[1]
			eachTap(a.Geometry, x.Shape, w.Shape, y.Shape, func(n, o, p, q, _, i, j, r, s int) {
				y.Add(x.At(n, o/m, r, s)*w.At(o, 0, i, j), n, o, p, q)
			})
		},
		Lower: func(a depthwiseAttrs, f *lower.Func, in []lower.Value) []lower.Value {
			return []lower.Value{lowerDepthwise(a.Geometry, f, in[0], in[1])}
		},
		Grad: func(a depthwiseAttrs, p *Pullback) []*Node {
			x, w, g := p.In[0], p.In[1], p.Grad[0]
			return p.wanted(
				func() *Node {
					return depthwiseDataOp().Apply(p.B, depthwiseDataAttrs{convDataAttrs{a.Geometry, plane(x)}, x.Shape()[1]}, g, w)
				},
				func() *Node {
					return depthwiseFilterOp().Apply(p.B, depthwiseFilterAttrs{a.Geometry, plane(w)}, x, g)
				},
			)
		},
	}
}

// depthwiseDataOp is depthwise's gradient for the images.
func depthwiseDataOp() Op[depthwiseDataAttrs] {
	return Op[depthwiseDataAttrs]{
		Name:  "depthwise_data",
		Arity: 2,
		Shape: func(a depthwiseDataAttrs, in []Shape) ([]Shape, error) {
			dy, w := in[0], in[1]
			if _, err := multiplier(w[0], a.Channels); err != nil {
				return nil, err
			}
			if dy[1] != w[0] {
				return nil, fmt.Errorf("the gradient has %d channels, but there are %d kernels", dy[1], w[0])
			}
			if _, err := lower.ConvData(a.Conv).Infer([]Shape{single(dy), {1, w[1], w[2], w[3]}}); err != nil {
				return nil, err
			}
			return []Shape{{dy[0], a.Channels, a.Conv.In[0], a.Conv.In[1]}}, nil
		},
		Define: func(a depthwiseDataAttrs, in, out []Array) {
			dy, w, dx := in[0], in[1], out[0]
			m := w.Shape[0] / a.Channels
			eachTap(a.Conv.Geometry, dx.Shape, w.Shape, dy.Shape, func(n, o, p, q, _, i, j, r, s int) {
				dx.Add(dy.At(n, o, p, q)*w.At(o, 0, i, j), n, o/m, r, s)
			})
		},
		Lower: func(a depthwiseDataAttrs, f *lower.Func, in []lower.Value) []lower.Value {
			return []lower.Value{lowerDepthwiseData(a, f, in[0], in[1])}
		},
		Grad: func(a depthwiseDataAttrs, p *Pullback) []*Node {
			dy, w, g := p.In[0], p.In[1], p.Grad[0]
			return p.wanted(
				func() *Node { return depthwiseOp().Apply(p.B, depthwiseAttrs{a.Conv.Geometry}, g, w) },
				func() *Node {
					return depthwiseFilterOp().Apply(p.B, depthwiseFilterAttrs{a.Conv.Geometry, plane(w)}, g, dy)
				},
			)
		},
	}
}

// depthwiseFilterOp is depthwise's gradient for the kernels.
func depthwiseFilterOp() Op[depthwiseFilterAttrs] {
	return Op[depthwiseFilterAttrs]{
		Name:  "depthwise_filter",
		Arity: 2,
		Shape: func(a depthwiseFilterAttrs, in []Shape) ([]Shape, error) {
			x, dy := in[0], in[1]
			if _, err := multiplier(dy[1], x[1]); err != nil {
				return nil, err
			}
			out, err := lower.ConvFilter(a).Infer([]Shape{single(x), single(dy)})
			if err != nil {
				return nil, err
			}
			return []Shape{{dy[1], 1, out[0][2], out[0][3]}}, nil
		},
		Define: func(a depthwiseFilterAttrs, in, out []Array) {
			x, dy, dw := in[0], in[1], out[0]
			m := dy.Shape[1] / x.Shape[1]
			eachTap(a.Geometry, x.Shape, dw.Shape, dy.Shape, func(n, o, p, q, _, i, j, r, s int) {
				dw.Add(x.At(n, o/m, r, s)*dy.At(n, o, p, q), o, 0, i, j)
			})
		},
		Lower: func(a depthwiseFilterAttrs, f *lower.Func, in []lower.Value) []lower.Value {
			return []lower.Value{lowerDepthwiseFilter(a, f, in[0], in[1])}
		},
		Grad: func(a depthwiseFilterAttrs, p *Pullback) []*Node {
			x, dy, g := p.In[0], p.In[1], p.Grad[0]
			return p.wanted(
				func() *Node {
					return depthwiseDataOp().Apply(p.B, depthwiseDataAttrs{convDataAttrs{a.Geometry, plane(x)}, x.Shape()[1]}, dy, g)
				},
				func() *Node { return depthwiseOp().Apply(p.B, depthwiseAttrs{a.Geometry}, x, g) },
			)
		},
	}
}

// DepthwiseConv2D convolves each channel of images x [N, C, H, W] alone, with M
// kernels of w [C*M, 1, KH, KW], to y [N, C*M, P, Q]:
//
//	y[n, c*M+m, p, q] = sum over i,j of w[c*M+m, 0, i, j] * x[n, c, p*stride+i*dilation-top, q*stride+j*dilation-left]
//
// where x is zero outside of the image. It is computed elementwise from shifted
// slices of the padded image, one for each tap.
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
	if err != nil {
		b.Failf("depthwise conv2d of %v: %w", []Shape{s, k}, err)
		return nil
	}
	return depthwiseOp().Apply(b, depthwiseAttrs{r}, x, w)
}
