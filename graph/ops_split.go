package graph

import (
	"fmt"

	"github.com/stheno-ml/stheno/lower"
)

// splitAttrs is the attribute of split: an axis and the number of equal parts.
type splitAttrs struct{ Axis, Parts int }

// splitOp divides an axis into equal parts. Its gradient is one concatenation; those of
// slices would each be padded with zeros.
func splitOp() Op[splitAttrs] {
	return Op[splitAttrs]{
		Name:  "split",
		Arity: 1,
		Shape: func(a splitAttrs, in []Shape) ([]Shape, error) {
			s := in[0]
			if a.Axis < 0 || a.Axis >= len(s) {
				return nil, fmt.Errorf("axis %d is outside of shape %v", a.Axis, s)
			}
			if a.Parts < 1 || s[a.Axis]%a.Parts != 0 {
				return nil, fmt.Errorf("%d parts of axis %d of %v: want a number that divides its extent", a.Parts, a.Axis, s)
			}
			out := make([]Shape, a.Parts)
			for i := range out {
				out[i] = s.Clone()
				out[i][a.Axis] /= a.Parts
			}
			return out, nil
		},
		Define: func(a splitAttrs, in, out []Array) {
			n := out[0].Shape[a.Axis]
			each(in[0].Shape, func(idx []int) {
				at := append([]int(nil), idx...)
				at[a.Axis] %= n
				out[idx[a.Axis]/n].Set(in[0].At(idx...), at...)
			})
		},
		Lower: func(a splitAttrs, f *lower.Func, in []lower.Value) []lower.Value {
			n := f.Shape(in[0])[a.Axis] / a.Parts
			out := make([]lower.Value, a.Parts)
			for i := range out {
				out[i] = f.Slice(in[0], a.Axis, i*n, (i+1)*n, 1)
			}
			return out
		},
		Grad: func(a splitAttrs, p *Pullback) []*Node {
			gs := append([]*Node(nil), p.Grad...)
			for i, g := range gs {
				if g == nil { // the loss does not depend on this part
					s := Shape(p.In[0].Shape()).Clone()
					s[a.Axis] /= a.Parts
					gs[i] = p.B.BroadcastTo(p.B.Number(0), s...)
				}
			}
			return []*Node{p.B.Concat(a.Axis, gs...)}
		},
	}
}

// Split divides x along an axis into equal parts, in order: at most 2^20, a number that
// divides the extent of the axis. It undoes a Concat of nodes of one shape. After an error
// the parts are nil.
func (b *Builder) Split(x *Node, axis, parts int) []*Node {
	if parts > 1<<20 { // each is a node
		b.Failf("split: %d parts: want at most 2^20", parts)
		return nil
	}
	if out := splitOp().ApplyAll(b, splitAttrs{axis, parts}, x); len(out) == parts {
		return out
	}
	return make([]*Node, max(0, parts))
}
