package cpu

import (
	"errors"

	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/lower"
)

// Recurrences. Samples are independent, so the batch is cut into chunks. One worker
// takes a chunk through all steps, forward or in reverse, with weights that are packed
// once for all chunks. The gradients of the weights, which are sums over samples, are
// products over all steps at the end. The chunks depend on shapes only and every sum
// has a fixed order, so the bits do not depend on the number of workers.

const (
	// recurRows is the maximum number of samples in a chunk: enough for tall tiles,
	// and few enough that the states between steps stay in the L2 cache together with
	// the weights.
	recurRows = 32
	// recurChunks is the least number of chunks, if there are that many samples.
	recurChunks = 4
)

// recurrence is what lower.Recur and lower.RecurGrad have in common.
type recurrence[T lower.Float] struct {
	p    lower.Recur
	cell recurCell[T]

	batch, steps, inputSteps, features, units int // N, T, x's steps, D, H
	columns, biases                           int // H times the cell's gates, and times its blocks of bias
	// separate is the number of columns, the last ones, in which the cell reads the
	// projections of x and of h. In the others it reads only their sum.
	separate int
	width    int // of a row of z: the columns, and the separate ones once more (see cellForward)
	z        int // row stride of z
	states   int
	chunks   int

	work   *workspace[T]
	gemm   span[T]          // in a worker's memory: scratch of products
	local  scratchLayout[T] // of a worker's memory
	shared scratchLayout[T] // of the memory that all workers share
	zeros  []T              // [H]
	errs   []error          // by worker
}

// span is a range of a block of memory.
type span[T lower.Float] struct{ from, n int }

func (s span[T]) of(memory []T) []T { return memory[s.from : s.from+s.n : s.from+s.n] }

// rows is the range as a matrix with the given row stride.
func (s span[T]) rows(memory []T, stride int) kernel.Rows[T] {
	return kernel.Rows[T]{Data: s.of(memory), Stride: stride}
}

// scratchLayout is the number of elements allocated so far in a block of memory.
type scratchLayout[T lower.Float] int

// take allocates n elements that begin on a cache line.
func (l *scratchLayout[T]) take(n int) span[T] {
	s := span[T]{int(*l), n}
	*l += scratchLayout[T]((n + 15) / 16 * 16)
	return s
}

// newRecurrence plans a recurrence with operands x and wh.
func newRecurrence[T lower.Float](p lower.Recur, x, wh lower.Shape, isa kernel.ISA, workers int, work *workspace[T]) recurrence[T] {
	c := p.Cell.Step()
	r := recurrence[T]{
		p: p, batch: x[0], steps: p.Steps, inputSteps: x[1], features: x[2], units: wh[0],
		columns: c.Gates * wh[0], biases: c.Biases * wh[0], separate: separateGates(c) * wh[0], states: len(c.NextStates),
		work: work, errs: make([]error, workers), zeros: make([]T, wh[0]),
	}
	r.width = r.columns + r.separate
	r.z = r.width + 16
	r.chunks = (r.batch + recurRows - 1) / recurRows
	r.chunks = min(max(r.chunks+r.chunks%2, recurChunks), r.batch)
	r.cell = newRecurCell[T](p.Cell, r.units, isa, workers)
	return r
}

// separateGates returns how many gates, the last ones, need the projections of x and of
// h apart. For the others, the gradients of the two are the same.
func separateGates(c lower.CellStep) int {
	g := c.Grad()
	for n := c.Gates; n > 0; n-- {
		if g.Of[c.Gate(n-1)] == g.Of[c.GateOfState(n-1)] {
			return c.Gates - n
		}
	}
	return c.Gates
}

// group is a range of columns.
type group struct{ from, n int }

// groups returns the columns in which the cell reads sums, and the separate ones. Either
// may be empty.
func (r *recurrence[T]) groups() [2]group {
	sums := r.columns - r.separate
	return [2]group{{0, sums}, {sums, r.separate}}
}

// sharedInput reports whether all steps read the same input.
func (r *recurrence[T]) sharedInput() bool { return r.inputSteps < r.steps }

// rows is the maximum number of samples in a chunk.
func (r *recurrence[T]) rows() int { return (r.batch + r.chunks - 1) / r.chunks }

