package cpu

import (
	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/internal/team"
	"github.com/stheno-ml/stheno/lower"
)

// recurStep runs lower.Recur. Where the cell reads only the sum of the input's and the
// state's projections, and the input differs between steps, both are one product: the
// rows [x h] times wx stacked on wh.
type recurStep[T lower.Float] struct {
	recurrence[T]

	project        [2]recurProject[T] // of the groups of columns
	row            int                // row stride of [x h]
	x, h, zs, zx   span[T]            // in a worker's memory: a step's inputs, the states before it, projections
	args           []lower.Array[T]
	initial, after []lower.Array[T]
	saved          lower.Array[T]
	current        []cellForward[T] // by worker: the current step
}

// recurProject computes the projections of a group of columns.
type recurProject[T lower.Float] struct {
	group
	x, h, both product[T] // x wx, h wh, and [x h] times both
	packed     span[T]    // in the shared memory: the rows of wx, then those of wh
	packedH    int        // where wh begins in it
}

func newRecurStep[T lower.Float](p lower.Recur, x, wh lower.Shape, isa kernel.ISA, workers int, work *workspace[T]) (*recurStep[T], error) {
	s := &recurStep[T]{recurrence: newRecurrence(p, x, wh, isa, workers, work)}
	rows, byRows := s.rows(), kernel.Strides{Row: s.columns, Col: 1}
	s.row = s.features + s.units
	scratch := 0
	for i, columns := range s.groups() {
		g := &s.project[i]
		g.group = columns
		for _, one := range []struct {
			to *product[T]
			k  int
		}{{&g.x, s.features}, {&g.h, s.units}, {&g.both, s.row}} {
			var err error
			if *one.to, err = newProduct[T](isa, rows, g.n, one.k, s.row, byRows, s.z); err != nil {
				return nil, err
			}
			scratch = max(scratch, one.to.full.Scratch())
		}
		g.packed = s.shared.take(g.both.full.PackedB())
		g.packedH = s.features * g.both.full.PackedWidth()
	}
	s.gemm = s.local.take(scratch)
	s.x = s.local.take(rows * s.row)
	s.h = span[T]{s.x.from + s.features, s.x.n - s.features}
	s.zs = s.local.take(rows * s.z)
	if s.sharedInput() {
		s.zx = s.local.take(rows * s.z)
	}
	work.reserve(int(s.local))
	work.share(int(s.shared))
	s.args = make([]lower.Array[T], 4+s.states)
	s.after = make([]lower.Array[T], s.states)
	s.current = make([]cellForward[T], workers)
	return s, nil
}

func (s *recurStep[T]) run(t *team.Team, in, out []lower.Array[T]) error {
	for i, a := range in {
		s.args[i] = readable(a)
	}
	s.initial = s.args[4:]
	copy(s.after, out)
	s.saved = out[s.states]
	t.Run((*recurPack[T])(s), recurPackParts)
	if err := s.takeErrs(); err != nil {
		return err
	}
	t.Run(s, s.chunks)
	return s.takeErrs()
}

// recurPackParts is the number of parts that pack the weights.
const recurPackParts = 8

// recurPack packs the weights, some rows of each per part.
type recurPack[T lower.Float] recurStep[T]

func (s *recurPack[T]) Do(part, worker int) {
	wx, wh := s.args[1].Elements(), s.args[2].Elements()
	for i := range s.project {
		g := &s.project[i]
		if g.n == 0 {
			continue
		}
		packed := g.packed.of(s.work.shared)
		s.recordErr(worker, packPart(&g.both.full, packed, wx[g.from:], 0, s.features, s.columns, part))
		s.recordErr(worker, packPart(&g.both.full, packed, wh[g.from:], s.features, s.units, s.columns, part))
	}
}

