package cpu

import (
	"math"

	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/lower"
)

// loopReduction reduces one result of a loop along axes: first within each chunk,
// then over the chunks in order.
type loopReduction[T lower.Float] struct {
	vector        *kernel.Vector[T]
	kind          lower.ReduceKind
	perColumn     bool  // the elements of a row are not combined with each other
	allRows       bool  // all rows are combined
	perRow        bool  // every row has its own result, so chunks share no result
	sharedColumns bool  // a chunk has all rows of some columns, so chunks share no result
	inner         int   // elements of a row
	extents       []int // of the axes before a row
	steps         []int // strides of the result along those axes
	size          int   // number of results

	parts []T       // by chunk, if perColumn
	sums  []float64 // by chunk, otherwise
}

func newLoopReduction[T lower.Float](v *kernel.Vector[T], p lower.Reduce, shape lower.Shape, s loopSpace) *loopReduction[T] {
	result := shape.Clone()
	for _, a := range p.Axes {
		result[a] = 1
	}
	e := &loopReduction[T]{vector: v, kind: p.Kind, allRows: true, perRow: true, inner: s.inner, size: result.Size()}
	strides := result.Strides()
	for a, n := range s.outer {
		step := strides[a]
		if result[a] == 1 {
			step = 0
		}
		e.allRows = e.allRows && step == 0
		e.perRow = e.perRow && (step > 0 || n == 1)
		e.extents, e.steps = append(e.extents, n), append(e.steps, step)
	}
	e.perColumn = result[len(s.outer):].Size() == s.inner && s.inner > 1
	e.perRow = e.perRow && !e.perColumn
	return e
}

// alloc allocates the partial results of chunks. A chunk has whole rows, whole
// columns, or neither.
func (e *loopReduction[T]) alloc(chunks int, wholeRows, wholeColumns bool) {
	e.perRow = e.perRow && wholeRows
	e.sharedColumns = e.perColumn && wholeColumns
	if e.perRow || e.sharedColumns {
		chunks = 1
	}
	if e.perColumn {
		e.parts = make([]T, chunks*e.size)
	} else {
		e.sums = make([]float64, chunks*e.size)
	}
}

// identity is the result of reducing nothing.
func (e *loopReduction[T]) identity() float64 {
	if e.kind == lower.ReduceMax {
		return math.Inf(-1)
	}
	return 0
}

// place is the index of a row's first partial result.
func (e *loopReduction[T]) place(chunk, r int) int {
	at := 0
	if !e.allRows {
		for a := len(e.extents) - 1; a >= 0; a-- {
			at += r % e.extents[a] * e.steps[a]
			r /= e.extents[a]
		}
	}
	if e.perRow || e.sharedColumns {
		return at
	}
	return chunk*e.size + at
}

// clear begins a chunk, which is block b of the index space.
func (e *loopReduction[T]) clear(chunk int, b kernel.Block) {
	if e.sharedColumns {
		for at := 0; at < e.size; at += e.inner {
			e.vector.Fill(e.parts[at+b.Col0:at+b.Col1], T(e.identity()))
		}
		return
	}
	if e.perColumn {
		e.vector.Fill(e.parts[chunk*e.size:(chunk+1)*e.size], T(e.identity()))
		return
	}
	lo, hi := chunk*e.size, (chunk+1)*e.size
	if e.perRow {
		lo, hi = b.Row0, b.Row1
	}
	for i := range e.sums[lo:hi] {
		e.sums[lo+i] = e.identity()
	}
}

// combine adds rows from r on, from column c on, to the chunk's partial results.
func (e *loopReduction[T]) combine(chunk, r, c, rows int, x []T) {
	n := len(x) / rows
	if e.perColumn && e.allRows && e.kind == lower.ReduceSum {
		at := e.place(chunk, r) + c
		e.vector.AddRows(e.parts[at:at+n], x, rows, n)
		return
	}
	if e.allRows && !e.perColumn {
		n, rows = len(x), 1
	}
	for i := range rows {
		at, part := e.place(chunk, r+i), x[i*n:(i+1)*n]
		switch {
		case e.perColumn && e.kind == lower.ReduceMax:
			e.vector.Binary[kernel.OpMax](e.parts[at+c:at+c+n], e.parts[at+c:at+c+n], part)
		case e.perColumn:
			e.vector.Binary[kernel.OpAdd](e.parts[at+c:at+c+n], e.parts[at+c:at+c+n], part)
		case e.kind == lower.ReduceMax:
			e.sums[at] = max(e.sums[at], float64(e.vector.Max(part)))
		default:
			e.sums[at] += float64(e.vector.Sum(part))
		}
	}
}

// finish combines the chunks in order.
func (e *loopReduction[T]) finish(out []T, chunks int) {
	if e.perRow || e.sharedColumns {
		chunks = 1
	}
	if e.perColumn {
		copy(out, e.parts[:e.size])
		combine := e.vector.Binary[kernel.OpAdd]
		if e.kind == lower.ReduceMax {
			combine = e.vector.Binary[kernel.OpMax]
		}
		for k := 1; k < chunks; k++ {
			combine(out, out, e.parts[k*e.size:(k+1)*e.size])
		}
		return
	}
	for i := range out {
		sum := e.sums[i]
		for k := 1; k < chunks; k++ {
			if v := e.sums[k*e.size+i]; e.kind == lower.ReduceMax {
				sum = max(sum, v)
			} else {
				sum += v
			}
		}
		out[i] = T(sum)
	}
}
