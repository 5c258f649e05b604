package graph

import (
	"fmt"

	"github.com/stheno-ml/stheno/lower"
)

// shapeAttrs is the attribute of ops that give their operand another shape.
type shapeAttrs struct{ To Shape }

// inferBy infers shapes by a primitive.
func inferBy(p lower.Prim, in []Shape) ([]Shape, error) { return p.Infer(in) }

// reshapeOp reads its operand in row-major order with another shape.
func reshapeOp() Op[shapeAttrs] {
	return Op[shapeAttrs]{
		Name:  "reshape",
		Arity: 1,
		Shape: func(a shapeAttrs, in []Shape) ([]Shape, error) {
			return inferBy(lower.Reshape{To: a.To}, in)
		},
		Define: func(a shapeAttrs, in, out []Array) { copy(out[0].Data, in[0].Data) },
		Lower: func(a shapeAttrs, f *lower.Func, in []lower.Value) []lower.Value {
			return []lower.Value{f.Reshape(in[0], a.To...)}
		},
		Grad: func(a shapeAttrs, p *Pullback) []*Node {
			return []*Node{p.B.Reshape(p.Grad[0], p.In[0].Shape()...)}
		},
	}
}

// broadcastOp repeats axes of extent 1, and adds axes on the left.
func broadcastOp() Op[shapeAttrs] {
	return Op[shapeAttrs]{
		Name:  "broadcast",
		Arity: 1,
		Shape: func(a shapeAttrs, in []Shape) ([]Shape, error) {
			return inferBy(lower.BroadcastTo{To: a.To}, in)
		},
		Define: func(a shapeAttrs, in, out []Array) {
			each(a.To, func(idx []int) { out[0].Set(in[0].At(broadcastIndex(in[0].Shape, idx)...), idx...) })
		},
		Lower: func(a shapeAttrs, f *lower.Func, in []lower.Value) []lower.Value {
			return []lower.Value{f.Broadcast(in[0], a.To...)}
		},
		Grad: func(a shapeAttrs, p *Pullback) []*Node { return []*Node{p.B.SumTo(p.Grad[0], p.In[0])} },
	}
}

// permAttrs is the attribute of transpose.
type permAttrs struct{ Perm []int }

// transposeOp makes axis Perm[i] of its operand axis i of the result.
func transposeOp() Op[permAttrs] {
	return Op[permAttrs]{
		Name:  "transpose",
		Arity: 1,
		Shape: func(a permAttrs, in []Shape) ([]Shape, error) {
			return inferBy(lower.Transpose{Perm: a.Perm}, in)
		},
		Define: func(a permAttrs, in, out []Array) {
			at := make([]int, len(a.Perm))
			each(out[0].Shape, func(idx []int) {
				for i, ax := range a.Perm {
					at[ax] = idx[i]
				}
				out[0].Set(in[0].At(at...), idx...)
			})
		},
		Lower: func(a permAttrs, f *lower.Func, in []lower.Value) []lower.Value {
			return []lower.Value{f.Transpose(in[0], a.Perm...)}
		},
		Grad: func(a permAttrs, p *Pullback) []*Node {
			inverse := make([]int, len(a.Perm))
			for i, ax := range a.Perm {
				inverse[ax] = i
			}
			return []*Node{p.B.Transpose(p.Grad[0], inverse...)}
		},
	}
}

// sliceAttrs is the attribute of slice: elements Start, Start+Step, ... below Stop of Axis.
type sliceAttrs struct{ Axis, Start, Stop, Step int }

// sliceOp takes a range of one axis.
func sliceOp() Op[sliceAttrs] {
	return Op[sliceAttrs]{
		Name:  "slice",
		Arity: 1,
		Shape: func(a sliceAttrs, in []Shape) ([]Shape, error) { return inferBy(lower.Slice(a), in) },
		Define: func(a sliceAttrs, in, out []Array) {
			each(out[0].Shape, func(idx []int) {
				at := append([]int(nil), idx...)
				at[a.Axis] = a.Start + idx[a.Axis]*a.Step
				out[0].Set(in[0].At(at...), idx...)
			})
		},
		Lower: func(a sliceAttrs, f *lower.Func, in []lower.Value) []lower.Value {
			return []lower.Value{f.Slice(in[0], a.Axis, a.Start, a.Stop, a.Step)}
		},
		Grad: func(a sliceAttrs, p *Pullback) []*Node {
			return []*Node{unsliceOp().Apply(p.B, unsliceAttrs{a, p.In[0].Shape()[a.Axis]}, p.Grad[0])}
		},
	}
}

// unsliceAttrs is the attribute of unslice: the range and the axis's full extent.
type unsliceAttrs struct {
	Range  sliceAttrs
	Extent int
}

