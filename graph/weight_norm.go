package graph

import (
	"math"

	"github.com/stheno-ml/stheno/lower"
)

// WeightNorm separates the direction of a weight from its length (Salimans and
// Kingma 2016, eq. 2). With the weight v and the parameter "g", which holds a length
// for each element of the axis,
//
//	w = g * v / |v|
//
// where |v| is the Euclidean norm of v over all other axes. Axis 1 of a dense
// weight v [in, out], or axis 0 of kernels [O, C, KH, KW], gives each unit its own
// length. v is the node of a weight with at least two axes, and w has its shape. g
// starts at |v|, so that w starts at v. Where |v| is 0, w is NaN. Use a separate
// scope for each weight: "g" is in the builder's scope.
func (b *Builder) WeightNorm(v *Node, axis int) *Node {
	if b.Err() != nil {
		return nil
	}
	q := b.ParamOf(v)
	switch {
	case v == nil || q == nil || !q.trainable:
		b.Failf("weight norm: v is not a weight: give the node that Param returns")
		return nil
	case v.Dims() < 2 || axis < 0 || axis >= v.Dims():
		b.Failf("weight norm: axis %d of v %v: want a weight of at least two axes, and an axis from 0 on", axis, Shape(v.Shape()))
		return nil
	}
	wide := make([]int, v.Dims())
	var others []int
	for i := range wide {
		if wide[i] = 1; i != axis {
			others = append(others, i)
		}
	}
	wide[axis] = v.Shape()[axis]
	g := b.Reshape(b.Param("g", normsOf(q, axis), wide[axis]), wide...)
	scale := b.Map(a0().Div(lower.Sqrt(a1())), g, b.SumKeep(b.Square(v), others...))
	return b.Mul(v, scale)
}

// normsOf starts at the Euclidean norms of a parameter over all axes except one.
func normsOf(q *Param, axis int) Init {
	return func(_ Draw, _ Shape, w []float64) error {
		v := lower.ArrayOf(q.Floats(), q.shape)
		each(q.shape, func(at []int) { w[at[axis]] += v.At(at...) * v.At(at...) })
		for i, sum := range w {
			w[i] = math.Sqrt(sum)
		}
		return nil
	}
}

// SpectralNorm divides a weight by its greatest singular value, which it estimates by
// power iteration (Miyato et al. 2018, algorithm 1). With W = w as a matrix
// [first extent, the rest] and the state "u" [first extent],
//
//	v = Wᵀu / |Wᵀu|,  u' = Wv / |Wv|,  sigma = u'ᵀ W v,  result = w / sigma
//
// in every run. In training u' is the next value of u, which is one iteration per
// step. No gradient flows through u' and v. The result has the shape of w, which is a
// dense weight [in, out], kernels [O, C, KH, KW], or any other node of at least two
// axes. u starts at random numbers. Use a separate scope for each weight: "u" is in
// the builder's scope.
func (b *Builder) SpectralNorm(w *Node) *Node {
	switch {
	case b.Err() != nil:
		return nil
	case w == nil:
		b.Failf("spectral norm: w is nil")
		return nil
	case w.Dims() < 2:
		b.Failf("spectral norm: w is %v, want at least two axes, such as [in, out]", Shape(w.Shape()))
		return nil
	}
	rows := w.Shape()[0]
	m := b.Reshape(w, rows, -1)
	u := b.State("u", Normal(0, 1), rows)
	v := b.unit(b.MatMul(b.Reshape(u, 1, rows), m))
	wv := b.MatMul(m, b.Reshape(v, -1, 1))
	next := b.unit(wv)
	sigma := b.Sum(b.Mul(wv, next))
	if b.Training {
		b.updateOnce(u, b.Reshape(next, rows))
	}
	return b.Div(w, sigma)
}

// unit is x / |x|, or 0 if x is 0. No gradient flows through it.
func (b *Builder) unit(x *Node) *Node {
	length := lower.Max(lower.Sqrt(a1()), lower.Num(1e-12))
	return b.StopGradient(b.Map(a0().Div(length), x, b.SumKeep(b.Square(x))))
}

// updateOnce is Update, unless the builder already has the same update.
func (b *Builder) updateOnce(node, next *Node) {
	for _, u := range b.updates {
		if u.Node == node && u.Next == next {
			return
		}
	}
	b.Update(node, next)
}
