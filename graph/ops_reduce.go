package graph

import (
	"fmt"
	"slices"

	"github.com/stheno-ml/stheno/lower"
)

// axesAttrs is the attribute of reductions: the axes to reduce.
type axesAttrs struct{ Axes []int }

// reducedShape is the shape in[0] with the reduced axes at extent 1.
func reducedShape(a axesAttrs, in []Shape) ([]Shape, error) {
	out := in[0].Clone()
	for i, ax := range a.Axes {
		if ax < 0 || ax >= len(out) {
			return nil, fmt.Errorf("axis %d is outside of shape %v", ax, in[0])
		}
		if slices.Contains(a.Axes[:i], ax) {
			return nil, fmt.Errorf("axis %d is given twice", ax)
		}
		out[ax] = 1
	}
	return []Shape{out}, nil
}

// sumOp adds up the elements along axes, which keep extent 1.
func sumOp() Op[axesAttrs] {
	return Op[axesAttrs]{
		Name:  "sum",
		Arity: 1,
		Shape: reducedShape,
		Define: func(a axesAttrs, in, out []Array) {
			each(in[0].Shape, func(idx []int) {
				out[0].Add(in[0].At(idx...), broadcastIndex(out[0].Shape, idx)...)
			})
		},
		Lower: func(a axesAttrs, f *lower.Func, in []lower.Value) []lower.Value {
			return []lower.Value{f.Sum(in[0], a.Axes...)}
		},
		Grad: func(a axesAttrs, p *Pullback) []*Node {
			return []*Node{p.B.BroadcastTo(p.Grad[0], p.In[0].Shape()...)}
		},
	}
}

// maxOp takes the greatest element along axes, which keep extent 1. Equal maxima
// share the gradient equally.
func maxOp() Op[axesAttrs] {
	return Op[axesAttrs]{
		Name:  "max",
		Arity: 1,
		Shape: reducedShape,
		Define: func(a axesAttrs, in, out []Array) {
			seen := map[string]bool{}
			each(in[0].Shape, func(idx []int) {
				at := broadcastIndex(out[0].Shape, idx)
				v := in[0].At(idx...)
				if key := fmt.Sprint(at); seen[key] {
					v = max(v, out[0].At(at...))
				} else {
					seen[key] = true
				}
				out[0].Set(v, at...)
			})
		},
		Lower: func(a axesAttrs, f *lower.Func, in []lower.Value) []lower.Value {
			return []lower.Value{f.Max(in[0], a.Axes...)}
		},
		Grad: func(a axesAttrs, p *Pullback) []*Node {
			b, x := p.B, p.In[0]
			below := a0().Less(a1())
			hit := b.Map(one().Sub(below), x, p.Out[0])
			share := lower.Where(a0(), a1().Div(lower.Arg(2)), zero())
			return []*Node{b.Map(share, hit, p.Grad[0], b.SumKeep(hit, a.Axes...))}
		},
	}
}

// allAxes returns axes, or every axis of x if none is given.
func allAxes(x *Node, axes []int) []int {
	if len(axes) > 0 || x == nil {
		return axes
	}
	all := make([]int, x.Dims())
	for i := range all {
		all[i] = i
	}
	return all
}

// SumKeep is the sum of x over the axes, which keep extent 1, or over all axes if
// none is given.
func (b *Builder) SumKeep(x *Node, axes ...int) *Node {
	return sumOp().Apply(b, axesAttrs{allAxes(x, axes)}, x)
}

// MaxKeep is the maximum of x over the axes, which keep extent 1, or over all axes if
// none is given. Equal maxima share the gradient.
func (b *Builder) MaxKeep(x *Node, axes ...int) *Node {
	return maxOp().Apply(b, axesAttrs{allAxes(x, axes)}, x)
}

// Sum is the sum of x over the axes, which it drops. If none is given, it is over all
// axes: a scalar.
func (b *Builder) Sum(x *Node, axes ...int) *Node {
	return b.dropAxes(b.SumKeep(x, axes...), allAxes(x, axes))
}

// Max is the maximum of x over the axes, which it drops. If none is given, it is over all
// axes: a scalar.
func (b *Builder) Max(x *Node, axes ...int) *Node {
	return b.dropAxes(b.MaxKeep(x, axes...), allAxes(x, axes))
}

// Mean is the mean of x over the axes, which it drops. If none is given, it is over all
// axes: a scalar.
func (b *Builder) Mean(x *Node, axes ...int) *Node {
	s := b.Sum(x, axes...)
	if s == nil {
		return nil
	}
	return b.Scale(s, float64(s.DataSize())/float64(x.DataSize()))
}

// dropAxes removes axes of extent 1.
func (b *Builder) dropAxes(x *Node, axes []int) *Node {
	if x == nil {
		return nil
	}
	var shape Shape
	for i, d := range x.Shape() {
		if !slices.Contains(axes, i) {
			shape = append(shape, d)
		}
	}
	return b.Reshape(x, shape...)
}

// SumTo sums x over the axes along which the node like was broadcast to the shape of
// x. It is the gradient of broadcasting.
func (b *Builder) SumTo(x, like *Node) *Node {
	if b.Err() != nil || x == nil || like == nil {
		return nil
	}
	from, to := Shape(x.Shape()), Shape(like.Shape())
	var axes []int
	lead := len(from) - len(to)
	for i, d := range from {
		if i < lead || (to[i-lead] == 1 && d > 1) {
			axes = append(axes, i)
		}
	}
	if len(axes) > 0 {
		x = b.SumKeep(x, axes...)
	}
	return b.Reshape(x, to...)
}
