package cpu

import (
	"slices"

	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/lower"
)

// functionKernels are the kernels of the scalar functions.
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

// choice is the instruction for a term: operands are terms here, those in read
// in registers, which become x, y, z.
type choice[T lower.Float] struct {
	op   loopOp[T]
	read []int
}

// choose returns the instruction that computes a term that is not uniform from
// operands in registers and numbers.
func (c *loopCompiler[T]) choose(i int) choice[T] {
	t, k := c.terms[i], c.kernels
	uniform := func(n int) bool { return c.terms[t.src[n]].uniform }
	switch {
	case t.fn == lower.FnAdd || t.fn == lower.FnSub:
		if op, ok := c.fused(t); ok {
			return op
		}
	case t.fn == lower.FnDiv && !uniform(0) && uniform(1):
		s := c.num(t.src[1])
		return choice[T]{loopOp[T]{kind: opOver, scaled: k.right[lower.FnMul], divided: k.right[lower.FnDiv], s: s, t: c.computed(lower.FnDiv, c.num(c.constant(1)), s)}, t.src[:1]}
	case t.fn == lower.FnWhere && !uniform(0):
		switch {
		case !uniform(1) && !uniform(2):
			return choice[T]{loopOp[T]{kind: opTernary, ternary: c.v.Where}, t.src[:3]}
		case !uniform(1):
			return choice[T]{loopOp[T]{kind: opMixed, mixed: c.v.WhereElse, s: c.num(t.src[2])}, t.src[:2]}
		case !uniform(2):
			return choice[T]{loopOp[T]{kind: opMixed, mixed: c.v.WhereThen, s: c.num(t.src[1])}, []int{t.src[0], t.src[2]}}
		}
	}
	switch {
	case t.n == 1 && k.one[t.fn] != nil:
		return choice[T]{loopOp[T]{kind: opUnary, unary: k.one[t.fn]}, t.src[:1]}
	case t.n == 2 && k.two[t.fn] != nil && uniform(1):
		return choice[T]{loopOp[T]{kind: opScaled, scaled: k.right[t.fn], s: c.num(t.src[1])}, t.src[:1]}
	case t.n == 2 && k.two[t.fn] != nil && uniform(0):
		return choice[T]{loopOp[T]{kind: opScaled, scaled: k.left[t.fn], s: c.num(t.src[0])}, t.src[1:2]}
	case t.n == 2 && k.two[t.fn] != nil:
		return choice[T]{loopOp[T]{kind: opBinary, binary: k.two[t.fn]}, t.src[:2]}
	}
	if t.fn == lower.FnWhere {
		return choice[T]{loopOp[T]{kind: opTernary, ternary: c.v.Where}, t.src[:3]}
	}
	return choice[T]{loopOp[T]{kind: opPlain, fn: t.fn}, t.src[:t.n]}
}

// fused returns the instruction for a sum with a product that nothing else reads.
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
		// y - s x' is y + (-s) x'
		if m := c.terms[y]; product(y) && uniform(m.src[0]) && !uniform(x) {
			s := c.computed(lower.FnNeg, c.num(m.src[0]))
			return choice[T]{loopOp[T]{kind: opMixed, mixed: c.v.MulAddScaled, s: s}, []int{m.src[1], x}}, true
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
			// the one that is s times a square second
			if m := c.terms[b]; product(b) && m.src[0] == m.src[1] {
				a, b, p, q = p, q, a, b
			}
			if m := c.terms[q]; product(q) && m.src[0] == m.src[1] {
				return choice[T]{loopOp[T]{kind: opBlend, blend: c.v.BlendSquare, s: c.num(a), t: c.num(p)}, []int{b, m.src[0]}}, true
			}
			return choice[T]{loopOp[T]{kind: opBlend, blend: c.v.Blend, s: c.num(a), t: c.num(p)}, []int{b, q}}, true
		}
	}
	switch {
	case uniform(a) && uniform(y):
		return choice[T]{loopOp[T]{kind: opAffine, affine: c.v.Affine, s: c.num(a), t: c.num(y)}, []int{b}}, true
	case uniform(a):
		return choice[T]{loopOp[T]{kind: opMixed, mixed: c.v.MulAddScaled, s: c.num(a)}, []int{b, y}}, true
	case uniform(y):
		return choice[T]{loopOp[T]{kind: opMixed, mixed: c.v.MulAddConst, s: c.num(y)}, []int{a, b}}, true
	}
	return choice[T]{loopOp[T]{kind: opTernary, ternary: c.v.MulAdd}, []int{a, b, y}}, true
}

// overRoot returns the instruction for x - s y / (sqrt(t z) + u), where nothing
// else reads what is between.
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
	under, ok := once(root, lower.FnSqrt)
	if !ok || !c.terms[u].uniform {
		return choice[T]{}, false
	}
	y, s := c.factor(quotient.src[0])
	z, f := c.factor(under.src[0])
	return choice[T]{loopOp[T]{kind: opRooted, rooted: c.v.OverRoot, s: s, t: f, u: c.num(u)}, []int{x, y, z}}, true
}

