package cpu

import (
	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/internal/team"
	"github.com/stheno-ml/stheno/lower"
)

// recurGradStep runs lower.RecurGrad. Chunks go through the steps in reverse. For
// every sample and step, they store the packed gradient of the projections and the
// row [x h] that they were computed from. The gradients of the weights are then two
// products over all of these.
type recurGradStep[T lower.Float] struct {
	recurrence[T]
	grad lower.RecurGrad

	wx      product[T]    // dz wx^T
	wh      [2]product[T] // dz wh^T, of the groups of columns
	packedX span[T]       // in the shared memory: wx^T and wh^T
	packedH [2]span[T]
	dz      span[T] // in a worker's memory
	dh, dc  span[T]
	sums    span[T] // in the shared memory: dz summed over the steps, if they read one input
	biases  span[T] // in the shared memory: by chunk [B*H]
	weights recurWeights[T]
	args    recurGradArgs[T]
	current []cellBackward[T] // by worker: the current step
}

func newRecurGradStep[T lower.Float](p lower.RecurGrad, x, wh lower.Shape, isa kernel.ISA, workers int, work *workspace[T]) (*recurGradStep[T], error) {
	s := &recurGradStep[T]{recurrence: newRecurrence(p.Of, x, wh, isa, workers, work), grad: p}
	rows := s.rows()
	dx := s.features // row stride of dx
	if !s.sharedInput() {
		dx *= s.steps
	}
	byColumns := kernel.Strides{Row: 1, Col: s.columns}
	var err error
	if s.wx, err = newProduct[T](isa, rows, s.features, s.columns, s.z, byColumns, dx); err != nil {
		return nil, err
	}
	scratch := s.wx.full.Scratch()
	for i, g := range s.groups() {
		if s.wh[i], err = newProduct[T](isa, rows, s.units, g.n, s.z, byColumns, s.units); err != nil {
			return nil, err
		}
		scratch = max(scratch, s.wh[i].full.Scratch())
		s.packedH[i] = s.shared.take(s.wh[i].full.PackedB())
	}
	s.gemm = s.local.take(scratch)
	s.dh, s.dc = s.local.take(rows*s.units), s.local.take(rows*s.units)
	s.dz = s.local.take(rows * s.z)
	if p.X {
		s.packedX = s.shared.take(s.wx.full.PackedB())
	}
	if s.sharedInput() {
		s.sums = s.shared.take(s.batch * s.width)
	}
	s.biases = s.shared.take(s.chunks * s.recurrence.biases)
	if p.Weights {
		if err := s.weights.plan(&s.recurrence, isa); err != nil {
			return nil, err
		}
	}
	work.reserve(int(s.local))
	work.share(int(s.shared))
	s.args.initial = make([]lower.Array[T], s.states)
	s.args.after = make([]lower.Array[T], s.states)
	s.args.states = make([]lower.Array[T], s.states)
	s.current = make([]cellBackward[T], workers)
	for i := range s.current {
		s.current[i].fetch = make([][]T, 0, s.fetches())
	}
	return s, nil
}

func (s *recurGradStep[T]) run(t *team.Team, in, out []lower.Array[T]) error {
	s.bind(in, out)
	t.Run((*recurGradPack[T])(s), recurPackParts)
	if err := s.takeErrs(); err != nil {
		return err
	}
	t.Run(s, s.chunks)
	if err := s.takeErrs(); err != nil || !s.grad.Weights {
		return err
	}
	t.Run((*recurGradWeights[T])(s), s.weights.parts(t.Size()))
	return s.takeErrs()
}

// recurGradPack packs the transposed weights.
type recurGradPack[T lower.Float] recurGradStep[T]

func (s *recurGradPack[T]) Do(part, worker int) {
	wx, wh, shared := s.args.wx.Elements(), s.args.wh.Elements(), s.work.shared
	for i, g := range s.recurrence.groups() {
		s.recordErr(worker, packPart(&s.wh[i].full, s.packedH[i].of(shared), wh[g.from:], 0, g.n, 1, part))
	}
	if s.grad.X {
		s.recordErr(worker, packPart(&s.wx.full, s.packedX.of(shared), wx, 0, s.columns, 1, part))
	}
}

// Do runs all steps of one chunk in reverse.
func (s *recurGradStep[T]) Do(part, worker int) {
	s.recordErr(worker, s.chunkBackward(part, worker))
}

