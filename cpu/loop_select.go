package cpu

import (
	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/lower"
)

// functionKernels are the vector kernels of the scalar functions. right and left have
// a scalar operand on that side.
type functionKernels[T lower.Float] struct {
	one         [lower.Fns]func(dst, x []T)
	two         [lower.Fns]func(dst, x, y []T)
	right, left [lower.Fns]func(dst, x []T, s T)
}

func kernelsOf[T lower.Float](v *kernel.Vector[T]) *functionKernels[T] {
	k := &functionKernels[T]{}
	for fn, op := range map[lower.Fn]kernel.VectorOp{
		lower.FnAdd: kernel.OpAdd, lower.FnSub: kernel.OpSub, lower.FnMul: kernel.OpMul, lower.FnDiv: kernel.OpDiv,
		lower.FnMin: kernel.OpMin, lower.FnMax: kernel.OpMax, lower.FnLess: kernel.OpLess,
	} {
		k.two[fn], k.right[fn], k.left[fn] = v.Binary[op], v.Right[op], v.Left[op]
	}
	for fn, op := range map[lower.Fn]kernel.VectorOp{
		lower.FnNeg: kernel.OpNeg, lower.FnAbs: kernel.OpAbs, lower.FnSqrt: kernel.OpSqrt, lower.FnExp: kernel.OpExp,
		lower.FnExpm1: kernel.OpExpm1, lower.FnLog: kernel.OpLog, lower.FnLog1p: kernel.OpLog1p, lower.FnTanh: kernel.OpTanh,
		lower.FnSigmoid: kernel.OpSigmoid, lower.FnSoftplus: kernel.OpSoftplus, lower.FnErf: kernel.OpErf,
	} {
		k.one[fn] = v.Unary[op]
	}
	return k
}

// choice is the instruction for a term. The terms in read are in registers and become
// x, y, z.
type choice[T lower.Float] struct {
	op   loopOp[T]
	read []int
}

// choose returns the instruction that computes a non-uniform term from registers and
// scalars.
func (c *loopCompiler[T]) choose(i int) choice[T] {
	t, k := c.terms[i], c.kernels
	uniform := func(n int) bool { return c.terms[t.src[n]].uniform }
	switch {
	case t.fn == lower.FnAdd || t.fn == lower.FnSub:
		if op, ok := c.fused(t); ok {
			return op
		}
	case t.fn == lower.FnDiv && !uniform(0) && uniform(1):
		s := c.scalar(t.src[1])
		return choice[T]{loopOp[T]{kind: opDivide, scaled: k.right[lower.FnMul], divided: k.right[lower.FnDiv], s: s, t: c.computeScalar(lower.FnDiv, c.scalar(c.constant(1)), s)}, t.src[:1]}
	case t.fn == lower.FnWhere && !uniform(0):
		switch {
		case !uniform(1) && !uniform(2):
			return choice[T]{loopOp[T]{kind: opTernary, ternary: c.v.Where}, t.src[:3]}
		case !uniform(1):
			return choice[T]{loopOp[T]{kind: opMixed, mixed: c.v.WhereElse, s: c.scalar(t.src[2])}, t.src[:2]}
		case !uniform(2):
			return choice[T]{loopOp[T]{kind: opMixed, mixed: c.v.WhereThen, s: c.scalar(t.src[1])}, []int{t.src[0], t.src[2]}}
		}
	}
	switch {
	case t.n == 1 && k.one[t.fn] != nil:
		return choice[T]{loopOp[T]{kind: opUnary, unary: k.one[t.fn]}, t.src[:1]}
	case t.n == 2 && k.two[t.fn] != nil && uniform(1):
		return choice[T]{loopOp[T]{kind: opScaled, scaled: k.right[t.fn], s: c.scalar(t.src[1])}, t.src[:1]}
	case t.n == 2 && k.two[t.fn] != nil && uniform(0):
		return choice[T]{loopOp[T]{kind: opScaled, scaled: k.left[t.fn], s: c.scalar(t.src[0])}, t.src[1:2]}
	case t.n == 2 && k.two[t.fn] != nil:
		return choice[T]{loopOp[T]{kind: opBinary, binary: k.two[t.fn]}, t.src[:2]}
	}
	if t.fn == lower.FnWhere {
		return choice[T]{loopOp[T]{kind: opTernary, ternary: c.v.Where}, t.src[:3]}
	}
	return choice[T]{loopOp[T]{kind: opPlain, fn: t.fn}, t.src[:t.n]}
}

