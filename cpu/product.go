package cpu

import (
	"fmt"
	"unsafe"

	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/internal/team"
	"github.com/stheno-ml/stheno/lower"
)

// product is a step that multiplies matrices and runs a loop over the result.
func (m *maker[T]) product(s plan.Step, p plan.Product) (step[T], error) {
	shape := lower.Shape{m.plan.Func.Shape(s.In[0])[0], m.plan.Func.Shape(s.In[1])[1]}
	operands := append([]plan.Layout{{Shape: shape, Strides: shape.Strides()}}, m.layouts(s.In[2:])...)
	over := overwrites(m.plan, s)
	if bias, relu, ok := biasAndReLU(p.Loop, operands); ok {
		k, err := newMatmulStep[T](m.plan.Values[s.In[0]], m.plan.Values[s.In[1]], shape, m.isa, m.workers, m.work)
		if err != nil {
			return nil, fmt.Errorf("%v: %w", p, err)
		}
		k.relu = relu
		if bias > 0 {
			k.bias = bias + 1
		}
		return k, nil
	}
	replaces := func(result, operand int) bool { return operand > 0 && over(result, operand+1) }
	l := newLoop(p.Loop, shape, operands, true, replaces, m.vector, m.registers)
	k, err := newProductStep(m.plan.Values[s.In[0]], m.plan.Values[s.In[1]], l, replaces, m.isa, m.work)
	if err != nil {
		return nil, fmt.Errorf("%v: %w", p, err)
	}
	return k, nil
}

// biasAndReLU reports whether a loop over a product is what the kernels of
// products do by themselves: it adds a row, the operand of number bias if that
// is not 0, or takes the positive part, or both.
func biasAndReLU(p plan.Loop, operands []plan.Layout) (bias int, relu, ok bool) {
	if len(p.Results) != 1 || p.Results[0].Along != nil {
		return 0, false, false
	}
	e := p.Results[0].Expr
	if isReLU(e) {
		relu, e = true, e.Operands()[0]
	}
	if x := e.Operands(); e.Fn() == lower.FnAdd && x[0].Fn() == lower.FnArg && x[1].Fn() == lower.FnArg && x[0].Index() == 0 && x[1].Index() > 0 {
		bias, e = x[1].Index(), x[0]
		if l := operands[bias]; l.Shape[0] > 1 && l.Strides[0] != 0 || l.Shape[1] > 1 && l.Strides[1] != 1 {
			return 0, false, false
		}
	}
	return bias, relu, e.Fn() == lower.FnArg && e.Index() == 0
}

// productStep multiplies matrices block by block, each of which the
// loop runs over at once.
type productStep[T lower.Float] struct {
	loop   *loop[T]
	grid   productGrid
	gemms  [2][2]kernel.Gemm[T] // of a block, by whether it is the last of its rows, columns
	packer [2]kernel.Gemm[T]    // of a strip of columns of b, by whether it is the last
	a, b   kernel.Strides
	pack   bool // b is packed once, before all blocks
	strip  int  // columns of b that one part packs
	direct int  // the result that is the product itself, multiplied where it belongs; -1 for none
	work   *workspace[T]
	in     []lower.Array[T]
	args   []lower.Array[T] // of the loop
	fetch  [][][]T          // by worker: what a block's loop is going to read
	err    []error          // by part

	packing bool // which part of the run is under way
}

// productGrid cuts a product c [m,n] of k products each into blocks, for which
// the sizes are enough to know.
type productGrid struct {
	m, n, k       int
	rows, columns int // of a block
	down, across  int // blocks
}

const (
	// productBlock is how many elements of a product the loop should find in
	// the second cache, about.
	productBlock = 1 << 15
	// productRows is the least rows of a block, two tiles of the kernels.
	productRows = 28
	// minParallelWork is the least multiply-adds of a product that several threads
	// share.
	minParallelWork = 1 << 17
	// minPrefetchElements is the least elements of operands that are fetched ahead: the
	// second cache does not hold them.
	minPrefetchElements = 1 << 16
	// maxPackedElements is the most elements of b that are packed as a whole, for all
	// blocks: they should stay in the last cache.
	maxPackedElements = 1 << 22
	// packedPanels is how many panels of b one part packs, if there are enough of
	// them for minStrips parts.
	packedPanels = 4
	minStrips    = 4
	// conflictStride is the power of two that rows of b must not be a multiple of bytes
	// apart to be read as they lie: they would share a few places of the caches.
	conflictStride = 2048
)