// unsliceOp puts its operand at the positions of a slice in an array of zeros.
func unsliceOp() Op[unsliceAttrs] {
	return Op[unsliceAttrs]{
		Name:  "unslice",
		Arity: 1,
		Shape: func(a unsliceAttrs, in []Shape) ([]Shape, error) {
			r := a.Range
			if r.Axis < 0 || r.Axis >= len(in[0]) {
				return nil, fmt.Errorf("axis %d is outside of shape %v", r.Axis, in[0])
			}
			out := in[0].Clone()
			out[r.Axis] = a.Extent
			got, err := inferBy(lower.Slice(r), []Shape{out})
			if err == nil && !got[0].Equal(in[0]) {
				err = fmt.Errorf("a slice %+v of %v is %v, not %v", r, out, got[0], in[0])
			}
			return []Shape{out}, err
		},
		Define: func(a unsliceAttrs, in, out []Array) {
			r := a.Range
			each(in[0].Shape, func(idx []int) {
				at := append([]int(nil), idx...)
				at[r.Axis] = r.Start + idx[r.Axis]*r.Step
				out[0].Set(in[0].At(idx...), at...)
			})
		},
		Lower: func(a unsliceAttrs, f *lower.Func, in []lower.Value) []lower.Value {
			r, x := a.Range, in[0]
			s := f.Shape(x).Clone()
			n := s[r.Axis]
			zeros := make([]int, len(s)+1)
			// Space the elements out by Step: append zeros to each along a new axis.
			if r.Step > 1 {
				spaced := append(append(s[:r.Axis+1:r.Axis+1], 1), s[r.Axis+1:]...)
				after := make([]int, len(spaced))
				after[r.Axis+1] = r.Step - 1
				x = f.Pad(f.Reshape(x, spaced...), zeros, after)
				s[r.Axis] = n * r.Step
				x = f.Slice(f.Reshape(x, s...), r.Axis, 0, (n-1)*r.Step+1, 1)
				n = (n-1)*r.Step + 1
			}
			before, after := make([]int, len(s)), make([]int, len(s))
			before[r.Axis], after[r.Axis] = r.Start, a.Extent-r.Start-n
			return []lower.Value{f.Pad(x, before, after)}
		},
		Grad: func(a unsliceAttrs, p *Pullback) []*Node {
			return []*Node{sliceOp().Apply(p.B, a.Range, p.Grad[0])}
		},
	}
}

// concatAttrs is the attribute of concat.
type concatAttrs struct{ Axis int }

// concatOp joins its operands along an axis.
func concatOp() Op[concatAttrs] {
	return Op[concatAttrs]{
		Name:  "concat",
		Arity: -1,
		Shape: func(a concatAttrs, in []Shape) ([]Shape, error) { return inferBy(lower.Concat(a), in) },
		Define: func(a concatAttrs, in, out []Array) {
			start := 0
			for _, x := range in {
				each(x.Shape, func(idx []int) {
					at := append([]int(nil), idx...)
					at[a.Axis] += start
					out[0].Set(x.At(idx...), at...)
				})
				start += x.Shape[a.Axis]
			}
		},
		Lower: func(a concatAttrs, f *lower.Func, in []lower.Value) []lower.Value {
			return []lower.Value{f.Concat(a.Axis, in...)}
		},
		Grad: func(a concatAttrs, p *Pullback) []*Node {
			gs := make([]*Node, len(p.In))
			start := 0
			for i, x := range p.In {
				n := x.Shape()[a.Axis]
				if p.Want[i] {
					gs[i] = p.B.Slice(p.Grad[0], a.Axis, start, start+n)
				}
				start += n
			}
			return gs
		},
	}
}

// Reshape reads x in row-major order with another shape of the same size. An extent
// of -1 is inferred from the size.
func (b *Builder) Reshape(x *Node, shape ...int) *Node {
	to := Shape(shape).Clone()
	rest, free := 1, -1
	for i, d := range to {
		if d == -1 && free < 0 {
			free = i
		} else {
			rest *= d
		}
	}
	if free >= 0 && x != nil && rest > 0 {
		to[free] = x.DataSize() / rest
	}
	if x != nil && Shape(x.Shape()).Equal(to) {
		return x
	}
	return reshapeOp().Apply(b, shapeAttrs{to}, x)
}

// Flatten reshapes x [N, ...] to [N, product of the rest].
func (b *Builder) Flatten(x *Node) *Node {
	if x == nil || b.Err() != nil {
		return nil
	}
	if x.Dims() < 1 {
		b.Failf("flatten: want a batch axis, have a scalar")
		return nil
	}
	return b.Reshape(x, x.Shape()[0], -1)
}

// BroadcastTo broadcasts x to a shape: it repeats axes of extent 1, and adds axes on
// the left.
func (b *Builder) BroadcastTo(x *Node, shape ...int) *Node {
	if x != nil && Shape(x.Shape()).Equal(shape) {
		return x
	}
	return broadcastOp().Apply(b, shapeAttrs{Shape(shape).Clone()}, x)
}

// RepeatVector repeats x [N, D] to [N, times, D].
func (b *Builder) RepeatVector(x *Node, times int) *Node {
	if x == nil || b.Err() != nil {
		return nil
	}
	s := x.Shape()
	if len(s) != 2 || times < 1 {
		b.Failf("repeat vector: want x [N, D] and at least 1 time, have %v and %d", Shape(s), times)
		return nil
	}
	return b.BroadcastTo(b.Reshape(x, s[0], 1, s[1]), s[0], times, s[1])
}

// Transpose makes axis perm[i] of x axis i of the result.
func (b *Builder) Transpose(x *Node, perm ...int) *Node {
	return transposeOp().Apply(b, permAttrs{append([]int(nil), perm...)}, x)
}

// Slice takes the elements start to stop-1 of one axis of x.
func (b *Builder) Slice(x *Node, axis, start, stop int) *Node {
	return b.SliceStep(x, axis, start, stop, 1)
}

// SliceStep takes the elements start, start+step, ... below stop of one axis of x.
func (b *Builder) SliceStep(x *Node, axis, start, stop, step int) *Node {
	return sliceOp().Apply(b, sliceAttrs{axis, start, stop, step}, x)
}

// Concat joins nodes along an axis. All other extents must be equal.
func (b *Builder) Concat(axis int, xs ...*Node) *Node {
	return concatOp().Apply(b, concatAttrs{axis}, xs...)
}
