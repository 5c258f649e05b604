package cpu

import (
	"unsafe"

	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/lower"
)

// recurWeights computes the gradients of a recurrence's weights as products over all
// samples and steps. Chunks store the operands in the order of steps, the last step
// first, and within a step by sample. So the first step, whose previous state may be
// zero, comes last and can be left out.
type recurWeights[T lower.Float] struct {
	row        int     // stride of the rows [x h]
	rows       span[T] // [T*N,row] in the shared memory
	inputs     span[T] // [N,D], if all steps read one input
	dz         span[T] // packed: the gradients of the columns, with the input's in the separate ones
	dzSeparate span[T] // packed: the state's in the separate columns
	pack       [2]kernel.Gemm[T]
	all        int // rows of the packed gradients
	panel      int // columns of a panel of them
	pieces     []recurPiece[T]
	shared     kernel.Gemm[T] // of the gradient of wx, if all steps read one input
	width      int            // columns in a unit of work
	units      int            // units of the columns of sums and of the separate ones
	fetch      [][2][]T       // by worker: see prefetched
}

// recurPieceRows is the number of rows of [x h] and of dz in a piece. A panel of dz is as
// large as the L1 cache. Up to some 128 units, the rows of [x h] stay in the L2 cache.
const recurPieceRows = 512

// recurPiece is the products of some rows of [x h] with those of dz.
type recurPiece[T lower.Float] struct {
	from int
	x    kernel.Gemm[T]
	h    [2]kernel.Gemm[T] // with the columns of sums in dz, and with dzSeparate
}