// packPart packs one part of the rows of b, whose row stride is step. They become the
// rows of dst from first on.
func packPart[T lower.Float](g *kernel.Gemm[T], dst, b []T, first, rows, step, part int) error {
	from, to := part*rows/recurPackParts, (part+1)*rows/recurPackParts
	if from == to {
		return nil
	}
	return g.PackBRows(dst, b[from*step:], first+from, to-from)
}

// Do runs all steps of one chunk.
func (s *recurStep[T]) Do(part, worker int) {
	s.recordErr(worker, s.chunkForward(part, worker))
}

func (s *recurStep[T]) chunkForward(part, worker int) error {
	lo, n := s.chunk(part)
	local := s.work.worker[worker]
	x, h := s.x.rows(local, s.row), s.h.rows(local, s.row)
	step := &s.current[worker]
	*step = cellForward[T]{n: n, z: s.zs.rows(local, s.z), bias: s.args[3].Elements(), next: h}
	clear(step.z.Data) // products do not write all of it
	if s.p.Initial {
		copyRows(h, matrixRows(s.initial[0], lo), n, s.units)
	} else {
		copyRows(h, kernel.Rows[T]{Data: s.zeros}, n, s.units)
	}
	for k := range s.steps {
		t := s.at(k)
		if k == 0 || !s.sharedInput() {
			copyRows(x, sampleRows(s.args[0], lo, min(t, s.inputSteps-1)), n, s.features)
		}
		step.fetch[0] = block(stepRows(s.saved, lo, t), n)
		if s.states > 1 {
			step.fetch[1] = block(stateRows(s.after, 1, lo, t), n)
		}
		if k == 0 && s.sharedInput() {
			step.zx = s.zx.rows(local, s.z)
			if err := s.projectInput(step, x, worker); err != nil {
				return err
			}
		}
		if err := s.projectStep(step, x, h, k == 0 && !s.p.Initial, worker); err != nil {
			return err
		}
		for i := range s.states {
			step.before[i] = s.before(s.initial, s.after, i, lo, k)
			step.after[i] = stateRows(s.after, i, lo, t)
		}
		step.before[0] = h
		step.saved = stepRows(s.saved, lo, t)
		if err := s.cell.forward(step, worker); err != nil {
			return err
		}
	}
	return nil
}

// projectInput computes the projection of the input that all steps read.
func (s *recurStep[T]) projectInput(step *cellForward[T], x kernel.Rows[T], worker int) error {
	for i := range s.project {
		g := &s.project[i]
		if err := s.multiply(&g.x, g, step, x, 0, step.zx.Data[g.from:], worker); err != nil {
			return err
		}
	}
	s.cell.begin(step.n, step.zx, step.bias)
	return nil
}

// projectStep computes those projections that differ between steps. zero says that the
// states before the step are zero.
func (s *recurStep[T]) projectStep(step *cellForward[T], x, h kernel.Rows[T], zero bool, worker int) error {
	for i := range s.project {
		g := &s.project[i]
		z, separate := step.z.Data[g.from:], i > 0
		var err error
		switch {
		case s.sharedInput() || separate:
			if !zero {
				err = s.multiply(&g.h, g, step, h, g.packedH, z, worker)
			}
		case zero:
			err = s.multiply(&g.x, g, step, x, 0, z, worker)
		default:
			err = s.multiply(&g.both, g, step, x, 0, z, worker)
		}
		if err == nil && separate && !s.sharedInput() {
			err = s.multiply(&g.x, g, step, x, 0, z[g.n:], worker)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// multiply computes c, one product of a group. packed is where its weights begin among
// those of the group.
func (s *recurStep[T]) multiply(p *product[T], g *recurProject[T], step *cellForward[T], a kernel.Rows[T], packed int, c []T, worker int) error {
	if g.n == 0 {
		return nil
	}
	return p.run(step.n, kernel.GemmArgs[T]{
		A: a.Data, PackedB: g.packed.of(s.work.shared)[packed:], PackedK: s.row, C: c, Prefetch: step.fetch[:],
	}, s.gemm.of(s.work.worker[worker]))
}
