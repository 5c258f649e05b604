package interp

import (
	"github.com/stheno-ml/stheno/lower"
	"gonum.org/v1/gonum/blas"
)

// A recurrence on the host. Samples do not depend on each other, so a chunk of them goes
// through all steps, forward or backward. The gradient of the weights, which is summed
// over samples, comes last.

// recurChunk is the number of samples that go through the steps together.
const recurChunk = 32

// extents are the extents of a recurrence: N, T, the steps of x, D, H, gates*H and
// blocks of bias*H.
type extents struct{ batch, steps, inputSteps, features, units, columns, biases int }

func extentsOf(c *CellCode, steps int, x, wh lower.Shape) extents {
	return extents{batch: x[0], steps: steps, inputSteps: x[1], features: x[2], units: wh[0], columns: c.Gates * wh[0], biases: c.Biases * wh[0]}
}

// recurrence is what Recur and RecurGrad have in common.
type recurrence[T lower.Float] struct {
	extents
	p         lower.Recur
	code      *CellCode
	x, wx, wh []T
	initial   [][]T // the states before the first step, [N,H] each; nil is zeros
	states    [][]T // the states after each step: h [N,T,H], then the others, [T,N,H] each
	saved     []T   // [T,N,k*H]
}

// newRecurrence returns the recurrence for x, wx, wh, the initial states and Recur's
// results.
func newRecurrence[T lower.Float](p lower.Recur, in, initial, results []lower.Array[T]) *recurrence[T] {
	r := &recurrence[T]{p: p, code: CompileCell(p.Cell)}
	r.extents = extentsOf(r.code, p.Steps, in[0].Shape, in[2].Shape)
	r.x, r.wx, r.wh = in[0].Elements(), in[1].Elements(), in[2].Elements()
	r.initial = make([][]T, len(r.code.NextStates))
	for i, a := range initial {
		r.initial[i] = a.Elements()
	}
	for i := range r.initial {
		r.states = append(r.states, results[i].Elements())
	}
	r.saved = results[len(r.initial)].Elements()
	return r
}

// row returns state s of sample n after the step at time t.
func (r *recurrence[T]) row(s, t, n int) []T {
	if s == 0 {
		return rowAt(r.states[0], n*r.steps+t, r.units)
	}
	return rowAt(r.states[s], t*r.batch+n, r.units)
}

// set sets the cell's rows to the states of sample n before and after step k, and to the
// values that the step saves.
func (r *recurrence[T]) set(rows *CellRows[T], k, n int, zeros []T) {
	t := r.p.Time(k)
	for s := range r.states {
		switch {
		case k > 0:
			rows.Set(r.code.State(s), r.row(s, r.p.Time(k-1), n))
		case r.initial[s] != nil:
			rows.Set(r.code.State(s), rowAt(r.initial[s], n, r.units))
		default:
			rows.Set(r.code.State(s), zeros)
		}
		rows.Set(r.code.NextStates[s], r.row(s, t, n))
	}
	saved := rowAt(r.saved, t*r.batch+n, len(r.code.Saved)*r.units)
	for i, v := range r.code.Saved {
		rows.Set(v, rowAt(saved, i, r.units))
	}
}

// statesBefore returns h before step k, for samples from n on, and the stride of its
// rows. It returns nil if h is zero.
func (r *recurrence[T]) statesBefore(k, n int) (h []T, ld int) {
	switch {
	case k > 0:
		return r.states[0][(n*r.steps+r.p.Time(k-1))*r.units:], r.steps * r.units
	case r.initial[0] != nil:
		return r.initial[0][n*r.units:], r.units
	}
	return nil, 0
}

// inputs returns x at step k, for samples from n on, and the stride of its rows.
func (r *recurrence[T]) inputs(k, n int) (x []T, ld int) {
	return r.x[(n*r.inputSteps+min(r.p.Time(k), r.inputSteps-1))*r.features:], r.inputSteps * r.features
}

// rowAt returns row i of a matrix of rows of n elements.
func rowAt[T lower.Float](a []T, i, n int) []T { return a[i*n : (i+1)*n : (i+1)*n] }

// runRecur computes Recur into zeroed row-major results.
func runRecur[T lower.Float](p lower.Recur, in, out []lower.Array[T]) {
	r := newRecurrence(p, in, in[4:], out)
	bias := in[3].Elements()
	parallel(r.batch, recurChunk, func(lo, hi int) { r.forward(lo, hi-lo, bias) })
}

// forward runs all steps of n samples from lo on.
func (r *recurrence[T]) forward(lo, n int, bias []T) {
	rows, zeros := NewCellRows[T](r.code, r.units), make([]T, r.units)
	rows.SetBlocks(r.code.Bias(0), r.code.Biases, bias)
	zx := make([]T, n*r.columns)
	z := make([]T, n*r.columns)
	for k := range r.steps {
		if k == 0 || r.inputSteps > 1 {
			x, ld := r.inputs(k, lo)
			gemm(blas.NoTrans, blas.NoTrans, n, r.columns, r.features, 1, x, ld, r.wx, r.columns, 0, zx, r.columns)
		}
		clear(z)
		if !r.code.SplitProjections {
			copy(z, zx)
		}
		if h, ld := r.statesBefore(k, lo); h != nil {
			gemm(blas.NoTrans, blas.NoTrans, n, r.columns, r.units, 1, h, ld, r.wh, r.columns, 1, z, r.columns)
		}
		for i := range n {
			rows.SetBlocks(r.code.Gate(0), r.code.Gates, rowAt(zx, i, r.columns))
			rows.SetBlocks(r.code.GateOfState(0), r.code.Gates, rowAt(z, i, r.columns))
			r.set(rows, k, lo+i, zeros)
			rows.Forward(PlainLoop[T])
		}
	}
}
