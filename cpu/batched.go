package cpu

import (
	"fmt"

	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/internal/team"
	"github.com/stheno-ml/stheno/lower"
)

// batchedStep multiplies a batch of matrices. A part is a few products, and a loop over
// the results runs on a part while it is in the cache. All operands are read in place.
type batchedStep[T lower.Float] struct {
	gemm     *kernel.GemmBatch[T]
	work     *workspace[T]
	loop     *loop[T] // nil for none
	direct   int      // the result that is the product itself; -1 for none
	products int      // per part
	parts    int
	size     int // elements of a product
	rows     int // of the loop, per product
	base     [2]int
	in       []lower.Array[T]
	out      []T
	args     []lower.Array[T] // of the loop
	err      []error          // by part
}

const (
	// batchedWork is the least multiply-adds of a part.
	batchedWork = 1 << 18
	// maxBatchedParts bounds the parts, each of which may have its own partial sums.
	maxBatchedParts = 64
)

// matrixBatch is where the matrices of a batch lie.
type matrixBatch struct {
	kernel.Strides
	base int   // the lowest place
	at   []int // by matrix: its place, from base on
}

// batchOf finds matrices [..., rows, columns]. perm has the axes of the layout in that
// order.
func batchOf(l plan.Layout, perm []int) matrixBatch {
	r := len(perm)
	b := matrixBatch{Strides: kernel.Strides{Row: l.Strides[perm[r-2]], Col: l.Strides[perm[r-1]]}, at: []int{0}}
	for _, ax := range perm[:r-2] {
		var all []int
		for _, from := range b.at {
			for i := range l.Shape[ax] {
				all = append(all, from+i*l.Strides[ax])
			}
		}
		b.at = all
	}
	for _, at := range b.at {
		b.base = min(b.base, at)
	}
	for i := range b.at {
		b.at[i] -= b.base
	}
	return b
}

// axes is 0, 1, ..., n-1.
func axes(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// newBatchedStep plans products of operands with the given layouts. shape is the shape
// of the product, and axis i of it is axis place[i] of the stored result.
func newBatchedStep[T lower.Float](a, b plan.Layout, shape lower.Shape, place []int, isa kernel.ISA, work *workspace[T]) (*batchedStep[T], error) {
	r := len(shape)
	stored := make(lower.Shape, r)
	for i, ax := range place {
		stored[ax] = shape[i]
	}
	of := [3]matrixBatch{batchOf(a, axes(r)), batchOf(b, axes(r)), batchOf(plan.Layout{Shape: stored, Strides: stored.Strides()}, place)}
	s := &batchedStep[T]{work: work, direct: -1, size: shape[r-2] * shape[r-1], base: [2]int{of[0].base, of[1].base}}
	var err error
	if s.gemm, err = kernel.PlanGemmBatch[T](isa, kernel.GemmShape{
		M: shape[r-2], N: shape[r-1], K: a.Shape[r-1], A: of[0].Strides, B: of[1].Strides, LDC: of[2].Row,
	}, of[0].at, of[1].at, of[2].at); err != nil {
		return nil, err
	}
	n := s.gemm.Len()
	s.products = max(1, batchedWork/max(1, s.size*a.Shape[r-1]), (n+maxBatchedParts-1)/maxBatchedParts)
	s.parts = (n + s.products - 1) / s.products
	s.err = make([]error, s.parts)
	work.reserve(s.gemm.Scratch())
	return s, nil
}

// batchedProduct plans a batch of products with a loop over the results.
func (m *maker[T]) batchedProduct(s plan.Step, p plan.Product) (step[T], error) {
	a, b := m.plan.Values[s.In[0]], m.plan.Values[s.In[1]]
	shape := a.Shape.Clone()
	r := len(shape)
	shape[r-1] = b.Shape[r-1]
	k, err := newBatchedStep(a, b, shape, axes(r), m.isa, m.work)
	if err != nil {
		return nil, fmt.Errorf("%v: %w", p, err)
	}
	operands := append([]plan.Layout{{Shape: shape, Strides: shape.Strides()}}, m.layouts(s.In[2:])...)
	over := overwrites(m.plan, s)
	replaces := func(result, operand int) bool { return operand > 0 && over(result, operand+1) }
	k.loop = newLoop(p.Loop, shape, operands, true, replaces, m.vector, m.registers)
	k.rows = k.loop.space.rows / k.gemm.Len()
	k.loop.chunks(k.parts, true, k.parts == 1)
	if k.direct = k.loop.code.directResult(replaces); k.direct < 0 {
		m.work.reserve(k.gemm.Scratch() + k.products*k.size)
	}
	return k, nil
}

func (s *batchedStep[T]) run(t *team.Team, in, out []lower.Array[T]) error {
	s.in = in
	if s.loop == nil {
		s.out = out[0].Elements()
	} else {
		s.args = append(append(s.args[:0], in[0]), in[2:]...)
		s.loop.start(s.args, out)
		if s.out = nil; s.direct >= 0 {
			s.out = s.loop.out[s.direct]
		}
	}
	t.Run(s, s.parts)
	for _, err := range s.err {
		if err != nil {
			return err
		}
	}
	if s.loop != nil {
		s.loop.finish(s.parts)
	}
	return nil
}

// Do computes some products.
func (s *batchedStep[T]) Do(part, worker int) {
	from, to := part*s.products, min((part+1)*s.products, s.gemm.Len())
	scratch := s.work.worker[worker]
	x := kernel.BatchArgs[T]{
		A: s.in[0].Data[s.in[0].Off+s.base[0]:],
		B: s.in[1].Data[s.in[1].Off+s.base[1]:],
		C: s.out,
	}
	if s.out == nil {
		x.C, x.CFrom, scratch = scratch[:s.products*s.size], from*s.size, scratch[s.products*s.size:]
	}
	if s.err[part] = s.gemm.Run(from, to, x, scratch); s.err[part] != nil || s.loop == nil {
		return
	}
	c := x.C
	if s.out != nil {
		c = c[from*s.size : to*s.size]
	}
	s.loop.rows(worker, part, kernel.Block{Row0: from * s.rows, Row1: to * s.rows, Col1: s.loop.space.inner}, c)
}