// fused returns one instruction for a sum or difference with a product that nothing
// else reads.
func (c *loopCompiler[T]) fused(t term) (choice[T], bool) {
	uniform := func(i int) bool { return c.terms[i].uniform }
	product := func(i int) bool { return c.terms[i].fn == lower.FnMul && c.uses[i] == 1 && !uniform(i) && c.at[i] < 0 }
	x, y := t.src[0], t.src[1]
	if t.fn == lower.FnAdd && !product(x) {
		x, y = y, x
	}
	if t.fn == lower.FnSub {
		if op, ok := c.overRoot(t); ok {
			return op, true
		}
		// x - s b is x + (-s) b
		if m := c.terms[y]; product(y) && uniform(m.src[0]) && !uniform(x) {
			s := c.computeScalar(lower.FnNeg, c.scalar(m.src[0]))
			return choice[T]{loopOp[T]{kind: opMixed, pattern: patternScaledAdd, mixed: c.v.MulAddScaled, s: s}, []int{m.src[1], x}}, true
		}
		return choice[T]{}, false
	}
	if !product(x) {
		return choice[T]{}, false
	}
	a, b := c.terms[x].src[0], c.terms[x].src[1]
	if uniform(b) {
		a, b = b, a
	}
	if uniform(a) && product(y) {
		p, q := c.terms[y].src[0], c.terms[y].src[1]
		if uniform(q) {
			p, q = q, p
		}
		if uniform(p) {
			// if one of the two is a square, it comes second
			if m := c.terms[b]; product(b) && m.src[0] == m.src[1] {
				a, b, p, q = p, q, a, b
			}
			if m := c.terms[q]; product(q) && m.src[0] == m.src[1] {
				return choice[T]{loopOp[T]{kind: opBlend, pattern: patternBlendSquare, blend: c.v.BlendSquare, s: c.scalar(a), t: c.scalar(p)}, []int{b, m.src[0]}}, true
			}
			return choice[T]{loopOp[T]{kind: opBlend, pattern: patternBlend, blend: c.v.Blend, s: c.scalar(a), t: c.scalar(p)}, []int{b, q}}, true
		}
	}
	switch {
	case uniform(a) && uniform(y):
		return choice[T]{loopOp[T]{kind: opAffine, pattern: patternAffine, affine: c.v.Affine, s: c.scalar(a), t: c.scalar(y)}, []int{b}}, true
	case uniform(a):
		return choice[T]{loopOp[T]{kind: opMixed, pattern: patternScaledAdd, mixed: c.v.MulAddScaled, s: c.scalar(a)}, []int{b, y}}, true
	case uniform(y):
		return choice[T]{loopOp[T]{kind: opMixed, pattern: patternMulAddConst, mixed: c.v.MulAddConst, s: c.scalar(y)}, []int{a, b}}, true
	}
	return choice[T]{loopOp[T]{kind: opTernary, pattern: patternMulAdd, ternary: c.v.MulAdd}, []int{a, b, y}}, true
}

// overRoot returns one instruction for x - s y / (sqrt(t z) + u), if nothing else
// reads the terms between.
func (c *loopCompiler[T]) overRoot(t term) (choice[T], bool) {
	once := func(i int, fn lower.Fn) (term, bool) {
		return c.terms[i], c.terms[i].fn == fn && c.uses[i] == 1 && !c.terms[i].uniform
	}
	x := t.src[0]
	quotient, ok := once(t.src[1], lower.FnDiv)
	if !ok || c.terms[x].uniform || c.terms[quotient.src[0]].uniform {
		return choice[T]{}, false
	}
	sum, ok := once(quotient.src[1], lower.FnAdd)
	if !ok {
		return choice[T]{}, false
	}
	root, u := sum.src[0], sum.src[1]
	if c.terms[root].uniform {
		root, u = u, root
	}
	sqrt, ok := once(root, lower.FnSqrt)
	if !ok || !c.terms[u].uniform {
		return choice[T]{}, false
	}
	y, s := c.factor(quotient.src[0])
	z, f := c.factor(sqrt.src[0])
	return choice[T]{loopOp[T]{kind: opRooted, pattern: patternOverRoot, rooted: c.v.OverRoot, s: s, t: f, u: c.scalar(u)}, []int{x, y, z}}, true
}

// factor splits a term into a non-uniform term and a scalar factor, as far as nothing
// else reads the terms between.
func (c *loopCompiler[T]) factor(i int) (of, scalar int) {
	scalar = c.scalar(c.constant(1))
	for c.uses[i] == 1 {
		t := c.terms[i]
		switch {
		case t.fn == lower.FnMul && c.terms[t.src[0]].uniform:
			i, scalar = t.src[1], c.computeScalar(lower.FnMul, scalar, c.scalar(t.src[0]))
		case t.fn == lower.FnMul && c.terms[t.src[1]].uniform:
			i, scalar = t.src[0], c.computeScalar(lower.FnMul, scalar, c.scalar(t.src[1]))
		case t.fn == lower.FnDiv && c.terms[t.src[1]].uniform:
			i, scalar = t.src[0], c.computeScalar(lower.FnDiv, scalar, c.scalar(t.src[1]))
		default:
			return i, scalar
		}
	}
	return i, scalar
}