// chunk returns the first sample of chunk i and its number of samples.
func (r *recurrence[T]) chunk(i int) (first, n int) {
	first = i*(r.batch/r.chunks) + min(i, r.batch%r.chunks)
	n = r.batch / r.chunks
	if i < r.batch%r.chunks {
		n++
	}
	return first, n
}

// at is the time of step k.
func (r *recurrence[T]) at(k int) int { return r.p.Time(k) }

// sampleRows is the rows of a sequence [N,T,·] at time t, from sample n on.
func sampleRows[T lower.Float](a lower.Array[T], n, t int) kernel.Rows[T] {
	return kernel.Rows[T]{Data: a.Data[a.Off+n*a.Strides[0]+t*a.Strides[1]:], Stride: a.Strides[0]}
}

// stepRows is the rows of a time-major array [T,N,·] at time t, from sample n on.
func stepRows[T lower.Float](a lower.Array[T], n, t int) kernel.Rows[T] {
	return kernel.Rows[T]{Data: a.Data[a.Off+t*a.Strides[0]+n*a.Strides[1]:], Stride: a.Strides[1]}
}

// matrixRows is the rows of a matrix from row n on.
func matrixRows[T lower.Float](a lower.Array[T], n int) kernel.Rows[T] {
	return kernel.Rows[T]{Data: a.Data[a.Off+n*a.Strides[0]:], Stride: a.Strides[0]}
}

// stateRows is the rows of state s at time t, from sample n on. h is [N,T,H], other
// states are [T,N,H].
func stateRows[T lower.Float](after []lower.Array[T], s, n, t int) kernel.Rows[T] {
	if s == 0 {
		return sampleRows(after[0], n, t)
	}
	return stepRows(after[s], n, t)
}

// before returns the rows of state s before step k, from sample n on.
func (r *recurrence[T]) before(initial, after []lower.Array[T], s, n, k int) kernel.Rows[T] {
	switch {
	case k > 0:
		return stateRows(after, s, n, r.at(k-1))
	case r.p.Initial:
		return matrixRows(initial[s], n)
	}
	return kernel.Rows[T]{Data: r.zeros}
}

// readable returns the array, or a copy if its rows are not contiguous or it is
// reversed.
func readable[T lower.Float](a lower.Array[T]) lower.Array[T] {
	last := len(a.Strides) - 1
	for i, s := range a.Strides {
		if s < 0 || i == last && s != 1 && a.Shape[i] > 1 {
			return lower.ArrayOf(a.Elements(), a.Shape)
		}
	}
	return a
}

// block is the memory of the given number of rows, including the gaps between them.
func block[T lower.Float](r kernel.Rows[T], rows int) []T {
	return r.Data[:min(rows*r.Stride, len(r.Data))]
}

// copyRows copies rows of n elements.
func copyRows[T lower.Float](dst, src kernel.Rows[T], rows, n int) {
	for i := range rows {
		copy(dst.Row(i, n), src.Row(i, n))
	}
}

// recordErr adds an error of one part.
func (r *recurrence[T]) recordErr(worker int, err error) {
	if err != nil {
		r.errs[worker] = errors.Join(r.errs[worker], err)
	}
}

// takeErrs returns the errors of all parts and clears them.
func (r *recurrence[T]) takeErrs() error {
	err := errors.Join(r.errs...)
	clear(r.errs)
	return err
}

// product multiplies the samples of a chunk, a [n,K], by a packed b [K,N].
type product[T lower.Float] struct {
	full, short kernel.Gemm[T] // for the largest chunks, and for those with one sample less
	rows        int
}

// newProduct plans products of up to the given number of rows. aRow and ldc are the
// row strides of a and c, and b has the given strides before it is packed.
func newProduct[T lower.Float](isa kernel.ISA, rows, n, k, aRow int, b kernel.Strides, ldc int) (p product[T], err error) {
	s := kernel.GemmShape{M: rows, N: n, K: k, A: kernel.Strides{Row: aRow, Col: 1}, B: b, LDC: ldc}
	if p.full, err = kernel.PlanGemm[T](isa, s); err != nil {
		return p, err
	}
	s.M--
	p.rows = rows
	p.short, err = kernel.PlanGemm[T](isa, s)
	return p, err
}

// run computes c = a b for the first n rows.
func (p *product[T]) run(n int, x kernel.GemmArgs[T], scratch []T) error {
	if n < p.rows {
		return p.short.Run(x, scratch)
	}
	return p.full.Run(x, scratch)
}
