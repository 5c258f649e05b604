package cpu

import (
	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/internal/team"
	"github.com/stheno-ml/stheno/lower"
)

// recurStep runs lower.Recur. If the cell needs only the sum of the input's and the
// state's projections, and the input differs between steps, both are one product: the
// rows [x h] times wx stacked on wh.
type recurStep[T lower.Float] struct {
	recurrence[T]

	fusedProjections bool
	packedX          span[T] // in the shared memory
	packedH          span[T]
	projectX         product[T] // x wx
	project          product[T] // h wh, or [x h] of both
	rowX, rowH, z    int        // row strides
	x, h, zs, zx     span[T]    // in a worker's memory: a step's inputs, the states before it, projections
	args             []lower.Array[T]
	initial, after   []lower.Array[T]
	saved            lower.Array[T]
	current          []cellForward[T] // by worker: the current step
}

func newRecurStep[T lower.Float](p lower.Recur, x, wh lower.Shape, isa kernel.ISA, workers int, work *workspace[T]) (*recurStep[T], error) {
	s := &recurStep[T]{recurrence: newRecurrence(p, x, wh, isa, workers, work)}
	s.fusedProjections = !s.splitProjections && !s.sharedInput()
	rows, byRows := s.rows(), kernel.Strides{Row: s.columns, Col: 1}
	s.z = s.columns + 16
	s.rowX, s.rowH = s.features, s.units
	k := s.units
	if s.fusedProjections {
		k += s.features
		s.rowX, s.rowH = k, k
	}
	var err error
	if s.projectX, err = newProduct[T](isa, rows, s.columns, s.features, s.rowX, byRows, s.z); err != nil {
		return nil, err
	}
	if s.project, err = newProduct[T](isa, rows, s.columns, k, s.rowH, byRows, s.z); err != nil {
		return nil, err
	}
	s.packedX = s.shared.take(s.projectX.full.PackedB())
	s.packedH = s.shared.take(s.project.full.PackedB())

	s.gemm = s.local.take(max(s.projectX.full.Scratch(), s.project.full.Scratch()))
	if s.fusedProjections {
		both := s.local.take(rows * k)
		s.x = both
		s.h = span[T]{both.from + s.features, both.n - s.features}
	} else {
		s.x, s.h = s.local.take(rows*s.features), s.local.take(rows*s.units)
		s.zx = s.local.take(rows * s.z)
	}
	s.zs = s.local.take(rows * s.z)
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
	x, h := s.packedX.of(s.work.shared), s.packedH.of(s.work.shared)
	first := 0
	if s.fusedProjections {
		first = s.features
		s.recordErr(worker, packPart(&s.project.full, h, wx, 0, s.features, s.columns, part))
	}
	s.recordErr(worker, packPart(&s.projectX.full, x, wx, 0, s.features, s.columns, part))
	s.recordErr(worker, packPart(&s.project.full, h, wh, first, s.units, s.columns, part))
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
	local, scratch := s.work.worker[worker], s.gemm.of(s.work.worker[worker])
	packedX, packedH := s.packedX.of(s.work.shared), s.packedH.of(s.work.shared)
	x, h := s.x.rows(local, s.rowX), s.h.rows(local, s.rowH)
	step := &s.current[worker]
	*step = cellForward[T]{n: n, z: s.zs.rows(local, s.z), bias: s.args[3].Elements(), next: h}
	if !s.fusedProjections {
		step.zx = s.zx.rows(local, s.z)
	}
	if s.p.Initial {
		copyRows(h, matrixRows(s.initial[0], lo), n, s.units)
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
		zero := k == 0 && !s.p.Initial // the states before are zero
		switch {
		case s.fusedProjections && zero:
			if err := s.projectX.run(n, x.Data, packedX, step.z.Data, false, step.fetch[:], scratch); err != nil {
				return err
			}
		case !s.fusedProjections && (k == 0 || !s.sharedInput()):
			if err := s.projectX.run(n, x.Data, packedX, step.zx.Data, false, step.fetch[:], scratch); err != nil {
				return err
			}
			if s.sharedInput() {
				s.cell.begin(n, step.zx, step.bias)
			}
		}
		switch {
		case !zero:
			a := h
			if s.fusedProjections {
				a = x
			}
			if err := s.project.run(n, a.Data, packedH, step.z.Data, false, step.fetch[:], scratch); err != nil {
				return err
			}
		case !s.fusedProjections:
			clear(step.z.Data)
		}
		for i := range s.states {
			step.before[i] = s.before(s.initial, s.after, i, lo, k)
			step.after[i] = stateRows(s.after, i, lo, t)
		}
		step.saved = stepRows(s.saved, lo, t)
		if err := s.cell.forward(step, worker); err != nil {
			return err
		}
	}
	return nil
}
