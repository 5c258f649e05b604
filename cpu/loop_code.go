package cpu

import (
	"math"

	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/lower"
)

// loopCode is the expressions of a loop, compiled to instructions on blocks of
// elements.
//
// A worker's registers are numbered: first one per operand, then one per result, then
// temporaries. Scalars, which are the same for all elements, are in a separate list.
// The prelude computes them once per run.
type loopCode[T lower.Float] struct {
	ops           []loopOp[T]
	scalars       []T // constants, uniform operands, and results of the prelude
	prelude       []scalarOp
	scalarOf      []int  // by operand: its index in scalars, -1 if it is not uniform
	reads         []bool // by operand: whether an instruction reads it from a register
	result        []int  // by result: the register that holds it
	deferredStore []bool // by result: copied to its memory after all instructions
	temps         int
}

// scalarOp computes one scalar from others.
type scalarOp struct {
	fn  lower.Fn
	dst int
	src [3]int
}

// loopOp is one instruction. It calls the one kernel that is set, with registers x,
// y, z, a and scalars s, t, u in the order of that kernel.
type loopOp[T lower.Float] struct {
	dst, x, y, z, a, s, t, u int
	more                     [2]int // the registers of further results
	rest                     [4]int // the scalars after s, t, u

	kind    opKind
	pattern pattern
	unary   func(dst, x []T)
	binary  func(dst, x, y []T)
	scaled  func(dst, x []T, s T)
	divided func(dst, x []T, s T)
	ternary func(dst, x, y, z []T)
	mixed   func(dst, x, y []T, s T)
	affine  func(dst, x []T, s, t T)
	blend   func(dst, x, y []T, s, t T)
	rooted  func(dst, x, y, z []T, s, t, u T)
	two     func(dst, more, x []T)
	fn      lower.Fn // for opPlain
}

type opKind uint8

const (
	opUnary   opKind = iota // unary(x)
	opBinary                // binary(x, y)
	opScaled                // scaled(x, s)
	opTernary               // ternary(x, y, z)
	opMixed                 // mixed(x, y, s)
	opAffine                // affine(x, s, t)
	opBlend                 // blend(x, y, s, t)
	opRooted                // rooted(x, y, z, s, t, u)
	opAdam                  // the moments x, y and weights z by the gradient a
	opTwo                   // two(x), of two results
	opFill                  // fills with s
	opDivide                // scaled(x, t) if t = 1/s is exact, else divided(x, s)
	opPlain                 // fn(x, y, z) by the interpreter's loop
)

// term is a distinct subexpression.
type term struct {
	fn      lower.Fn
	bits    uint64 // of a constant
	arg     int
	src     [3]int // operands, as terms
	n       int    // operands in src
	uniform bool   // the same for all elements
}

// loopCompiler numbers the distinct subexpressions of a loop and compiles them to
// instructions.
type loopCompiler[T lower.Float] struct {
	v        *kernel.Vector[T]
	kernels  *functionKernels[T]
	code     *loopCode[T]
	terms    []term
	seen     map[term]int
	uses     []int       // by term: how many terms and results read it
	at       []int       // by term: its register, -1 until it has one
	scalarAt map[int]int // by uniform term: its index in code.scalars
	operand  []bool      // by operand: whether it is uniform
}

// compileLoop compiles expressions. uniform says which operands are the same for all
// elements, stored which results are written to memory, and over whether a result
// overwrites an operand.
func compileLoop[T lower.Float](v *kernel.Vector[T], exprs []lower.Expr, uniform, stored []bool, over func(result, operand int) bool) *loopCode[T] {
	c := &loopCompiler[T]{
		v: v, kernels: kernelsOf(v), seen: map[term]int{}, scalarAt: map[int]int{}, operand: uniform,
		code: &loopCode[T]{
			scalarOf: make([]int, len(uniform)), reads: make([]bool, len(uniform)),
			result: make([]int, len(exprs)), deferredStore: make([]bool, len(exprs)),
		},
	}
	roots := make([]int, len(exprs))
	for i, e := range exprs {
		roots[i] = c.intern(e, map[lower.Expr]int{})
	}
	for i := range uniform {
		c.code.scalarOf[i] = -1
	}
	c.constant(1) // choose may read it: number it before terms are counted
	c.allocate(roots, stored, over)
	return c.code
}

