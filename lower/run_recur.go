package lower

import "gonum.org/v1/gonum/blas"

// A recurrence on the host: one product projects the inputs of all steps; each
// step adds the product of the state before it, then the cell's elementwise
// part runs sample by sample. The gradient goes back through the steps in the
// same way and ends with one product for each of the weights and the input.

// recurRow is what a cell's elementwise part sees of one sample at one step:
// rows of H elements, or of a multiple of it that the cell says.
type recurRow[T Float] struct {
	zx, zh, bias []T // projections of the input and of the state, and the bias
	hPrev, cPrev []T // the state before the step
	h, c         []T // the state after it
	acts         []T // the activated gates, which the gradient reads

	dOut   []T // gradient of h from outside, nil where there is none
	dh, dc []T // gradient of the state from later steps; dc becomes that of the state before
	dz     []T // becomes the gradient of zx, of zh and of the bias
}

// recurCell returns the elementwise parts of a cell.
func recurCell[T Float](c Cell) (forward, backward func(recurRow[T], MapLoop[T])) {
	parts := [...][2]func(recurRow[T], MapLoop[T]){
		CellLSTM: {lstmForward[T], lstmBackward[T]},
	}[c]
	return parts[0], parts[1]
}

// recurTrace is the states of all steps, in the input's order of time.
type recurTrace[T Float] struct {
	recurDims
	p       Recur
	h, c    []T // [T,N,H]; c is nil for a cell without it
	acts    []T // [T,N,width]
	width   int
	initial [2][]T // the state before the first step, [N,H] each
}

// newTrace takes the initial state, if any, and Recur's results.
func newTrace[T Float](p Recur, d recurDims, initial, results []Array[T]) recurTrace[T] {
	saved := cells[p.Cell].saved
	s := recurTrace[T]{recurDims: d, p: p, h: results[0].Elements(), acts: results[len(saved)].Elements(), width: saved[len(saved)-1] * d.units}
	if cells[p.Cell].states == 2 {
		s.c = results[1].Elements()
	}
	zeros := make([]T, d.batch*d.units)
	s.initial = [2][]T{zeros, zeros}
	for i, a := range initial {
		s.initial[i] = a.Elements()
	}
	return s
}

// at is the time of the k-th step.
func (s *recurTrace[T]) at(k int) int {
	if s.p.Reverse {
		return s.steps - 1 - k
	}
	return k
}

// row returns the rows of one sample at the k-th step.
func (s *recurTrace[T]) row(k, n int) recurRow[T] {
	t := s.at(k)*s.batch + n
	r := recurRow[T]{h: rowAt(s.h, t, s.units), c: rowAt(s.c, t, s.units), acts: rowAt(s.acts, t, s.width)}
	if k == 0 {
		r.hPrev, r.cPrev = rowAt(s.initial[0], n, s.units), rowAt(s.initial[1], n, s.units)
		return r
	}
	t = s.at(k-1)*s.batch + n
	r.hPrev, r.cPrev = rowAt(s.h, t, s.units), rowAt(s.c, t, s.units)
	return r
}

// states returns h of all samples before the k-th step.
func (s *recurTrace[T]) before(k int) []T {
	if k == 0 {
		return s.initial[0]
	}
	return rowAt(s.h, s.at(k-1), s.batch*s.units)
}

// samples calls f for every sample, some at a time on each processor.
func (d recurDims) samples(f func(n int)) {
	parallel(d.batch, max(1, 1<<12/d.units), func(lo, hi int) {
		for n := lo; n < hi; n++ {
			f(n)
		}
	})
}

// rowAt returns row i of a matrix of rows of n elements; nil of nil.
func rowAt[T Float](a []T, i, n int) []T {
	if a == nil {
		return nil
	}
	return a[i*n : (i+1)*n : (i+1)*n]
}

// RecurKernels is what a recurrence computes with.
type RecurKernels[T Float] struct {
	Product Product[T]
	Loop    MapLoop[T]
}

// plainKernels are gonum's BLAS and loops in plain Go.
func plainKernels[T Float]() RecurKernels[T] {
	return RecurKernels[T]{blasProduct[T], PlainLoop[T]}
}

// Product computes c = op(a) op(b) + beta c for row-major matrices without
// gaps, op(a) [m,k], op(b) [k,n], c [m,n], where op transposes what it is told
// to. Whatever c holds does not matter where beta is 0.
type Product[T Float] func(transA, transB bool, m, n, k int, a, b []T, beta T, c []T)

