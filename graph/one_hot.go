package graph

import (
	"slices"

	"github.com/stheno-ml/stheno/lower"
)

// OneHot takes the class of each sample, label [N] with whole numbers from 0 to
// classes-1, to rows [N, classes] of zeros with a 1 at the class. That range is a
// Domain of the label where it is an input.
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
	b.domain(label, Domain{Hi: float64(classes - 1), Whole: true, Loss: "one-hot", Remedy: "count classes from 0, or give the number of classes that there are"})
	return b.hot(label, 1, classes)
}

// hot adds an axis of n elements to x: 1 at the number that x is, else 0.
func (b *Builder) hot(x *Node, axis, n int) *Node {
	at := make(Shape, x.Dims()+1)
	for i := range at {
		at[i] = 1
	}
	at[axis] = n
	near := lower.Abs(a0().Sub(a1())).Less(lower.Num(.5))
	return b.Map(near, b.Reshape(x, slices.Insert([]int(Shape(x.Shape())), axis, 1)...), b.Reshape(b.Iota(n), at...))
}

// ArgMax is where the greatest element along an axis is, counted from 0: x
// without the axis. Where several are greatest it is the first of them, and where
// one is NaN it is 0. It has no gradient.
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
	// The least number of those that are not below the greatest element.
	hits := lower.Where(a0().Less(a1()), lower.Num(float64(-n)), lower.Arg(2).Neg())
	return b.StopGradient(b.Neg(b.Max(b.Map(hits, x, most, b.Reshape(b.Iota(n), at...)), axis)))
}

// ArgMin is where the least element along an axis is; else it is like ArgMax.
func (b *Builder) ArgMin(x *Node, axis int) *Node { return b.ArgMax(b.Neg(x), axis) }
