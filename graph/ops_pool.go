package graph

import (
	"math"

	"github.com/stheno-ml/stheno/lower"
)

// The attributes of the pooling ops.
type (
	poolAttrs       lower.Pool
	poolAtAttrs     lower.PoolAt
	poolGradAttrs   lower.PoolGrad
	poolSumAttrs    lower.PoolSum
	poolSpreadAttrs lower.PoolSpread
)

// eachWindow calls f with the index [n, c, p, q] of every window, and the indices of
// its pixels in the images [N, C, H, W], in row-major order.
func eachWindow(w lower.Window, images, out Shape, f func(at []int, pixels [][]int)) {
	each(out, func(at []int) {
		var pixels [][]int
		each(Shape{w.Size[0], w.Size[1]}, func(k []int) {
			r := at[2]*w.Stride[0] + k[0] - w.Pad.Top
			s := at[3]*w.Stride[1] + k[1] - w.Pad.Left
			if r >= 0 && r < images[2] && s >= 0 && s < images[3] {
				pixels = append(pixels, []int{at[0], at[1], r, s})
			}
		})
		f(at, pixels)
	})
}

// greatest returns the pixel with the first maximum, or with the first NaN.
func greatest(x Array, pixels [][]int) []int {
	best := pixels[0]
	for _, c := range pixels {
		v, top := x.At(c...), x.At(best...)
		if v > top || math.IsNaN(v) && !math.IsNaN(top) {
			best = c
		}
	}
	return best
}

// maxPoolOp takes the greatest pixel of every window. Its gradient goes to the first
// of several equal maxima.
func maxPoolOp() Op[poolAttrs] {
	return Op[poolAttrs]{
		Name:  "max_pool",
		Arity: 1,
		Shape: func(a poolAttrs, in []Shape) ([]Shape, error) { return inferBy(lower.Pool(a), in) },
		Define: func(a poolAttrs, in, out []Array) {
			eachWindow(a.Window, in[0].Shape, out[0].Shape, func(at []int, pixels [][]int) {
				out[0].Set(in[0].At(greatest(in[0], pixels)...), at...)
			})
		},
		Lower: func(a poolAttrs, f *lower.Func, in []lower.Value) []lower.Value {
			return f.Apply(lower.Pool(a), in...)[:1]
		},
		Grad: func(a poolAttrs, p *Pullback) []*Node {
			return []*Node{maxPoolGradOp().Apply(p.B, poolGradAttrs(a), p.In[0], p.Grad[0])}
		},
	}
}

// maxPoolGradOp adds each element of its second operand at the position of the first
// operand's maximum in the window.
func maxPoolGradOp() Op[poolGradAttrs] {
	return Op[poolGradAttrs]{
		Name:  "max_pool_grad",
		Arity: 2,
		Shape: func(a poolGradAttrs, in []Shape) ([]Shape, error) { return inferBy(lower.PoolGrad(a), in) },
		Define: func(a poolGradAttrs, in, out []Array) {
			eachWindow(a.Window, in[0].Shape, in[1].Shape, func(at []int, pixels [][]int) {
				out[0].Add(in[1].At(at...), greatest(in[0], pixels)...)
			})
		},
		Lower: func(a poolGradAttrs, f *lower.Func, in []lower.Value) []lower.Value {
			return f.Apply(lower.PoolGrad(a), in...)[:1]
		},
		Grad: func(a poolGradAttrs, p *Pullback) []*Node {
			return []*Node{nil, maxPoolAtOp().Apply(p.B, poolAtAttrs(a), p.In[0], p.Grad[0])}
		},
	}
}

// maxPoolAtOp takes the element of its second operand at the position of the first
// operand's maximum in the window.
func maxPoolAtOp() Op[poolAtAttrs] {
	return Op[poolAtAttrs]{
		Name:  "max_pool_at",
		Arity: 2,
		Shape: func(a poolAtAttrs, in []Shape) ([]Shape, error) { return inferBy(lower.PoolAt(a), in) },
		Define: func(a poolAtAttrs, in, out []Array) {
			eachWindow(a.Window, in[0].Shape, out[0].Shape, func(at []int, pixels [][]int) {
				out[0].Set(in[1].At(greatest(in[0], pixels)...), at...)
			})
		},
		Lower: func(a poolAtAttrs, f *lower.Func, in []lower.Value) []lower.Value {
			return f.Apply(lower.PoolAt(a), in...)[:1]
		},
		Grad: func(a poolAtAttrs, p *Pullback) []*Node {
			return []*Node{nil, maxPoolGradOp().Apply(p.B, poolGradAttrs(a), p.In[0], p.Grad[0])}
		},
	}
}