// intern returns the index of an expression's term.
func (c *loopCompiler[T]) intern(e lower.Expr, memo map[lower.Expr]int) int {
	if i, ok := memo[e]; ok {
		return i
	}
	t := term{fn: e.Fn()}
	switch t.fn {
	case lower.FnArg:
		t.arg = e.Index()
	case lower.FnNum:
		t.bits = math.Float64bits(e.Value())
	}
	for k, x := range e.Operands() {
		t.src[k] = c.intern(x, memo)
		t.n++
	}
	i := c.simplify(t)
	memo[e] = i
	return i
}

// simplify returns the index of the term, or of a simpler term that is equal.
func (c *loopCompiler[T]) simplify(t term) int {
	num := func(i int) (float64, bool) { return c.terms[i].value(), c.terms[i].fn == lower.FnNum }
	switch t.fn {
	case lower.FnMul:
		if _, ok := num(t.src[1]); ok { // the constant first
			t.src[0], t.src[1] = t.src[1], t.src[0]
		}
		if a, ok := num(t.src[0]); ok {
			x := c.terms[t.src[1]]
			switch {
			case a == 1:
				return t.src[1]
			case a == -1:
				return c.simplify(term{fn: lower.FnNeg, src: [3]int{t.src[1]}, n: 1})
			case x.fn == lower.FnMul:
				if b, ok := num(x.src[0]); ok && isNormal(a*b) {
					t.src = [3]int{c.constant(a * b), x.src[1]}
				}
			}
		}
	case lower.FnAdd:
		if x := c.terms[t.src[1]]; x.fn == lower.FnNeg {
			return c.add(term{fn: lower.FnSub, src: [3]int{t.src[0], x.src[0]}, n: 2})
		}
		if x := c.terms[t.src[0]]; x.fn == lower.FnNeg {
			return c.add(term{fn: lower.FnSub, src: [3]int{t.src[1], x.src[0]}, n: 2})
		}
	}
	return c.add(t)
}

// isNormal reports whether x and 1/x are far from underflow and overflow in float32.
func isNormal(x float64) bool {
	x = math.Abs(x)
	return x > 0x1p-120 && x < 0x1p120
}

func (t term) value() float64 { return math.Float64frombits(t.bits) }

func (c *loopCompiler[T]) constant(x float64) int {
	return c.add(term{fn: lower.FnNum, bits: math.Float64bits(x)})
}

func (c *loopCompiler[T]) add(t term) int {
	switch t.fn {
	case lower.FnNum:
		t.uniform = true
	case lower.FnArg:
		t.uniform = c.operand[t.arg]
	default:
		t.uniform = true
		for _, s := range t.src[:t.n] {
			t.uniform = t.uniform && c.terms[s].uniform
		}
	}
	if i, ok := c.seen[t]; ok {
		return i
	}
	c.seen[t] = len(c.terms)
	c.terms = append(c.terms, t)
	return len(c.terms) - 1
}

// scalar returns the index in code.scalars of a uniform term, which the prelude
// computes.
func (c *loopCompiler[T]) scalar(i int) int {
	if at, ok := c.scalarAt[i]; ok {
		return at
	}
	t := c.terms[i]
	at := -1
	if t.fn == lower.FnArg {
		at = c.addScalar(0)
		c.code.scalarOf[t.arg] = at
	} else if t.fn == lower.FnNum {
		at = c.addScalar(T(t.value()))
	} else {
		op := scalarOp{fn: t.fn}
		for k, s := range t.src[:t.n] {
			op.src[k] = c.scalar(s)
		}
		op.dst = c.addScalar(0)
		at = op.dst
		c.code.prelude = append(c.code.prelude, op)
	}
	c.scalarAt[i] = at
	return at
}

func (c *loopCompiler[T]) addScalar(v T) int {
	c.code.scalars = append(c.code.scalars, v)
	return len(c.code.scalars) - 1
}

// computeScalar adds fn of scalars to the prelude and returns the index of its
// result.
func (c *loopCompiler[T]) computeScalar(fn lower.Fn, src ...int) int {
	op := scalarOp{fn: fn, dst: c.addScalar(0)}
	copy(op.src[:], src)
	c.code.prelude = append(c.code.prelude, op)
	return op.dst
}

// directResult finds a deferred result that is operand 0 itself and overwrites no
// operand. The caller then computes operand 0 in that result's memory. It returns -1
// if there is none.
func (c *loopCode[T]) directResult(over func(result, operand int) bool) int {
	for r, deferredStore := range c.deferredStore {
		taken := false
		for o := range c.reads {
			taken = taken || over(r, o)
		}
		if deferredStore && c.result[r] == 0 && !taken {
			c.deferredStore[r] = false
			return r
		}
	}
	return -1
}