// plan allocates the shared memory and plans the products.
func (w *recurWeights[T]) plan(r *recurrence[T], isa kernel.ISA) (err error) {
	n, all := r.batch, r.batch*r.steps
	w.row = r.units
	if !r.sharedInput() {
		w.row += r.features
	}
	w.all = all
	w.row = oddLines[T](w.row)
	scratch := r.gemm.n
	product := func(m, columns, k int) (g kernel.Gemm[T]) {
		if err == nil {
			g, err = kernel.PlanGemm[T](isa, kernel.GemmShape{
				M: m, N: columns, K: k, A: kernel.Strides{Row: 1, Col: w.row}, B: kernel.Strides{Row: r.z, Col: 1}, LDC: r.columns,
			})
			scratch = max(scratch, g.Scratch())
		}
		return g
	}
	w.pack = [2]kernel.Gemm[T]{product(r.units, r.columns, all), product(r.units, r.separate, all)}
	w.panel = w.pack[0].PackedWidth()
	withState := all
	if !r.p.Initial {
		withState -= n // the state before the first step is zero
	}
	for from := 0; from < all; from += recurPieceRows {
		rows := min(recurPieceRows, all-from)
		h := max(0, min(rows, withState-from))
		w.pieces = append(w.pieces, recurPiece[T]{from, product(r.features, r.columns, rows), [2]kernel.Gemm[T]{
			product(r.units, r.columns, h), product(r.units, r.separate, h),
		}})
	}
	if r.sharedInput() {
		w.inputs = r.shared.take(n * r.features)
		if w.shared, err = kernel.PlanGemm[T](isa, kernel.GemmShape{
			M: r.features, N: r.columns, K: n, A: kernel.Strides{Row: 1, Col: r.features}, B: kernel.Strides{Row: r.width, Col: 1}, LDC: r.columns,
		}); err != nil {
			return err
		}
		scratch = max(scratch, w.shared.Scratch())
	}
	if err != nil {
		return err
	}
	w.rows = r.shared.take(all * w.row)
	w.dz, w.dzSeparate = r.shared.take(w.pack[0].PackedB()), r.shared.take(w.pack[1].PackedB())
	w.width = min(w.panel, 64)
	for _, g := range r.groups() {
		w.units += w.unitsOf(g.n)
	}
	w.fetch = make([][2][]T, len(r.errs))
	r.gemm = r.local.take(scratch)
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
	if s.separate > 0 {
		if err := w.pack[1].PackBRows(w.dzSeparate.of(shared), step.dz.Data[s.columns:], first, step.n); err != nil {
			return err
		}
	}
	return w.pack[0].PackBRows(w.dz.of(shared), step.dz.Data, first, step.n)
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
func (w *recurWeights[T]) parts(workers int) int {
	if workers == 1 {
		return 1 // every part reads all rows
	}
	return min(w.units, 4*workers)
}

// oddLines returns a row stride of at least n elements that is an odd number of cache
// lines, so that rows spread over all sets of the cache.
func oddLines[T lower.Float](n int) int {
	line := 64 / int(unsafe.Sizeof(T(0)))
	return ((n+line-1)/line | 1) * line
}

// unitsOf is the number of units that the given number of columns make.
func (w *recurWeights[T]) unitsOf(columns int) int { return (columns + w.width - 1) / w.width }

// recurGradWeights computes some columns of the gradients of wx and wh, and the
// gradient of the bias.
type recurGradWeights[T lower.Float] recurGradStep[T]

func (s *recurGradWeights[T]) Do(part, worker int) {
	w := &s.weights
	parts := w.parts(len(s.errs))
	from, to := part*w.units/parts, (part+1)*w.units/parts
	for i := range w.pieces {
		for unit := from; unit < to; unit++ {
			s.recordErr(worker, s.piece(&w.pieces[i], unit, worker))
		}
	}
	if s.recurrence.sharedInput() {
		x := kernel.GemmArgs[T]{A: w.inputs.of(s.work.shared), B: s.sums.of(s.work.shared), C: s.args.dwx}
		columns := kernel.Block{Row1: s.features, Col0: min(from*w.width, s.columns), Col1: min(to*w.width, s.columns)}
		s.recordErr(worker, w.shared.RunBlock(columns, x, s.gemm.of(s.work.worker[worker])))
	}
	if part == 0 {
		clear(s.args.bias)
		for c := range s.chunks {
			for i, v := range (*recurGradStep[T])(s).biasOf(c) {
				s.args.bias[i] += v
			}
		}
	}
}

// piece adds the products of one piece for a unit of columns: the gradient of wh, and that
// of wx of the same columns of dz while they are in the cache.
func (s *recurGradWeights[T]) piece(p *recurPiece[T], unit, worker int) error {
	w, scratch := &s.weights, s.gemm.of(s.work.worker[worker])
	packed := [2][]T{w.dz.of(s.work.shared), w.dzSeparate.of(s.work.shared)}
	x := kernel.GemmArgs[T]{A: w.rows.of(s.work.shared)[p.from*w.row:], PackedK: w.all, Accumulate: p.from > 0}
	block := func(unit, rows, columns int) kernel.Block {
		return kernel.Block{Row1: rows, Col0: min(unit*w.width, columns), Col1: min((unit+1)*w.width, columns)}
	}
	i, first := 0, 0
	groups := s.recurrence.groups()
	if sums := w.unitsOf(groups[0].n); unit >= sums {
		i, first = 1, sums
	}
	h := x
	h.PackedB, h.C = packed[i][p.from*p.h[i].PackedWidth():], s.args.dwh[groups[i].from:]
	h.Prefetch = w.prefetched(packed, p, i, unit, first, worker)
	if err := p.h[i].RunBlock(block(unit-first, s.units, groups[i].n), h, scratch); err != nil || s.recurrence.sharedInput() {
		return err
	}
	x.A, x.PackedB, x.C = x.A[s.units:], packed[0][p.from*w.panel:], s.args.dwx
	return p.x.RunBlock(block(unit, s.features, s.columns), x, scratch)
}

// prefetched is the packed gradients for the product of a unit in a group to prefetch:
// those of the next unit, and, in the separate columns, those that the gradient of wx
// reads.
func (w *recurWeights[T]) prefetched(packed [2][]T, p *recurPiece[T], group, unit, first, worker int) [][]T {
	out := w.fetch[worker][:0]
	add := func(packed []T, panel, unit int) {
		from := unit*w.width*w.all + p.from*panel
		if w.width == panel && from < len(packed) {
			out = append(out, packed[from:min(from+recurPieceRows*panel, len(packed))])
		}
	}
	if group == 1 && w.inputs.n == 0 {
		add(packed[0], w.panel, unit)
	}
	add(packed[group], w.pack[group].PackedWidth(), unit-first+1)
	return out
}
