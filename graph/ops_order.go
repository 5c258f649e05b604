package graph

import (
	"math"
	"slices"

	"github.com/stheno-ml/stheno/lower"
)

// cumSumOp computes running sums along an axis.
func cumSumOp() Op[lower.CumSum] {
	return Op[lower.CumSum]{
		Name:  "cumsum",
		Arity: 1,
		Shape: func(a lower.CumSum, in []Shape) ([]Shape, error) { return inferBy(a, in) },
		Define: func(a lower.CumSum, in, out []Array) {
			each(in[0].Shape, func(idx []int) {
				sum, at := 0.0, slices.Clone(idx)
				for k := range in[0].Shape[a.Axis] {
					before := k < idx[a.Axis]
					if a.Reverse {
						before = k > idx[a.Axis]
					}
					if at[a.Axis] = k; before || k == idx[a.Axis] && !a.Exclusive {
						sum += in[0].At(at...)
					}
				}
				out[0].Set(sum, idx...)
			})
		},
		Lower: func(a lower.CumSum, f *lower.Func, in []lower.Value) []lower.Value { return f.Apply(a, in...) },
		Grad: func(a lower.CumSum, p *Pullback) []*Node {
			a.Reverse = !a.Reverse
			return []*Node{cumSumOp().Apply(p.B, a, p.Grad[0])}
		},
	}
}

// topKOp takes the K greatest elements along an axis, and their positions.
func topKOp() Op[lower.TopK] {
	return Op[lower.TopK]{
		Name:  "topk",
		Arity: 1,
		Shape: func(a lower.TopK, in []Shape) ([]Shape, error) { return inferBy(a, in) },
		Define: func(a lower.TopK, in, out []Array) {
			each(in[0].Shape, func(idx []int) { // the rank of an element is the number of elements before it
				v, rank, at := in[0].At(idx...), 0, slices.Clone(idx)
				for k := range in[0].Shape[a.Axis] {
					at[a.Axis] = k
					if u := in[0].At(at...); lower.Above(u, v) || !lower.Above(v, u) && k < idx[a.Axis] {
						rank++
					}
				}
				if at[a.Axis] = rank; rank < a.K {
					out[0].Set(v, at...)
					out[1].Set(float64(idx[a.Axis]), at...)
				}
			})
		},
		Lower: func(a lower.TopK, f *lower.Func, in []lower.Value) []lower.Value { return f.Apply(a, in...) },
		Grad: func(a lower.TopK, p *Pullback) []*Node {
			if p.Grad[0] == nil {
				return []*Node{nil}
			}
			to := lower.PutAlong{Axis: a.Axis, Extent: p.In[0].Shape()[a.Axis]}
			return []*Node{putAlongOp().Apply(p.B, to, p.Grad[0], p.Out[1])}
		},
	}
}

// takeAlongOp gathers elements along an axis by their numbers.
func takeAlongOp() Op[lower.TakeAlong] {
	return Op[lower.TakeAlong]{
		Name:  "take_along",
		Arity: 2,
		Shape: func(a lower.TakeAlong, in []Shape) ([]Shape, error) { return inferBy(a, in) },
		Define: func(a lower.TakeAlong, in, out []Array) {
			each(out[0].Shape, func(idx []int) {
				at := slices.Clone(idx)
				if at[a.Axis] = lower.RowAt(in[1].At(idx...), in[0].Shape[a.Axis]); at[a.Axis] < 0 {
					out[0].Set(math.NaN(), idx...)
					return
				}
				out[0].Set(in[0].At(at...), idx...)
			})
		},
		Lower: func(a lower.TakeAlong, f *lower.Func, in []lower.Value) []lower.Value { return f.Apply(a, in...) },
		Grad: func(a lower.TakeAlong, p *Pullback) []*Node {
			to := lower.PutAlong{Axis: a.Axis, Extent: p.In[0].Shape()[a.Axis]}
			return []*Node{putAlongOp().Apply(p.B, to, p.Grad[0], p.In[1]), nil}
		},
	}
}