func newProductStep[T lower.Float](a, b plan.Layout, l *loop[T], over func(result, operand int) bool, isa kernel.ISA, work *workspace[T]) (*productStep[T], error) {
	s := &productStep[T]{
		loop: l, work: work,
		a: kernel.Strides{Row: a.Strides[0], Col: a.Strides[1]}, b: kernel.Strides{Row: b.Strides[0], Col: b.Strides[1]},
	}
	g := productGrid{m: a.Shape[0], n: b.Shape[1], k: a.Shape[1]}
	whole, err := kernel.PlanGemm[T](isa, kernel.GemmShape{M: g.m, N: g.n, K: g.k, A: s.a, B: s.b, LDC: g.n})
	if err != nil {
		return nil, err
	}
	mustPack := s.b.Col != 1 || s.b.Row*int(unsafe.Sizeof(T(0)))%conflictStride == 0
	g.rows, g.columns = g.m, g.n
	unit := whole.PackedWidth()
	if mustPack && g.n*g.k > maxPackedElements { // columns, which each block packs for itself
		g.columns = min(g.n, max(1, 8*productBlock/g.m/unit)*unit)
	} else {
		g.rows = min(g.m, max(productRows, productBlock/g.n))
		for g.rows > productRows/2 && g.m*g.n*g.k > minParallelWork && (g.m+g.rows-1)/g.rows < 4 {
			g.rows = (g.rows + 1) / 2
		}
		// as equal as can be, and in fours, for the threads to have the same
		blocks := (g.m + g.rows - 1) / g.rows
		if blocks > 2 {
			blocks = (blocks + 3) / 4 * 4
		}
		g.rows = (g.m + blocks - 1) / blocks
		s.pack = mustPack && g.rows < g.m
	}
	g.down, g.across = (g.m+g.rows-1)/g.rows, (g.n+g.columns-1)/g.columns
	s.grid = g
	l.chunks(g.down*g.across, g.across == 1, g.down == 1)
	blockSize := g.rows * g.columns
	if s.direct = -1; g.across == 1 {
		if s.direct = l.code.directResult(over); s.direct >= 0 {
			blockSize = 0
		}
	}
	for i, rows := range [2]int{g.rows, g.m - (g.down-1)*g.rows} {
		for j, columns := range [2]int{g.columns, g.n - (g.across-1)*g.columns} {
			gemm, err := kernel.PlanGemm[T](isa, kernel.GemmShape{M: rows, N: columns, K: g.k, A: s.a, B: s.b, LDC: columns})
			if err != nil {
				return nil, err
			}
			s.gemms[i][j] = gemm
			work.reserve(gemm.Scratch() + blockSize)
		}
	}
	if s.pack {
		s.strip = min(packedPanels, max(1, g.n/unit/minStrips)) * unit
		for i, columns := range [2]int{s.strip, (g.n-1)%s.strip + 1} {
			if s.packer[i], err = kernel.PlanGemm[T](isa, kernel.GemmShape{M: g.m, N: columns, K: g.k, A: s.a, B: s.b, LDC: columns}); err != nil {
				return nil, err
			}
		}
		work.share(whole.PackedB())
	}
	s.err = make([]error, max(g.down*g.across, s.strips()))
	for range work.worker {
		s.fetch = append(s.fetch, make([][]T, 0, len(l.accesses)))
	}
	return s, nil
}

// strips returns how many parts pack b.
func (s *productStep[T]) strips() int {
	if !s.pack {
		return 0
	}
	return (s.grid.n + s.strip - 1) / s.strip
}

func (s *productStep[T]) run(t *team.Team, in, out []lower.Array[T]) error {
	s.in = in
	s.args = append(append(s.args[:0], in[0]), in[2:]...)
	s.loop.start(s.args, out)
	if s.pack {
		s.packing = true
		t.Run(s, s.strips())
		s.packing = false
	}
	t.Run(s, s.grid.down*s.grid.across)
	for _, err := range s.err {
		if err != nil {
			return err
		}
	}
	s.loop.finish(s.grid.down * s.grid.across)
	return nil
}

// prefetchOf returns what the loop is going to read for a block of whole rows, for
// the kernels to bring it near while they multiply.
func (s *productStep[T]) prefetchOf(worker int, b kernel.Block) [][]T {
	if s.grid.across > 1 || s.grid.m*s.grid.n < minPrefetchElements {
		return nil
	}
	f := s.fetch[worker][:0]
	for i, a := range s.loop.accesses {
		if x := &s.args[i]; a == byElement && s.loop.code.reads[i] {
			f = append(f, x.Data[x.Off+b.Row0*s.grid.n:x.Off+b.Row1*s.grid.n])
		}
	}
	if s.fetch[worker] = f; len(f) < 2 { // the panels of b have more to gain
		return nil
	}
	return f
}

// Do packs one strip of b, or computes one block.
func (s *productStep[T]) Do(part, worker int) {
	g, x, y := &s.grid, &s.in[0], &s.in[1]
	b := y.Data[y.Off:]
	if s.packing {
		col := part * s.strip
		last := 0
		if part == s.strips()-1 {
			last = 1
		}
		s.err[part] = s.packer[last].PackB(s.work.shared[col*g.k:], b[col*s.b.Col:])
		return
	}
	down, across := part/g.across, part%g.across
	row, col := down*g.rows, across*g.columns
	block := kernel.Block{Row0: row, Row1: min(row+g.rows, g.m), Col0: col, Col1: min(col+g.columns, g.n)}
	i, j := 0, 0
	if down == g.down-1 {
		i = 1
	}
	if across == g.across-1 {
		j = 1
	}
	size := (block.Row1 - block.Row0) * (block.Col1 - block.Col0)
	scratch := s.work.worker[worker]
	var c []T
	if s.direct >= 0 {
		c = s.loop.out[s.direct][row*g.n:][:size]
	} else {
		c, scratch = scratch[:size], scratch[g.rows*g.columns:]
	}
	args := kernel.GemmArgs[T]{A: x.Data[x.Off+row*s.a.Row:], C: c}
	if s.pack {
		args.PackedB = s.work.shared[col*g.k:]
	} else {
		args.B = b[col*s.b.Col:]
	}
	args.Prefetch = s.prefetchOf(worker, block)
	if s.err[part] = s.gemms[i][j].Run(args, scratch); s.err[part] == nil {
		s.loop.rows(worker, part, block, c)
	}
}