// RunRecur computes Recur into zeroed row-major results, by the given kernels.
func RunRecur[T Float](p Recur, in, out []Array[T], kernels RecurKernels[T]) {
	product := kernels.Product
	d := p.dims(in[0].Shape, in[2].Shape)
	s := newTrace(p, d, in[4:], out)
	x, wx, wh, bias := in[0].Elements(), in[1].Elements(), in[2].Elements(), in[3].Elements()
	forward, _ := recurCell[T](p.Cell)
	zx := make([]T, d.given*d.batch*d.columns)
	product(false, false, d.given*d.batch, d.columns, d.features, x, wx, 0, zx)
	zh := make([]T, d.batch*d.columns)
	for k := range d.steps {
		if k > 0 || p.Initial {
			product(false, false, d.batch, d.columns, d.units, s.before(k), wh, 0, zh)
		}
		first := min(s.at(k), d.given-1) * d.batch
		d.samples(func(n int) {
			r := s.row(k, n)
			r.zx, r.zh, r.bias = rowAt(zx, first+n, d.columns), rowAt(zh, n, d.columns), bias
			forward(r, kernels.Loop)
		})
	}
}

// RunRecurGrad computes RecurGrad into zeroed row-major results, by the given kernels.
func RunRecurGrad[T Float](p RecurGrad, in, out []Array[T], kernels RecurKernels[T]) {
	product := kernels.Product
	d := p.Of.dims(in[0].Shape, in[2].Shape)
	x, wx, wh := in[0].Elements(), in[1].Elements(), in[2].Elements()
	rest := in[3:]
	take := func(yes bool, n int) (a []Array[T]) {
		if yes {
			a, rest = rest[:n], rest[n:]
		}
		return a
	}
	cell := cells[p.Of.Cell]
	initial := take(p.Of.Initial, cell.states)
	s := newTrace(p.Of, d, initial, take(true, 1+len(cell.saved)))
	var dOut []T
	if p.Outputs {
		dOut = take(true, 1)[0].Elements()
	}
	// The gradient of the state, carried from the last step to the first.
	dState := [2][]T{make([]T, d.batch*d.units), make([]T, d.batch*d.units)}
	for i, given := range []bool{p.LastH, p.LastC} {
		if given {
			copy(dState[i], take(true, 1)[0].Elements())
		}
	}
	_, backward := recurCell[T](p.Of.Cell)
	dz := make([]T, d.steps*d.batch*d.columns)
	for k := d.steps - 1; k >= 0; k-- {
		t := s.at(k)
		d.samples(func(n int) {
			r := s.row(k, n)
			r.dOut = rowAt(dOut, t*d.batch+n, d.units)
			r.dh, r.dc = rowAt(dState[0], n, d.units), rowAt(dState[1], n, d.units)
			r.dz = rowAt(dz, t*d.batch+n, d.columns)
			backward(r, kernels.Loop)
		})
		if k > 0 || p.State {
			product(false, true, d.batch, d.units, d.columns, rowAt(dz, t, d.batch*d.columns), wh, 0, dState[0])
		}
	}
	if p.State {
		for i := range cell.states {
			copy(out[len(out)-cell.states+i].Data, dState[i])
		}
	}
	// What the input's projection got: summed first where all steps read one input.
	dzx := dz
	if d.given < d.steps {
		dzx = make([]T, d.batch*d.columns)
		columnSums(dzx, dz)
	}
	if p.X {
		product(false, true, d.given*d.batch, d.features, d.columns, dzx, wx, 0, out[0].Data)
		out = out[1:]
	}
	if p.Weights {
		product(true, false, d.features, d.columns, d.given*d.batch, x, dzx, 0, out[0].Data)
		s.gradWH(dz, out[1].Data, product)
		columnSums(out[2].Data, dzx)
	}
}

// gradWH computes the gradient of wh from dz [T,N,columns]: the states of all
// steps but the last, transposed, times dz of all steps but the first.
func (s *recurTrace[T]) gradWH(dz, dwh []T, product Product[T]) {
	h, n, z := s.batch*s.units, s.steps-1, s.batch*s.columns
	before, after := 0, 1
	if s.p.Reverse {
		before, after = 1, 0
	}
	if n > 0 {
		product(true, false, s.units, s.columns, n*s.batch, s.h[before*h:(before+n)*h], dz[after*z:(after+n)*z], 0, dwh)
	}
	if s.p.Initial {
		product(true, false, s.units, s.columns, s.batch, s.initial[0], rowAt(dz, s.at(0), z), 1, dwh)
	}
}

// blasProduct is Product by gonum's BLAS.
func blasProduct[T Float](transA, transB bool, m, n, k int, a, b []T, beta T, c []T) {
	ta, tb, lda, ldb := blas.NoTrans, blas.NoTrans, k, n
	if transA {
		ta, lda = blas.Trans, m
	}
	if transB {
		tb, ldb = blas.Trans, k
	}
	gemm(ta, tb, m, n, k, 1, a, lda, b, ldb, beta, c, n)
}

// columnSums sums the rows of a, each as long as dst, in order and in float64.
func columnSums[T Float](dst, a []T) {
	const wide = 64
	parallel(len(dst), wide, func(lo, hi int) {
		var sums [wide]float64
		acc := sums[:hi-lo]
		for at := lo; at < len(a); at += len(dst) {
			for i, v := range a[at : at+hi-lo] {
				acc[i] += float64(v)
			}
		}
		for i, v := range acc {
			dst[lo+i] = T(v)
		}
	})
}