// divisor is the number that the sum of a window is divided by.
func divisor(w lower.Window, s lower.Divisor, pixels [][]int) float64 {
	switch s {
	case lower.ExcludePad:
		return float64(len(pixels))
	case lower.IncludePad:
		return float64(w.Size[0] * w.Size[1])
	}
	return 1
}

// avgPoolOp takes the mean of every window.
func avgPoolOp() Op[poolSumAttrs] {
	return Op[poolSumAttrs]{
		Name:  "avg_pool",
		Arity: 1,
		Shape: func(a poolSumAttrs, in []Shape) ([]Shape, error) { return inferBy(lower.PoolSum(a), in) },
		Define: func(a poolSumAttrs, in, out []Array) {
			eachWindow(a.Window, in[0].Shape, out[0].Shape, func(at []int, pixels [][]int) {
				for _, c := range pixels {
					out[0].Add(in[0].At(c...)/divisor(a.Window, a.Divisor, pixels), at...)
				}
			})
		},
		Lower: func(a poolSumAttrs, f *lower.Func, in []lower.Value) []lower.Value {
			return f.Apply(lower.PoolSum(a), in...)[:1]
		},
		Grad: func(a poolSumAttrs, p *Pullback) []*Node {
			return []*Node{avgPoolGradOp().Apply(p.B, poolSpreadAttrs{a.Window, a.Divisor, plane(p.In[0])}, p.Grad[0])}
		},
	}
}

// avgPoolGradOp divides each element among the pixels of its window.
func avgPoolGradOp() Op[poolSpreadAttrs] {
	return Op[poolSpreadAttrs]{
		Name:  "avg_pool_grad",
		Arity: 1,
		Shape: func(a poolSpreadAttrs, in []Shape) ([]Shape, error) { return inferBy(lower.PoolSpread(a), in) },
		Define: func(a poolSpreadAttrs, in, out []Array) {
			eachWindow(a.Window, out[0].Shape, in[0].Shape, func(at []int, pixels [][]int) {
				for _, c := range pixels {
					out[0].Add(in[0].At(at...)/divisor(a.Window, a.Divisor, pixels), c...)
				}
			})
		},
		Lower: func(a poolSpreadAttrs, f *lower.Func, in []lower.Value) []lower.Value {
			return f.Apply(lower.PoolSpread(a), in...)[:1]
		},
		Grad: func(a poolSpreadAttrs, p *Pullback) []*Node {
			return []*Node{avgPoolOp().Apply(p.B, poolSumAttrs{a.Window, a.Divisor}, p.Grad[0])}
		},
	}
}

// window resolves the geometry of a pooling of x, or records the mistake.
func (b *Builder) window(op string, x *Node, g PoolGeometry) (w lower.Window, ok bool) {
	if b.Err() != nil {
		return w, false
	}
	err := rank4([]string{"images [N, C, H, W]"}, x)
	if err != nil {
		b.Failf("%s: %w", op, err)
		return w, false
	}
	if w, err = g.resolve(plane(x)); err != nil {
		b.Failf("%s of %v: %w", op, Shape(x.Shape()), err)
		return w, false
	}
	return w, true
}

// MaxPool2D takes the greatest pixel of every window of images x [N, C, H, W]. It
// returns [N, C, P, Q] with P = (H + top + bottom - size)/stride + 1, rounded down; Q
// likewise. The padding is ignored. A window with a NaN is NaN. The gradient goes to
// the first maximum in row-major order.
func (b *Builder) MaxPool2D(x *Node, g PoolGeometry) *Node {
	w, ok := b.window("max pool", x, g)
	if !ok {
		return nil
	}
	return maxPoolOp().Apply(b, poolAttrs{w}, x)
}

// AvgPool2D takes the mean of every window of images x [N, C, H, W]. It returns
// [N, C, P, Q] as MaxPool2D does. The padding does not count, unless g.CountPad is
// set: then it counts as zeros.
func (b *Builder) AvgPool2D(x *Node, g PoolGeometry) *Node {
	w, ok := b.window("average pool", x, g)
	if !ok {
		return nil
	}
	share := lower.ExcludePad
	if g.CountPad {
		share = lower.IncludePad
	}
	return avgPoolOp().Apply(b, poolSumAttrs{w, share}, x)
}
