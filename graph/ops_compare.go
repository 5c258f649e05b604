package graph

import "github.com/stheno-ml/stheno/lower"

// Comparisons are 1 where they hold and 0 elsewhere, with broadcasting. Their
// derivative is 0. With NaN, only NotEqual holds.

// notNaN is 1 unless e is NaN.
func notNaN(e lower.Expr) lower.Expr { return lower.Max(e.Less(one()), zero().Less(e)) }

func equal(e, f lower.Expr) lower.Expr {
	return lower.Where(e.Less(f), zero(), lower.Where(f.Less(e), zero(), notNaN(e).Mul(notNaN(f))))
}

// Less is 1 where x < y, else 0.
func (b *Builder) Less(x, y *Node) *Node { return b.Map(a0().Less(a1()), x, y) }

// LessEqual is 1 where x <= y, else 0.
func (b *Builder) LessEqual(x, y *Node) *Node {
	return b.Map(lower.Max(a0().Less(a1()), equal(a0(), a1())), x, y)
}

// Greater is 1 where x > y, else 0.
func (b *Builder) Greater(x, y *Node) *Node { return b.Less(y, x) }

// GreaterEqual is 1 where x >= y, else 0.
func (b *Builder) GreaterEqual(x, y *Node) *Node { return b.LessEqual(y, x) }

// Equal is 1 where x = y, else 0.
func (b *Builder) Equal(x, y *Node) *Node { return b.Map(equal(a0(), a1()), x, y) }

// NotEqual is 1 where x and y differ or one of them is NaN, else 0.
func (b *Builder) NotEqual(x, y *Node) *Node { return b.Map(one().Sub(equal(a0(), a1())), x, y) }

// Where is x where cond is not 0, else y, with broadcasting. The gradient goes to the
// chosen element. It is 0 for the other, even if that is NaN or infinite.
func (b *Builder) Where(cond, x, y *Node) *Node {
	return b.Map(lower.Where(a0(), a1(), lower.Arg(2)), cond, x, y)
}

// Minimum is the lesser of x and y, elementwise with broadcasting, and NaN if either
// is NaN. Where they are equal the gradient goes to y.
func (b *Builder) Minimum(x, y *Node) *Node { return b.Map(lower.Min(a0(), a1()), x, y) }

// Maximum is the greater of x and y, elementwise with broadcasting, and NaN if either
// is NaN. Where they are equal the gradient goes to y.
func (b *Builder) Maximum(x, y *Node) *Node { return b.Map(lower.Max(a0(), a1()), x, y) }

// Clip is x limited to [lo, hi]. The derivative is 1 in that range, including its
// ends, and 0 outside.
func (b *Builder) Clip(x *Node, lo, hi float64) *Node {
	if b.Err() == nil && !(lo <= hi) {
		b.Failf("clip: the range from %g to %g is empty: give the lower end first", lo, hi)
		return nil
	}
	return b.Map(lower.Min(lower.Num(hi), lower.Max(lower.Num(lo), a0())), x)
}

// Abs is |x|, with derivative 0 at 0.
func (b *Builder) Abs(x *Node) *Node { return b.Map(lower.Abs(a0()), x) }

// Sign is 1, 0 or -1, with derivative 0.
func (b *Builder) Sign(x *Node) *Node {
	return b.Map(zero().Less(a0()).Sub(a0().Less(zero())), x)
}

// Floor is the greatest whole number that is not above x, with derivative 0.
func (b *Builder) Floor(x *Node) *Node { return b.Map(lower.Floor(a0()), x) }

// Round is the whole number nearest to x, with halves rounded up, with derivative 0.
func (b *Builder) Round(x *Node) *Node { return b.Map(lower.Floor(a0().Add(lower.Num(.5))), x) }

// Pow is x to the power of y, elementwise with broadcasting. If x can be negative, y
// must be a constant whole number.
func (b *Builder) Pow(x, y *Node) *Node { return b.Map(lower.Pow(a0(), a1()), x, y) }
