package cpu

import (
	"math"

	"github.com/stheno-ml/stheno/internal/interp"
	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/lower"
)

// loopBlock is the maximum number of elements in a register: a dozen registers fit
// into the first-level cache.
const loopBlock = 512

// registers is the memory for the registers of loops, by worker. All steps share it:
// each reserves what it needs when it is planned.
type registers[T lower.Float] struct {
	need   int
	worker [][]T
}

func newRegisters[T lower.Float](workers int) *registers[T] {
	return &registers[T]{worker: make([][]T, workers)}
}

func (s *registers[T]) reserve(n int) { s.need = max(s.need, n) }

// alloc allocates the reserved memory.
func (s *registers[T]) alloc() {
	for i := range s.worker {
		s.worker[i] = make([]T, s.need)
	}
}

// loop runs a plan.Loop, some rows at a time.
type loop[T lower.Float] struct {
	vector     *kernel.Vector[T]
	code       *loopCode[T]
	space      loopSpace
	accesses   []access            // by operand
	stretches  []stretch           // by operand that is read byStretch
	copies     []int               // by operand: the index of its copy among a block's copies, -1 for none
	reductions []*loopReduction[T] // by result; nil for a stored result
	memory     *registers[T]
	reg        [][][]T // by worker, by register

	in      []lower.Array[T] // of the current run
	results []lower.Array[T]
	out     [][]T // by stored result
}

// newLoop plans a loop over operands with the given layouts. If product is set,
// operand 0 is a product that the caller passes block by block. over reports whether
// a result overwrites an operand.
func newLoop[T lower.Float](p plan.Loop, shape lower.Shape, operands []plan.Layout, product bool, over func(result, operand int) bool, v *kernel.Vector[T], memory *registers[T]) *loop[T] {
	var axes []*lower.Reduce
	stored := make([]bool, len(p.Results))
	for i, r := range p.Results {
		stored[i] = r.Along == nil
		axes = append(axes, r.Along)
	}
	l := &loop[T]{vector: v, memory: memory, out: make([][]T, len(p.Results))}
	if product {
		l.space = productSpace(shape, operands, axes)
	} else {
		l.space = spaceOf(shape, operands, axes)
	}
	l.accesses, l.stretches = make([]access, len(operands)), make([]stretch, len(operands))
	scalar := make([]bool, len(operands))
	copies := 0
	for i, o := range operands {
		l.accesses[i] = accessOf(l.space, shape, o)
		if product && i == 0 {
			l.accesses[i] = byBlock
		}
		scalar[i] = l.accesses[i] == byScalar
		l.copies = append(l.copies, -1)
		if l.accesses[i] == byCopy {
			if l.stretches[i] = stretchOf(o); l.stretches[i].size > 0 {
				l.accesses[i] = byStretch
			}
		}
		if l.accesses[i] == byRow || l.accesses[i] == byCopy || l.accesses[i] == byStretch {
			l.copies[i] = copies
			copies++
		}
	}
	l.code = compileLoop(v, p.Exprs(), scalar, stored, over)
	for _, r := range p.Results {
		var e *loopReduction[T]
		if r.Along != nil {
			e = newLoopReduction(v, *r.Along, shape, l.space)
		}
		l.reductions = append(l.reductions, e)
	}
	memory.reserve((l.code.temps + copies) * loopBlock)
	for range memory.worker {
		l.reg = append(l.reg, make([][]T, len(operands)+len(p.Results)+l.code.temps))
	}
	return l
}

// start begins a run and computes the scalars. finish writes the reduced results.
func (l *loop[T]) start(in []lower.Array[T], out []lower.Array[T]) {
	l.in, l.results = in, out
	for i, o := range out {
		if l.reductions[i] == nil {
			l.out[i] = o.Data[o.Off : o.Off+l.space.rows*l.space.inner]
		}
	}
	c := l.code
	for i, at := range c.scalarOf {
		if at >= 0 {
			c.scalars[at] = in[i].Data[in[i].Off]
		}
	}
	c.runPrelude()
}

// rows runs block b of the index space. If operand 0 is a product, product is its
// elements in the block, in row-major order. Reductions go to the chunk's partial
// results.
func (l *loop[T]) rows(worker, chunk int, b kernel.Block, product []T) {
	for _, e := range l.reductions {
		if e != nil {
			e.clear(chunk, b)
		}
	}
	width, inner := b.Col1-b.Col0, l.space.inner
	if width == 0 {
		return
	}
	if several := loopBlock / width; width == inner && several > 1 && b.Row1-b.Row0 > 1 {
		l.replicateRows(worker, min(several, b.Row1-b.Row0))
		for r := b.Row0; r < b.Row1; r += several {
			m := min(several, b.Row1-r)
			l.block(worker, chunk, r, 0, m, m*width, product, (r-b.Row0)*width, true)
		}
		return
	}
	pieces := (width + loopBlock - 1) / loopBlock
	step := min(((width+pieces-1)/pieces+15)/16*16, loopBlock)
	for r := b.Row0; r < b.Row1; r++ {
		for c := b.Col0; c < b.Col1; c += step {
			l.block(worker, chunk, r, c, 1, min(step, b.Col1-c), product, (r-b.Row0)*width+c-b.Col0, false)
		}
	}
}

// whole runs the whole index space, as one chunk.
func (l *loop[T]) whole(worker int) {
	l.rows(worker, 0, kernel.Block{Row1: l.space.rows, Col1: l.space.inner}, nil)
	l.finish(1)
}

