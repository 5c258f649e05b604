package graph

import (
	"slices"

	"github.com/stheno-ml/stheno/lower"
)

// OneHot takes the class of each sample, label [N] with whole numbers from 0 to
// classes-1, to rows [N, classes] of zeros with a 1 at the class. If the label is an
// input, that range is a Domain of it.
func (b *Builder) OneHot(label *Node, classes int) *Node {
	switch {
	case label == nil || b.Err() != nil:
		return nil
	case label.Dims() != 1:
		b.Failf("one-hot: want labels [N], have %v", Shape(label.Shape()))
		return nil
	case classes < 1:
		b.Failf("one-hot: %d classes: want at least 1", classes)
		return nil
	}
	if err := (Shape{label.Shape()[0], classes}).Check(); err != nil {
		b.Failf("one-hot: %w", err)
		return nil
	}
	b.Domain(label, Domain{Hi: float64(classes - 1), Whole: true, Loss: "one-hot", Remedy: "count classes from 0, or give the number of classes that there are"})
	return b.hot(label, 1, classes)
}

// hot adds an axis of n elements to x: element i is 1 where x is i, else 0.
func (b *Builder) hot(x *Node, axis, n int) *Node {
	at := make(Shape, x.Dims()+1)
	for i := range at {
		at[i] = 1
	}
	at[axis] = n
	near := lower.Abs(a0().Sub(a1())).Less(lower.Num(.5))
	return b.Map(near, b.Reshape(x, slices.Insert([]int(Shape(x.Shape())), axis, 1)...), b.Reshape(b.Iota(n), at...))
}

// ArgMax is the index, from 0, of the greatest element along an axis: it has the
// shape of x without the axis. Of several equal maxima it is the first. If an
// element along the axis is NaN, it is 0. It has no gradient.
func (b *Builder) ArgMax(x *Node, axis int) *Node {
	if x == nil || b.Err() != nil {
		return nil
	}
	most := b.MaxKeep(x, axis)
	if most == nil {
		return nil
	}
	n := x.Shape()[axis]
	at := make([]int, x.Dims())
	for i := range at {
		at[i] = 1
	}
	at[axis] = n
	// The least index of the elements that are not below the greatest.
	hits := lower.Where(a0().Less(a1()), lower.Num(float64(-n)), lower.Arg(2).Neg())
	return b.StopGradient(b.Neg(b.Max(b.Map(hits, x, most, b.Reshape(b.Iota(n), at...)), axis)))
}

// ArgMin is the index of the least element along an axis, by the rules of ArgMax.
func (b *Builder) ArgMin(x *Node, axis int) *Node { return b.ArgMax(b.Neg(x), axis) }
