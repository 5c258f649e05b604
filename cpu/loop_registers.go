package cpu

import (
	"slices"

	"github.com/stheno-ml/stheno/lower"
)

// registerAllocator assigns registers to the terms of a loop. It adds terms to those
// of the compiler, for copies and for scalars that are needed as vectors.
type registerAllocator[T lower.Float] struct {
	*loopCompiler[T]
	stored     []bool // by result: whether it is written to memory
	over       func(result, operand int) bool
	order      []instruction[T] // instructions, each after those that it reads
	done       map[int]bool     // terms in order
	fills      map[int]int      // by uniform term: the term that holds it as a vector
	resultTerm []int            // by result: its term
	lastRead   []int            // by term: the last instruction that reads it
}

// instruction is a choice and the terms that it computes.
type instruction[T lower.Float] struct {
	term int
	choice[T]
	more []int // further terms
}

// computes reports whether a term is among those of the instruction.
func (p *instruction[T]) computes(term int) bool {
	return p.term == term || slices.Contains(p.more, term)
}

// allocate chooses the instructions and assigns a register to every term.
func (c *loopCompiler[T]) allocate(roots []int, stored []bool, over func(result, operand int) bool) {
	c.uses, c.at = make([]int, len(c.terms)), make([]int, len(c.terms))
	for i := range c.at {
		c.at[i] = -1
	}
	for _, r := range roots {
		c.use(r)
	}
	a := registerAllocator[T]{loopCompiler: c, stored: stored, over: over, done: map[int]bool{}, fills: map[int]int{}}
	for r, i := range roots {
		a.resultTerm = append(a.resultTerm, a.schedule(i))
		// A result that is an operand is copied first if another result overwrites it.
		if t := c.terms[i]; t.fn == lower.FnArg && !t.uniform && stored[r] && a.overwritten(r, t.arg, len(roots)) {
			a.resultTerm[r] = a.newTerm()
			a.order = append(a.order, instruction[T]{term: a.resultTerm[r], choice: choice[T]{loopOp[T]{kind: opPlain, fn: lower.FnArg}, []int{i}}})
		}
	}
	a.mergeAdam()
	a.liveRanges()
	a.inPlace()
	a.write()
}

// use counts the reads of a term.
func (c *loopCompiler[T]) use(i int) {
	if c.uses[i]++; c.uses[i] == 1 {
		t := c.terms[i]
		for _, s := range t.src[:t.n] {
			c.use(s)
		}
	}
}

// overwritten reports whether a result other than the given one overwrites the
// operand.
func (a *registerAllocator[T]) overwritten(result, operand, results int) bool {
	for k := range results {
		if k != result && a.over(k, operand) {
			return true
		}
	}
	return false
}

// newTerm returns a term that has no expression.
func (a *registerAllocator[T]) newTerm() int {
	a.at, a.uses = append(a.at, -1), append(a.uses, 0)
	return len(a.at) - 1
}

// schedule appends the instructions that compute a term as a vector, and returns the
// term to read.
func (a *registerAllocator[T]) schedule(i int) int {
	switch t := a.terms[i]; {
	case t.uniform:
		f, ok := a.fills[i]
		if !ok {
			f = a.newTerm()
			a.fills[i] = f
			a.order = append(a.order, instruction[T]{term: f, choice: choice[T]{op: loopOp[T]{kind: opFill, s: a.scalar(i)}}})
		}
		return f
	case t.fn == lower.FnArg:
		a.at[i] = t.arg
		a.code.reads[t.arg] = true
	case !a.done[i]:
		a.done[i] = true
		p, ok := a.pairOf(i)
		if !ok {
			p = instruction[T]{term: i, choice: a.choose(i)}
		}
		for _, k := range p.more {
			a.done[k] = true
		}
		p.read = slices.Clone(p.read)
		for k, s := range p.read {
			p.read[k] = a.schedule(s)
		}
		a.order = append(a.order, p)
	}
	return i
}

// liveRanges finds the last read of each term. A result that is reduced along axes,
// or that no instruction computes, is read after all instructions.
func (a *registerAllocator[T]) liveRanges() {
	a.lastRead = make([]int, len(a.at))
	for k, p := range a.order {
		for _, s := range p.read {
			a.lastRead[s] = k
		}
	}
	for r, i := range a.resultTerm {
		if !a.stored[r] || !a.done[i] {
			a.lastRead[i] = len(a.order)
		}
	}
}

// inPlace computes results in their own memory, unless an operand in that memory is
// still to be read, or two results are the same term.
func (a *registerAllocator[T]) inPlace() {
	read := make([]int, len(a.operand)) // by operand: its last read
	for i, t := range a.terms {
		if t.fn == lower.FnArg && a.at[i] >= 0 {
			read[t.arg] = a.lastRead[i]
		}
	}
	for r, i := range a.resultTerm {
		a.code.result[r] = -1
		k := slices.IndexFunc(a.order, func(p instruction[T]) bool { return p.computes(i) })
		clash := !a.stored[r] || k < 0 || a.at[i] >= 0
		for o := range read {
			clash = clash || a.over(r, o) && read[o] > k
		}
		if !clash {
			a.at[i] = len(a.operand) + r
			a.code.result[r] = a.at[i]
		}
	}
}

// write emits the instructions. A temporary register is free after the last read of
// its term.
func (a *registerAllocator[T]) write() {
	var free []int
	first := len(a.operand) + len(a.resultTerm)
	for k, p := range a.order {
		for n, s := range p.read {
			if at := a.at[s]; at >= first && a.lastRead[s] == k && !slices.Contains(p.read[:n], s) {
				free = append(free, at)
			}
		}
		for _, term := range append([]int{p.term}, p.more...) {
			if a.at[term] >= 0 {
				continue
			}
			if len(free) == 0 {
				free = append(free, first+a.code.temps)
				a.code.temps++
			}
			a.at[term] = free[len(free)-1]
			free = free[:len(free)-1]
			if slices.Contains(a.resultTerm, term) { // stored at the end
				a.lastRead[term] = len(a.order)
			}
		}
		op := p.op
		op.dst = a.at[p.term]
		for n, term := range p.more {
			op.more[n] = a.at[term]
		}
		for n, to := range []*int{&op.x, &op.y, &op.z, &op.a} {
			if n < len(p.read) {
				*to = a.at[p.read[n]]
			} else if len(p.read) > 0 {
				*to = a.at[p.read[0]]
			}
		}
		a.code.ops = append(a.code.ops, op)
	}
	for r, i := range a.resultTerm {
		if a.code.result[r] < 0 {
			a.code.result[r] = a.at[i]
			a.code.deferredStore[r] = a.stored[r]
		}
	}
}