// factor takes a term apart into one that is not uniform and the number that it
// is multiplied by, as far as nothing else reads what is between.
func (c *loopCompiler[T]) factor(i int) (of, number int) {
	number = c.num(c.constant(1))
	for c.uses[i] == 1 {
		t := c.terms[i]
		switch {
		case t.fn == lower.FnMul && c.terms[t.src[0]].uniform:
			i, number = t.src[1], c.computed(lower.FnMul, number, c.num(t.src[0]))
		case t.fn == lower.FnMul && c.terms[t.src[1]].uniform:
			i, number = t.src[0], c.computed(lower.FnMul, number, c.num(t.src[1]))
		case t.fn == lower.FnDiv && c.terms[t.src[1]].uniform:
			i, number = t.src[0], c.computed(lower.FnDiv, number, c.num(t.src[1]))
		default:
			return i, number
		}
	}
	return i, number
}

// allot chooses the instructions, in an order in which operands come first, and
// gives every term a register.
func (c *loopCompiler[T]) allot(roots []int, stored []bool, over func(result, operand int) bool) {
	c.uses = make([]int, len(c.terms)+1)
	c.at = make([]int, len(c.terms)+1)
	for i := range c.at {
		c.at[i] = -1
	}
	var use func(i int)
	use = func(i int) {
		if c.uses[i]++; c.uses[i] == 1 {
			t := c.terms[i]
			for _, s := range t.src[:t.n] {
				use(s)
			}
		}
	}
	for _, r := range roots {
		use(r)
	}
	type planned struct {
		term int // what it computes; -1 for a number as a vector
		choice[T]
	}
	var order []planned
	state := map[int]bool{} // of terms in order
	fills := map[int]int{}  // uniform term: a made-up term of its vector
	var need func(i int) int
	need = func(i int) int {
		if c.terms[i].uniform {
			f, ok := fills[i]
			if !ok {
				f = len(c.at)
				c.at, c.uses = append(c.at, -1), append(c.uses, 0)
				fills[i] = f
				order = append(order, planned{f, choice[T]{op: loopOp[T]{kind: opFill, s: c.num(i)}}})
			}
			return f
		}
		if c.terms[i].fn == lower.FnArg {
			c.at[i] = c.terms[i].arg
			c.code.reads[c.terms[i].arg] = true
			return i
		}
		if state[i] {
			return i
		}
		state[i] = true
		p := planned{i, c.choose(i)}
		p.read = slices.Clone(p.read)
		for k, s := range p.read {
			p.read[k] = need(s)
		}
		order = append(order, p)
		return i
	}
	holds := make([]int, len(roots)) // by result: the term that it is
	for r, i := range roots {
		holds[r] = need(i)
		// An operand that is a result, and is written over, is set aside.
		if t := c.terms[i]; t.fn == lower.FnArg && !t.uniform && stored[r] {
			for k := range roots {
				if over(k, t.arg) && k != r {
					holds[r] = len(c.at)
					c.at, c.uses = append(c.at, -1), append(c.uses, 0)
					order = append(order, planned{holds[r], choice[T]{op: loopOp[T]{kind: opPlain, fn: lower.FnArg}, read: []int{i}}})
					break
				}
			}
		}
	}
	// When each term is read last; by a combination along axes, after all.
	last := make([]int, len(c.at))
	for k, p := range order {
		for _, s := range p.read {
			last[s] = k
		}
	}
	end := len(order)
	for r, i := range holds {
		if _, computed := state[i]; !stored[r] || !computed {
			last[i] = end
		}
	}
	// A result is computed where it belongs, unless an operand there is still
	// to be read, or two results are one term.
	operands := len(c.operand)
	argRead := make([]int, operands) // by operand: when it is read last
	for i, t := range c.terms {
		if t.fn == lower.FnArg && c.at[i] >= 0 {
			argRead[t.arg] = last[i]
		}
	}
	position := map[int]int{}
	for k, p := range order {
		position[p.term] = k
	}
	for r, i := range holds {
		c.code.result[r] = -1
		k, computed := position[i]
		if !stored[r] || !computed || c.at[i] >= 0 {
			continue
		}
		clash := false
		for o := range operands {
			clash = clash || over(r, o) && argRead[o] > k
		}
		if !clash {
			c.at[i] = operands + r
			c.code.result[r] = operands + r
		}
	}
	// Temporary registers are free again when their term is read last.
	var free []int
	first := operands + len(roots)
	for k, p := range order {
		for n, s := range p.read {
			if at := c.at[s]; at >= first && last[s] == k && !slices.Contains(p.read[:n], s) {
				free = append(free, at)
			}
		}
		if c.at[p.term] < 0 {
			if len(free) == 0 {
				free = append(free, first+c.code.temps)
				c.code.temps++
			}
			c.at[p.term] = free[len(free)-1]
			free = free[:len(free)-1]
			for r, i := range holds { // kept to the end
				if i == p.term && c.code.result[r] < 0 {
					last[i] = end
				}
			}
		}
		op := p.op
		op.dst = c.at[p.term]
		for n, to := range []*int{&op.x, &op.y, &op.z} {
			if n < len(p.read) {
				*to = c.at[p.read[n]]
			} else if len(p.read) > 0 {
				*to = c.at[p.read[0]]
			}
		}
		c.code.ops = append(c.code.ops, op)
	}
	for r, i := range holds {
		if c.code.result[r] < 0 {
			c.code.result[r] = c.at[i]
			c.code.late[r] = stored[r]
		}
	}
}
