package graph

import "github.com/stheno-ml/stheno/lower"

// A mask holds 1 where an element counts and 0 where it does not. A mask [N] or
// [N, T] applies to arrays [N, T, ...]: it is repeated along the axes that it lacks.

// Mask is x where the mask is not 0, else 0. Neither a NaN in a masked element nor
// its gradient passes through.
func (b *Builder) Mask(x, mask *Node) *Node {
	wide := b.maskLike("mask", mask, x)
	if wide == nil {
		return nil
	}
	return b.Map(lower.Where(a1(), a0(), zero()), x, wide)
}

// MaskRescaled is Mask times the number of elements of a sample, divided by the
// number of its elements that count, so that sums over samples stay comparable. A
// sample of which nothing counts is 0.
func (b *Builder) MaskRescaled(x, mask *Node) *Node {
	wide := b.maskLike("mask", mask, x)
	if wide == nil {
		return nil
	}
	counted := b.SumKeep(b.counted(wide), allAxes(x, nil)[1:]...)
	n := float64(x.DataSize() / x.Shape()[0])
	e := lower.Where(a1(), a0().Mul(lower.Num(n).Div(lower.Arg(2))), zero())
	return b.Map(e, x, wide, counted)
}

// MaskedMean is the mean of the elements of x that count, over the whole batch: a
// scalar. It is 0 if none counts.
func (b *Builder) MaskedMean(x, mask *Node) *Node {
	wide := b.maskLike("masked mean", mask, x)
	if wide == nil {
		return nil
	}
	return b.Map(a0().Div(lower.Max(one(), a1())), b.Sum(b.Mask(x, wide)), b.Sum(b.counted(wide)))
}

// LengthMask is [N, steps]: 1 at the first lengths[n] steps of sample n, else 0.
// lengths [N] are whole numbers from 0 to steps.
func (b *Builder) LengthMask(lengths *Node, steps int) *Node {
	if lengths == nil || b.Err() != nil {
		return nil
	}
	if lengths.Dims() != 1 || steps < 1 {
		b.Failf("length mask: lengths %v and %d steps: want [N] and at least 1", Shape(lengths.Shape()), steps)
		return nil
	}
	b.Domain(lengths, Domain{Hi: float64(steps), Whole: true, Loss: "length mask", Remedy: "cut the sequences, or give more steps"})
	return b.Map(a1().Less(a0()), b.Reshape(lengths, -1, 1), b.Iota(steps))
}

// counted is 1 where a mask is not 0.
func (b *Builder) counted(mask *Node) *Node { return b.Map(lower.Where(a0(), one(), zero()), mask) }

// maskLike is the mask in the shape of x.
func (b *Builder) maskLike(what string, mask, x *Node) *Node {
	if b.Err() != nil {
		return nil
	}
	if mask == nil || x == nil {
		b.Failf("%s: an operand is nil", what)
		return nil
	}
	m, s := Shape(mask.Shape()), Shape(x.Shape())
	if len(m) > len(s) || len(m) < 1 {
		b.Failf("%s: shape %v does not fit x %v: want x's first axes", what, m, s)
		return nil
	}
	wide := m.Clone()
	for len(wide) < len(s) {
		wide = append(wide, 1)
	}
	return b.broadcastLike(what, b.Reshape(mask, wide...), x)
}