func (s *recurGradStep[T]) chunkBackward(part, worker int) error {
	lo, n := s.chunk(part)
	local, shared := s.work.worker[worker], s.work.shared
	step := &s.current[worker]
	*step = cellBackward[T]{
		n: n, dz: s.dz.rows(local, s.z),
		dState: [2]kernel.Rows[T]{s.dh.rows(local, s.units), s.dc.rows(local, s.units)},
		dBias:  s.biasOf(part), dOut: kernel.Rows[T]{Data: s.zeros}, fetch: step.fetch,
	}
	clear(step.dBias)
	if s.sharedInput() {
		step.sum = kernel.Rows[T]{Data: s.sums.of(shared)[lo*s.width : (lo+n)*s.width], Stride: s.width}
		clear(step.sum.Data)
	}
	for i := range s.states {
		if present := [...]bool{s.grad.LastH, s.grad.LastC}[i]; present {
			copyRows(step.dState[i], matrixRows(s.args.last[i], lo), n, s.units)
		} else {
			clear(step.dState[i].Data)
		}
	}
	for k := s.steps - 1; k >= 0; k-- {
		t := s.at(k)
		for i := range s.states {
			step.before[i] = s.before(s.args.initial, s.args.after, i, lo, k)
			step.after[i] = stateRows(s.args.after, i, lo, t)
		}
		step.saved = stepRows(s.args.saved, lo, t)
		if s.grad.Outputs {
			step.dOut = sampleRows(s.args.outputs, lo, t)
		}
		if err := s.cell.backward(step, worker); err != nil {
			return err
		}
		if s.grad.Weights {
			if err := s.weights.record(s, step, lo, k); err != nil {
				return err
			}
		}
		if k > 0 || s.grad.State {
			if err := s.gradOfState(step, s.fetch(step, lo, n, k-1), worker); err != nil {
				return err
			}
		}
		if s.grad.X && !s.sharedInput() {
			if err := s.gradOfInput(step, s.args.dx[(lo*s.steps+t)*s.features:], worker); err != nil {
				return err
			}
		}
	}
	s.cell.end(step)
	if s.grad.X && s.sharedInput() {
		copyRows(step.dz, step.sum, n, s.columns)
		if err := s.gradOfInput(step, s.args.dx[lo*s.features:], worker); err != nil {
			return err
		}
	}
	if s.grad.State {
		for i := range s.states {
			copyRows(matrixRows(s.args.states[i], lo), step.dState[i], n, s.units)
		}
	}
	return nil
}

// gradOfState computes the gradient of h before the step. The gradients of the state's
// projections in the separate columns are at the end of the rows of dz.
func (s *recurGradStep[T]) gradOfState(step *cellBackward[T], fetch [][]T, worker int) error {
	add := s.cell.hasDirectGrad()
	for i, from := range [2]int{0, s.columns} {
		if s.groups()[i].n == 0 {
			continue
		}
		if err := s.wh[i].run(step.n, kernel.GemmArgs[T]{
			A: step.dz.Data[from:], PackedB: s.packedH[i].of(s.work.shared), C: step.dState[0].Data, Accumulate: add, Prefetch: fetch,
		}, s.gemm.of(s.work.worker[worker])); err != nil {
			return err
		}
		add, fetch = true, nil
	}
	return nil
}

// gradOfInput computes the gradient of x.
func (s *recurGradStep[T]) gradOfInput(step *cellBackward[T], dx []T, worker int) error {
	return s.wx.run(step.n, kernel.GemmArgs[T]{A: step.dz.Data, PackedB: s.packedX.of(s.work.shared), C: dx}, s.gemm.of(s.work.worker[worker]))
}

// fetch lists memory that step k will read or write, for the product before it to
// prefetch. Only long contiguous pieces are worth it.
func (s *recurGradStep[T]) fetch(step *cellBackward[T], lo, n, k int) [][]T {
	if k < 0 {
		return nil
	}
	out := append(step.fetch[:0], block(stepRows(s.args.saved, lo, s.at(k)), n))
	if k > 0 && s.states > 1 {
		out = append(out, block(stateRows(s.args.after, 1, lo, s.at(k-1)), n))
	}
	if s.grad.Weights {
		w := &s.weights
		first := (s.steps-1-k)*s.batch + lo
		out = append(out, w.rows.of(s.work.shared)[first*w.row:(first+n)*w.row])
		for i, packed := range [2]span[T]{w.dz, w.dzSeparate} {
			panel := w.pack[i].PackedWidth()
			for at := first * panel; at < packed.n; at += panel * w.all {
				out = append(out, packed.of(s.work.shared)[at:at+n*panel])
			}
		}
	}
	return out
}

// fetches is the greatest number of pieces of memory that fetch lists.
func (s *recurGradStep[T]) fetches() int {
	n := 2
	if w := &s.weights; s.grad.Weights {
		n++
		for i, packed := range [2]span[T]{w.dz, w.dzSeparate} {
			if packed.n > 0 {
				n += packed.n / (w.pack[i].PackedWidth() * w.all)
			}
		}
	}
	return n
}

// biasOf is the gradient of the bias over one chunk.
func (s *recurGradStep[T]) biasOf(chunk int) []T {
	n := s.recurrence.biases
	return s.biases.of(s.work.shared)[chunk*n : (chunk+1)*n]
}