// copyOf is a worker's memory for the copy of operand i.
func (l *loop[T]) copyOf(worker, i int) []T {
	at := (l.code.temps + l.copies[i]) * loopBlock
	return l.memory.worker[worker][at : at+loopBlock]
}

// replicateRows copies each operand that is one row, once for every row of a block.
func (l *loop[T]) replicateRows(worker, rows int) {
	for i, a := range l.accesses {
		if a == byRow && l.code.reads[i] {
			x, to := l.in[i].Data[l.in[i].Off:][:l.space.inner], l.copyOf(worker, i)
			for range rows {
				to = to[copy(to, x):]
			}
		}
	}
}

// block runs the instructions on n elements from row r, column c on: whole rows, or a
// piece of one row.
func (l *loop[T]) block(worker, chunk, r, c, rows, n int, product []T, at int, replicated bool) {
	code, reg := l.code, l.reg[worker]
	flat := r*l.space.inner + c
	for i, a := range l.accesses {
		if !code.reads[i] {
			continue
		}
		x := &l.in[i]
		switch {
		case a == byElement:
			reg[i] = x.Data[x.Off+flat : x.Off+flat+n]
		case a == byBlock:
			reg[i] = product[at : at+n]
		case a == byRow && replicated:
			reg[i] = l.copyOf(worker, i)[:n]
		case a == byRow:
			reg[i] = x.Data[x.Off+c : x.Off+c+n]
		case a == byStretch:
			reg[i] = l.copyOf(worker, i)[:n]
			fillStretches(l.vector, &l.stretches[i], x, reg[i], flat)
		case a == byCopy:
			reg[i] = l.copyOf(worker, i)[:n]
			x.CopyRange(reg[i], flat)
		}
	}
	first := len(l.accesses)
	for i, o := range l.out {
		if o != nil {
			reg[first+i] = o[flat : flat+n]
		}
	}
	first += len(l.out)
	memory := l.memory.worker[worker]
	for i := range code.temps {
		reg[first+i] = memory[i*loopBlock : i*loopBlock+n]
	}
	code.run(l.vector, reg)
	for i, e := range l.reductions {
		if e != nil {
			e.combine(chunk, r, c, rows, reg[code.result[i]])
		}
	}
	for i, deferred := range code.deferredStore {
		if deferred {
			l.vector.Copy(reg[len(l.accesses)+i], reg[code.result[i]])
		}
	}
}

// runPrelude computes the scalars that depend on others.
func (c *loopCode[T]) runPrelude() {
	at := func(i int) []T { return c.scalars[i : i+1] }
	for _, op := range c.prelude {
		interp.PlainLoop(op.fn, at(op.dst), at(op.src[0]), at(op.src[1]), at(op.src[2]))
	}
}

// run runs the instructions on the registers.
func (c *loopCode[T]) run(v *kernel.Vector[T], reg [][]T) {
	for k := range c.ops {
		op := &c.ops[k]
		dst, x := reg[op.dst], reg[op.x]
		switch op.kind {
		case opUnary:
			op.unary(dst, x)
		case opBinary:
			op.binary(dst, x, reg[op.y])
		case opScaled:
			op.scaled(dst, x, c.scalars[op.s])
		case opTernary:
			op.ternary(dst, x, reg[op.y], reg[op.z])
		case opMixed:
			op.mixed(dst, x, reg[op.y], c.scalars[op.s])
		case opAffine:
			op.affine(dst, x, c.scalars[op.s], c.scalars[op.t])
		case opBlend:
			op.blend(dst, x, reg[op.y], c.scalars[op.s], c.scalars[op.t])
		case opRooted:
			op.rooted(dst, x, reg[op.y], reg[op.z], c.scalars[op.s], c.scalars[op.t], c.scalars[op.u])
		case opAdam:
			n := c.scalars
			v.Adam(reg[op.more[0]], reg[op.more[1]], dst, x, reg[op.y], reg[op.z], reg[op.a],
				n[op.s], n[op.t], n[op.u], n[op.rest[0]], n[op.rest[1]], n[op.rest[2]], n[op.rest[3]])
		case opTwo:
			op.two(dst, reg[op.more[0]], x)
		case opFill:
			v.Fill(dst, c.scalars[op.s])
		case opDivide:
			if s, t := c.scalars[op.s], c.scalars[op.t]; isNormal(float64(t)) && exactInverse(float64(s)) {
				op.scaled(dst, x, t)
			} else {
				op.divided(dst, x, s)
			}
		case opPlain:
			interp.PlainLoop(op.fn, dst, x, reg[op.y], reg[op.z])
		}
	}
}

// finish combines the partial results of the chunks.
func (l *loop[T]) finish(chunks int) {
	for i, e := range l.reductions {
		if e != nil {
			o := l.results[i]
			e.finish(o.Data[o.Off:][:e.size], chunks)
		}
	}
}

// chunks allocates the partial results of n chunks. wholeRows and wholeColumns say
// whether every chunk consists of whole rows or of whole columns.
func (l *loop[T]) chunks(n int, wholeRows, wholeColumns bool) {
	for _, e := range l.reductions {
		if e != nil {
			e.alloc(n, wholeRows, wholeColumns)
		}
	}
}

// exactInverse reports whether s is a power of two, so that x * (1/s) equals x / s in
// every bit.
func exactInverse(s float64) bool {
	f, _ := math.Frexp(s)
	return f == .5 || f == -.5
}
