package cpu

import (
	"fmt"
	"unsafe"

	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/internal/team"
	"github.com/stheno-ml/stheno/lower"
)

// product plans a matrix product with a loop over the result.
func (m *maker[T]) product(s plan.Step, p plan.Product) (step[T], error) {
	if len(m.plan.Func.Shape(s.In[0])) > 2 {
		return m.batchedProduct(s, p)
	}
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

// biasAndReLU reports whether the product kernels can compute the whole loop: it adds
// a row (operand bias, if that is not 0), applies a ReLU, or both.
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

// productStep multiplies matrices block by block, and runs the loop over each block
// while it is in the cache.
type productStep[T lower.Float] struct {
	loop   *loop[T]
	grid   productGrid
	gemms  [2][2]kernel.Gemm[T] // for a block, by whether it is in the last row and column of blocks
	packer [2]kernel.Gemm[T]    // for a strip of columns of b, by whether it is the last
	a, b   kernel.Strides
	pack   bool // b is packed once, before all blocks
	strip  int  // columns of b per packing part
	direct int  // the result that is the product itself, computed in its own memory; -1 for none
	work   *workspace[T]
	in     []lower.Array[T]
	args   []lower.Array[T] // of the loop
	fetch  [][][]T          // by worker: memory that the loop of a block will read
	err    []error          // by part

	packing bool // the current parts pack b
}

// productGrid splits a product c [m,n] of depth k into blocks.
type productGrid struct {
	m, n, k       int
	rows, columns int // of a block
	down, across  int // number of blocks
}

const (
	// productBlock is the approximate number of elements in a block, so that the loop
	// finds it in the second-level cache.
	productBlock = 1 << 15
	// productRows is the least number of rows in a block: two tiles of the kernels.
	productRows = 28
	// minParallelWork is the least number of multiply-adds in a product that several
	// threads share.
	minParallelWork = 1 << 17
	// minPrefetchElements is the least size of a product for which operands are
	// prefetched. Smaller ones stay in the second-level cache.
	minPrefetchElements = 1 << 16
	// longColumns is the number of columns in a block of a product whose depth is long:
	// wide blocks read the operands less often.
	longColumns = 128
	// maxPackedElements is the most elements of b that are packed at once for all
	// blocks, so that they stay in the last-level cache.
	maxPackedElements = 1 << 22
	// packedPanels is the number of panels of b that one part packs, if that leaves
	// at least minStrips parts.
	packedPanels = 4
	minStrips    = 4
	// conflictStride is a stride in bytes. Rows of b that are a multiple of it apart
	// compete for a few sets of the caches, so b is packed even for few rows of a.
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
	mustPack := s.b.Col != 1 || s.b.Row*int(unsafe.Sizeof(T(0)))%conflictStride == 0 || whole.PacksB()
	g.rows, g.columns = g.m, g.n
	unit := whole.PackedWidth()
	switch {
	case mustPack && g.n*g.k > maxPackedElements: // blocks of columns, each of which packs its own
		g.columns = min(g.n, max(1, 8*productBlock/g.m/unit)*unit)
	case g.n >= 2*longColumns && g.k > 2*max(g.m, g.n): // every block reads all of its rows of a and columns of b
		g.columns = longColumns / unit * unit
		down := max(1, 4/((g.n+g.columns-1)/g.columns))
		g.rows = (g.m + down - 1) / down
		s.pack = mustPack && g.rows < g.m
	default:
		g.rows = min(g.m, max(productRows, productBlock/g.n))
		for g.rows > productRows/2 && g.m*g.n*g.k > minParallelWork && (g.m+g.rows-1)/g.rows < 4 {
			g.rows = (g.rows + 1) / 2
		}
		// equal blocks, in multiples of four, so that threads get equal work
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

// strips returns the number of parts that pack b.
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

// prefetchOf returns the memory that the loop will read for a block of whole rows.
// The kernels prefetch it while they multiply.
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
	if s.fetch[worker] = f; len(f) < 2 { // then it pays more to prefetch the panels of b
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
