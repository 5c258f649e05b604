package cpu

import (
	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/lower"
)

// recurWeights computes the gradients of a recurrence's weights as products over all
// samples and steps. Chunks store the operands in the order of steps, the last step
// first, and within a step by sample. So the first step, whose previous state may be
// zero, comes last and can be left out.
type recurWeights[T lower.Float] struct {
	row      int     // stride of the rows [x h]
	rows     span[T] // [T*N,row] in the shared memory
	inputs   span[T] // [N,D], if all steps read one input
	dzx, dzh span[T] // packed
	all      kernel.Gemm[T]
	x, h     kernel.Gemm[T]
	width    int // columns in a unit of work
	units    int // number of units
}

// plan allocates the shared memory and plans the products.
func (w *recurWeights[T]) plan(r *recurrence[T], isa kernel.ISA) (err error) {
	n, all := r.batch, r.batch*r.steps
	w.row = r.units
	if !r.sharedInput() {
		w.row += r.features
	}
	w.row = (w.row + 15) / 16 * 16
	product := func(m, k, aRow int) kernel.GemmShape {
		return kernel.GemmShape{M: m, N: r.columns, K: k, A: kernel.Strides{Row: 1, Col: aRow}, B: kernel.Strides{Row: r.columns + 16, Col: 1}, LDC: r.columns}
	}
	if w.all, err = kernel.PlanGemm[T](isa, product(r.units, all, w.row)); err != nil {
		return err
	}
	shape := product(r.units, all, w.row)
	if !r.p.Initial {
		shape.K -= n // the state before the first step is zero
	}
	if w.h, err = kernel.PlanGemm[T](isa, shape); err != nil {
		return err
	}
	shape = product(r.features, all, w.row)
	if r.sharedInput() {
		shape = product(r.features, n, r.features)
		shape.B.Row = r.columns
		w.inputs = r.shared.take(n * r.features)
	}
	if w.x, err = kernel.PlanGemm[T](isa, shape); err != nil {
		return err
	}
	w.rows = r.shared.take(all * w.row)
	w.dzh = r.shared.take(w.all.PackedB())
	w.dzx = w.dzh
	if r.splitProjections && !r.sharedInput() {
		w.dzx = r.shared.take(w.all.PackedB())
	}
	w.width = min(w.all.PackedWidth(), 64)
	w.units = (r.columns + w.width - 1) / w.width
	r.gemm = r.local.take(max(w.x.Scratch(), w.h.Scratch(), r.gemm.n))
	return nil
}

// recurCopySteps is the number of steps whose rows are copied at once: the steps of a
// sample are adjacent in h and x.
const recurCopySteps = 4

// record stores the operands of the products for samples from lo on at step k.
func (w *recurWeights[T]) record(s *recurGradStep[T], step *cellBackward[T], lo, k int) error {
	shared := s.work.shared
	if behind := s.steps - 1 - k; behind%recurCopySteps == 0 {
		w.recordRows(s, lo, step.n, k, min(recurCopySteps, k+1))
	}
	first := w.row0(s, lo, k)
	if w.dzx != w.dzh {
		if err := w.all.PackBRows(w.dzx.of(shared), step.dzx.Data, first, step.n); err != nil {
			return err
		}
	}
	return w.all.PackBRows(w.dzh.of(shared), step.dzh.Data, first, step.n)
}

// row0 is the row of sample n at step k.
func (w *recurWeights[T]) row0(s *recurGradStep[T], n, k int) int { return (s.steps-1-k)*s.batch + n }

// recordRows stores the rows [x h] of n samples from lo on, for step k and the steps
// before it.
func (w *recurWeights[T]) recordRows(s *recurGradStep[T], lo, n, k, steps int) {
	rows := w.rows.of(s.work.shared)
	for i := range n {
		for j := range steps {
			to := rows[w.row0(s, lo+i, k-j)*w.row:]
			if k-j > 0 || s.p.Initial {
				copy(to[:s.units], s.before(s.args.initial, s.args.after, 0, lo+i, k-j).Data)
			}
			if !s.sharedInput() {
				copy(to[s.units:s.units+s.features], sampleRows(s.args.x, lo+i, s.at(k-j)).Data)
			}
		}
	}
	if s.sharedInput() && k < recurCopySteps {
		inputs := kernel.Rows[T]{Data: w.inputs.of(s.work.shared)[lo*s.features:], Stride: s.features}
		copyRows(inputs, sampleRows(s.args.x, lo, 0), n, s.features)
	}
}

// parts is the number of parts of the products: a few per worker, so that one delayed
// worker does not delay them all. It decides which columns a part computes, but not
// the order of any sum.
func (w *recurWeights[T]) parts(workers int) int { return min(w.units, 4*workers) }

// recurGradWeights computes some columns of the gradients of wx and wh, and the
// gradient of the bias.
type recurGradWeights[T lower.Float] recurGradStep[T]

func (s *recurGradWeights[T]) Do(part, worker int) {
	w, shared := &s.weights, s.work.shared
	scratch := s.gemm.of(s.work.worker[worker])
	parts := w.parts(len(s.errs))
	from, to := part*w.units/parts*w.width, min((part+1)*w.units/parts*w.width, s.columns)

	all := s.batch * s.steps
	h := kernel.GemmArgs[T]{A: w.rows.of(shared), PackedB: w.dzh.of(shared), PackedK: all, C: s.args.dwh}
	s.recordErr(worker, w.h.RunBlock(kernel.Block{Row1: s.units, Col0: from, Col1: to}, h, scratch))
	var x kernel.GemmArgs[T]
	if (*recurGradStep[T])(s).sharedInput() {
		x = kernel.GemmArgs[T]{A: w.inputs.of(shared), B: s.sums.of(shared), C: s.args.dwx}
	} else {
		x = kernel.GemmArgs[T]{A: w.rows.of(shared)[s.units:], PackedB: w.dzx.of(shared), PackedK: all, C: s.args.dwx}
	}
	s.recordErr(worker, w.x.RunBlock(kernel.Block{Row1: s.features, Col0: from, Col1: to}, x, scratch))
	if part == 0 {
		clear(s.args.bias)
		for c := range s.chunks {
			for i, v := range (*recurGradStep[T])(s).biasOf(c) {
				s.args.bias[i] += v
			}
		}
	}
}
