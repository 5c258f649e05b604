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

	wx, wh   product[T] // dz wx^T and dz wh^T
	packedX  span[T]    // in the shared memory: wx^T and wh^T
	packedH  span[T]
	z        int     // row stride of dz
	dzx, dzh span[T] // in a worker's memory
	dh, dc   span[T]
	sums     span[T] // in the shared memory: dz summed over the steps [N,G*H], if they read one input
	biases   span[T] // in the shared memory: by chunk [B*H]
	weights  recurWeights[T]
	args     recurGradArgs[T]
	current  []cellBackward[T] // by worker: the current step
}

// recurGradArgs are the operands and results of a run.
type recurGradArgs[T lower.Float] struct {
	x, wx, wh      lower.Array[T]
	initial, after []lower.Array[T]
	saved          lower.Array[T]
	outputs        lower.Array[T]    // if grad.Outputs
	last           [2]lower.Array[T] // of h and c, if grad.LastH and grad.LastC
	dx             []T
	dwx, dwh, bias []T
	states         []lower.Array[T]
}

func newRecurGradStep[T lower.Float](p lower.RecurGrad, x, wh lower.Shape, isa kernel.ISA, workers int, work *workspace[T]) (*recurGradStep[T], error) {
	s := &recurGradStep[T]{recurrence: newRecurrence(p.Of, x, wh, isa, workers, work), grad: p}
	rows := s.rows()
	s.z = s.columns + 16
	dx := s.features // row stride of dx
	if !s.sharedInput() {
		dx *= s.steps
	}
	byColumns := kernel.Strides{Row: 1, Col: s.columns}
	var err error
	if s.wh, err = newProduct[T](isa, rows, s.units, s.columns, s.z, byColumns, s.units); err != nil {
		return nil, err
	}
	if s.wx, err = newProduct[T](isa, rows, s.features, s.columns, s.z, byColumns, dx); err != nil {
		return nil, err
	}
	s.gemm = s.local.take(max(s.wh.full.Scratch(), s.wx.full.Scratch()))
	s.dh, s.dc = s.local.take(rows*s.units), s.local.take(rows*s.units)
	s.dzh = s.local.take(rows * s.z)
	s.dzx = s.dzh
	if s.splitProjections {
		s.dzx = s.local.take(rows * s.z)
	}
	s.packedH = s.shared.take(s.wh.full.PackedB())
	if p.X {
		s.packedX = s.shared.take(s.wx.full.PackedB())
	}
	if s.sharedInput() {
		s.sums = s.shared.take(s.batch * s.columns)
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
	return s, nil
}

// bind sets the operands and results of a run.
func (s *recurGradStep[T]) bind(in, out []lower.Array[T]) {
	a := &s.args
	take := func() lower.Array[T] {
		x := readable(in[0])
		in = in[1:]
		return x
	}
	a.x, a.wx, a.wh = take(), take(), take()
	if s.p.Initial {
		for i := range a.initial {
			a.initial[i] = take()
		}
	}
	for i := range a.after {
		a.after[i] = take()
	}
	a.saved = take()
	if s.grad.Outputs {
		a.outputs = take()
	}
	for i, present := range [...]bool{s.grad.LastH, s.grad.LastC} {
		if present {
			a.last[i] = take()
		}
	}
	if s.grad.X {
		a.dx, out = out[0].Elements(), out[1:]
	}
	if s.grad.Weights {
		a.dwx, a.dwh, a.bias, out = out[0].Elements(), out[1].Elements(), out[2].Elements(), out[3:]
	}
	copy(a.states, out)
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
	s.recordErr(worker, packPart(&s.wh.full, s.packedH.of(shared), wh, 0, s.columns, 1, part))
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
	local, shared, scratch := s.work.worker[worker], s.work.shared, s.gemm.of(s.work.worker[worker])
	step := &s.current[worker]
	*step = cellBackward[T]{
		n: n, dzx: s.dzx.rows(local, s.z), dzh: s.dzh.rows(local, s.z),
		dState: [2]kernel.Rows[T]{s.dh.rows(local, s.units), s.dc.rows(local, s.units)},
		dBias:  s.biasOf(part), dOut: kernel.Rows[T]{Data: s.zeros},
	}
	clear(step.dBias)
	if s.sharedInput() {
		step.sum = kernel.Rows[T]{Data: s.sums.of(shared)[lo*s.columns : (lo+n)*s.columns], Stride: s.columns}
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
			if err := s.wh.run(n, step.dzh.Data, s.packedH.of(shared), step.dState[0].Data, s.cell.hasDirectGrad(), s.fetch(step, lo, n, k-1), scratch); err != nil {
				return err
			}
		}
		if s.grad.X && !s.sharedInput() {
			dx := s.args.dx[(lo*s.steps+t)*s.features:]
			if err := s.wx.run(n, step.dzx.Data, s.packedX.of(shared), dx, false, nil, scratch); err != nil {
				return err
			}
		}
	}
	s.cell.end(step)
	if s.grad.X && s.sharedInput() {
		copyRows(step.dzx, step.sum, n, s.columns)
		if err := s.wx.run(n, step.dzx.Data, s.packedX.of(shared), s.args.dx[lo*s.features:], false, nil, scratch); err != nil {
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
		width := w.all.PackedWidth()
		for at := first * width; at < w.dzh.n && len(out) < cap(out); at += width * s.batch * s.steps {
			out = append(out, w.dzh.of(s.work.shared)[at:at+n*width])
		}
	}
	return out
}

// biasOf is the gradient of the bias over one chunk.
func (s *recurGradStep[T]) biasOf(chunk int) []T {
	n := s.recurrence.biases
	return s.biases.of(s.work.shared)[chunk*n : (chunk+1)*n]
}
