package graph

import (
	"fmt"
	"math"

	"github.com/stheno-ml/stheno/lower"
)

// gatherOp gathers rows of x along one axis by their numbers, indices [N].
func gatherOp() Op[lower.Gather] {
	return Op[lower.Gather]{
		Name:  "gather",
		Arity: 2,
		Shape: func(a lower.Gather, in []Shape) ([]Shape, error) { return inferBy(a, in) },
		Define: func(a lower.Gather, in, out []Array) {
			each(out[0].Shape, func(idx []int) {
				at := append([]int(nil), idx...)
				if at[a.Axis] = lower.RowAt(in[1].At(idx[a.Axis]), in[0].Shape[a.Axis]); at[a.Axis] < 0 {
					out[0].Set(math.NaN(), idx...)
					return
				}
				out[0].Set(in[0].At(at...), idx...)
			})
		},
		Lower: func(a lower.Gather, f *lower.Func, in []lower.Value) []lower.Value { return f.Apply(a, in...) },
		Grad: func(a lower.Gather, p *Pullback) []*Node {
			to := lower.ScatterAdd{Axis: a.Axis, Extent: p.In[0].Shape()[a.Axis]}
			return []*Node{scatterAddOp().Apply(p.B, to, p.Grad[0], p.In[1]), nil}
		},
	}
}

// scatterAddOp adds rows of x to an array of zeros, at the row numbers indices [N].
func scatterAddOp() Op[lower.ScatterAdd] {
	return Op[lower.ScatterAdd]{
		Name:  "scatter_add",
		Arity: 2,
		Shape: func(a lower.ScatterAdd, in []Shape) ([]Shape, error) { return inferBy(a, in) },
		Define: func(a lower.ScatterAdd, in, out []Array) {
			each(in[0].Shape, func(idx []int) {
				at := append([]int(nil), idx...)
				if at[a.Axis] = lower.RowAt(in[1].At(idx[a.Axis]), a.Extent); at[a.Axis] >= 0 {
					out[0].Add(in[0].At(idx...), at...)
				}
			})
		},
		Lower: func(a lower.ScatterAdd, f *lower.Func, in []lower.Value) []lower.Value { return f.Apply(a, in...) },
		Grad: func(a lower.ScatterAdd, p *Pullback) []*Node {
			along := make([]int, p.In[0].Dims())
			for i := range along {
				along[i] = 1
			}
			along[a.Axis] = p.In[1].DataSize()
			g := gatherOp().Apply(p.B, lower.Gather{Axis: a.Axis}, p.Grad[0], p.In[1])
			return []*Node{p.B.whereInRange(g, p.B.Reshape(p.In[1], along...), a.Extent), nil}
		},
	}
}

// Gather gathers rows of x along an axis by their numbers: for x [..., R, ...] with R
// at the axis and indices of any shape S it is [..., S, ...]. Indices are whole
// numbers from 0 to R-1; if they are an input, that is a Domain of it. A row that
// does not exist is NaN. In float32 an axis has at most 2^24 rows. The gradient of x
// is a ScatterAdd; that of indices is 0.
func (b *Builder) Gather(x, indices *Node, axis int) *Node {
	if !b.hasAxisOrFail("gather", x, indices, axis) {
		return nil
	}
	rows := x.Shape()[axis]
	b.indexDomain(indices, rows, "gather")
	to := append(Shape(x.Shape()[:axis]).Clone(), indices.Shape()...)
	to = append(to, x.Shape()[axis+1:]...)
	y := gatherOp().Apply(b, lower.Gather{Axis: axis}, x, b.Reshape(indices, indices.DataSize()))
	return b.Reshape(y, to...)
}

// ScatterAdd adds the rows of x to an array of zeros with the given extent along the
// axis, at the row numbers indices. It is Gather's gradient: x has the shape of
// Gather's result, with the indices' shape S in place of the axis. Rows with the same
// number are added in the order of the indices. It ignores numbers of rows that do
// not exist.
func (b *Builder) ScatterAdd(x, indices *Node, axis, extent int) *Node {
	if !b.hasAxisOrFail("scatter-add", x, indices, axis) {
		return nil
	}
	s, along := Shape(x.Shape()), Shape(indices.Shape())
	if axis+len(along) > len(s) || !s[axis:axis+len(along)].Equal(along) {
		b.Failf("scatter-add: x is %v, want the shape of the indices, %v, from axis %d on", s, along, axis)
		return nil
	}
	b.indexDomain(indices, extent, "scatter-add")
	rows := append(s[:axis].Clone(), along.Size())
	rows = append(rows, s[axis+len(along):]...)
	return scatterAddOp().Apply(b, lower.ScatterAdd{Axis: axis, Extent: extent}, b.Reshape(x, rows...), b.Reshape(indices, along.Size()))
}

// hasAxisOrFail reports whether x has the axis, and records the mistake if not.
func (b *Builder) hasAxisOrFail(what string, x, indices *Node, axis int) bool {
	switch {
	case b.Err() != nil:
	case x == nil || indices == nil:
		b.Failf("%s: an operand is nil", what)
	case axis < 0 || axis >= x.Dims():
		b.Failf("%s: axis %d is outside of shape %v", what, axis, Shape(x.Shape()))
	}
	return b.Err() == nil
}

// indexDomain records that the elements of an input must be whole numbers from 0 to
// n-1.
func (b *Builder) indexDomain(indices *Node, n int, what string) {
	b.Domain(indices, Domain{Hi: float64(n - 1), Whole: true, Loss: what, Remedy: fmt.Sprintf("count from 0 up to, but not including, %d", n)})
}

// whereInRange is x where the row number is at least 0 and below extent, else 0.
func (b *Builder) whereInRange(x, numbers *Node, extent int) *Node {
	return b.Map(lower.Where(a1().Less(zero()), zero(), lower.Where(a1().Less(lower.Num(float64(extent))), a0(), zero())), x, numbers)
}