// putAlongOp adds elements to an array of zeros along an axis, at their numbers.
func putAlongOp() Op[lower.PutAlong] {
	return Op[lower.PutAlong]{
		Name:  "put_along",
		Arity: 2,
		Shape: func(a lower.PutAlong, in []Shape) ([]Shape, error) { return inferBy(a, in) },
		Define: func(a lower.PutAlong, in, out []Array) {
			each(in[0].Shape, func(idx []int) {
				at := slices.Clone(idx)
				if at[a.Axis] = lower.RowAt(in[1].At(idx...), a.Extent); at[a.Axis] >= 0 {
					out[0].Add(in[0].At(idx...), at...)
				}
			})
		},
		Lower: func(a lower.PutAlong, f *lower.Func, in []lower.Value) []lower.Value { return f.Apply(a, in...) },
		Grad: func(a lower.PutAlong, p *Pullback) []*Node {
			g := takeAlongOp().Apply(p.B, lower.TakeAlong{Axis: a.Axis}, p.Grad[0], p.In[1])
			return []*Node{p.B.whereInRange(g, p.In[1], a.Extent), nil}
		},
	}
}

// CumSum is the running sum of x along an axis: element k is the sum of the elements
// 0 to k.
func (b *Builder) CumSum(x *Node, axis int) *Node {
	return cumSumOp().Apply(b, lower.CumSum{Axis: axis}, x)
}

// CumSumExclusive is the running sum of x along an axis without the element itself:
// element 0 is 0, and element k is the sum of the elements 0 to k-1.
func (b *Builder) CumSumExclusive(x *Node, axis int) *Node {
	return cumSumOp().Apply(b, lower.CumSum{Axis: axis, Exclusive: true}, x)
}

// TopK returns the k greatest elements of x along an axis, in descending order, and
// their positions along it, counted from 0. Both have extent k at the axis. Of equal
// elements the earlier one comes first. NaN counts as greater than any number. The
// gradient of the other elements is 0; the positions have none.
func (b *Builder) TopK(x *Node, k, axis int) (values, numbers *Node) {
	out := topKOp().ApplyAll(b, lower.TopK{Axis: axis, K: k}, x)
	if out == nil {
		return nil, nil
	}
	return out[0], out[1]
}

// Sort returns x in descending order along an axis, and the position that each
// element had in x. It is TopK of all elements.
func (b *Builder) Sort(x *Node, axis int) (values, numbers *Node) {
	if x == nil || b.Err() != nil {
		return nil, nil
	}
	if axis < 0 || axis >= x.Dims() {
		b.Failf("sort: axis %d is outside of shape %v", axis, Shape(x.Shape()))
		return nil, nil
	}
	return b.TopK(x, x.Shape()[axis], axis)
}

// KeepTopK is x where it is one of the k greatest along an axis, else 0: the sparse
// code of Makhzani and Frey (2013). The gradient passes to the k greatest elements
// only.
func (b *Builder) KeepTopK(x *Node, k, axis int) *Node {
	values, numbers := b.TopK(x, k, axis)
	if values == nil {
		return nil
	}
	return b.PutAlong(values, numbers, axis, x.Shape()[axis])
}

// TakeAlong gathers elements of x along an axis by their positions, whole numbers
// from 0. The result has the shape of numbers, which is that of x except along the
// axis. An element that does not exist is NaN.
func (b *Builder) TakeAlong(x, numbers *Node, axis int) *Node {
	return takeAlongOp().Apply(b, lower.TakeAlong{Axis: axis}, x, numbers)
}

// PutAlong adds the elements of x to an array of zeros with the given extent along
// the axis. numbers, in the shape of x, holds their positions. It is the gradient of
// TakeAlong. It ignores positions that do not exist.
func (b *Builder) PutAlong(x, numbers *Node, axis, extent int) *Node {
	return putAlongOp().Apply(b, lower.PutAlong{Axis: axis, Extent: extent}, x, numbers)
}
