package interp

import (
	"github.com/stheno-ml/stheno/lower"
	"gonum.org/v1/gonum/blas"
)

// recurGrad is the gradient of a recurrence on the host.
type recurGrad[T lower.Float] struct {
	*recurrence[T]
	p        lower.RecurGrad
	outputs  []T   // the gradient of h [N,T,H], or nil
	last     [][]T // the gradients of the states after the last step, [N,H] each, or nil
	dInitial [][]T // becomes the gradients of the initial states; nil if not wanted
	dx       []T   // becomes the gradient of x; nil if not wanted

	// The gradients of the projections. That of x is [N,T,G*H], or [N,1,G*H] summed over
	// the steps if all of them read the same x. That of the state is [N,T,G*H]; it is the
	// same memory if both gradients are equal.
	dzx, dzh []T
	dBias    [][]float64 // by chunk
}

// runRecurGrad computes RecurGrad into zeroed row-major results.
func runRecurGrad[T lower.Float](p lower.RecurGrad, in, out []lower.Array[T]) {
	rest := in[3:]
	take := func(present bool, n int) (a []lower.Array[T]) {
		if present {
			a, rest = rest[:n], rest[n:]
		}
		return a
	}
	states := len(p.Of.Cell.Step().NextStates)
	initial := take(p.Of.Initial, states)
	r := recurGrad[T]{recurrence: newRecurrence(p.Of, in, initial, take(true, states+1)), p: p}
	if p.Outputs {
		r.outputs = take(true, 1)[0].Elements()
	}
	r.last, r.dInitial = make([][]T, states), make([][]T, states)
	for s, present := range []bool{p.LastH, p.LastC} {
		if present {
			r.last[s] = take(true, 1)[0].Elements()
		}
	}
	if p.State {
		for s := range states {
			r.dInitial[s] = out[len(out)-states+s].Data
		}
	}
	if p.X {
		r.dx, out = out[0].Data, out[1:]
	}
	r.dzx = make([]T, r.batch*r.inputSteps*r.columns)
	r.dzh = r.dzx
	if r.code.SplitProjections || r.inputSteps < r.steps {
		r.dzh = make([]T, r.batch*r.steps*r.columns)
	}
	r.dBias = make([][]float64, (r.batch+recurChunk-1)/recurChunk)
	parallel(r.batch, recurChunk, func(lo, hi int) { r.backward(lo, hi-lo) })
	if p.Weights {
		r.weights(out[0].Data, out[1].Data, out[2].Data)
	}
}

// backward runs all steps of n samples from lo on, from the last step to the first.
func (r *recurGrad[T]) backward(lo, n int) {
	rows, zeros := NewCellRows[T](r.code, r.units), make([]T, r.units)
	bias := make([]float64, r.biases)
	r.dBias[lo/recurChunk] = bias
	states := make([][]T, len(r.last)) // the gradients of the states after the current step
	for s := range states {
		states[s] = make([]T, n*r.units)
		if r.last[s] != nil {
			copy(states[s], r.last[s][lo*r.units:])
		}
	}
	for k := r.steps - 1; k >= 0; k-- {
		t := r.p.Of.Time(k)
		for i := range n {
			if r.outputs != nil {
				add(rowAt(states[0], i, r.units), rowAt(r.outputs, (lo+i)*r.steps+t, r.units))
			}
			for s := range states {
				rows.Set(r.code.NextStateGrad(s), rowAt(states[s], i, r.units))
			}
			r.set(rows, k, lo+i, zeros)
			rows.Backward(PlainLoop[T])
			r.store(rows, t, lo+i, bias)
			for s := range states {
				to := rowAt(states[s], i, r.units)
				if d := rows.Grad(r.code.State(s)); d != nil {
					copy(to, d)
				} else {
					clear(to)
				}
			}
		}
		if k > 0 || r.p.State {
			gemm(blas.NoTrans, blas.Trans, n, r.units, r.columns, 1,
				r.dzh[(lo*r.steps+t)*r.columns:], r.steps*r.columns, r.wh, r.columns, 1, states[0], r.units)
		}
	}
	for s, to := range r.dInitial {
		if to != nil {
			copy(to[lo*r.units:], states[s])
		}
	}
	if r.dx != nil {
		gemm(blas.NoTrans, blas.Trans, n*r.inputSteps, r.features, r.columns, 1,
			r.dzx[lo*r.inputSteps*r.columns:], r.columns, r.wx, r.columns, 0, r.dx[lo*r.inputSteps*r.features:], r.features)
	}
}

// store stores the gradients of the projections of one sample at time t, and adds that of
// the bias.
func (r *recurGrad[T]) store(rows *CellRows[T], t, n int, bias []float64) {
	dzh := rowAt(r.dzh, n*r.steps+t, r.columns)
	dzx := rowAt(r.dzx, n*r.inputSteps+min(t, r.inputSteps-1), r.columns)
	for g := range r.code.Gates {
		copy(rowAt(dzh, g, r.units), rows.Grad(r.code.GateOfState(g)))
		if r.code.SplitProjections || r.inputSteps < r.steps {
			add(rowAt(dzx, g, r.units), rows.Grad(r.code.Gate(g)))
		}
	}
	for b := range r.code.Biases {
		to := bias[b*r.units:]
		for u, v := range rows.Grad(r.code.Bias(b)) {
			to[u] += float64(v)
		}
	}
}

// weights computes the gradients of wx, wh and the bias.
func (r *recurGrad[T]) weights(dwx, dwh, dBias []T) {
	gemm(blas.Trans, blas.NoTrans, r.features, r.columns, r.batch*r.inputSteps, 1, r.x, r.features, r.dzx, r.columns, 0, dwx, r.columns)
	h := make([]T, r.batch*r.steps*r.units) // h before each step
	for n := range r.batch {
		for k := range r.steps {
			if from, _ := r.statesBefore(k, n); from != nil {
				copy(rowAt(h, n*r.steps+r.p.Of.Time(k), r.units), from)
			}
		}
	}
	gemm(blas.Trans, blas.NoTrans, r.units, r.columns, r.batch*r.steps, 1, h, r.units, r.dzh, r.columns, 0, dwh, r.columns)
	for j := range dBias {
		sum := 0.0
		for _, chunk := range r.dBias {
			sum += chunk[j]
		}
		dBias[j] = T(sum)
	}
}

// add adds x to dst.
func add[T lower.Float](dst, x []T) {
	for i, v := range x {
		dst[i] += v
	}
}
