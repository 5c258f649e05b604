package cpu

import (
	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/internal/team"
	"github.com/stheno-ml/stheno/lower"
)

const (
	// loopGrain is the approximate number of elements in one part of a loop.
	loopGrain = 1 << 13
	// maxChunks bounds the parts of a loop that reduces along axes. Each part has its
	// own partial results.
	maxChunks = 32
)

// loopStep runs a loop on the team. A part is some rows, or a piece of one row.
type loopStep[T lower.Float] struct {
	loop    *loop[T]
	rows    int // per part
	columns int // per part
	across  int // parts per row
	parts   int
}

func newLoopStep[T lower.Float](l *loop[T]) *loopStep[T] {
	s := &loopStep[T]{loop: l, rows: 1, columns: l.space.inner}
	if l.space.inner > 2*loopGrain {
		s.columns = loopGrain
	} else {
		s.rows = max(1, loopGrain/l.space.inner)
	}
	combines, perColumn := false, true
	for _, e := range l.reductions {
		if e != nil {
			combines, perColumn = true, perColumn && e.perColumn
		}
	}
	if combines && perColumn && l.space.inner >= maxChunks*loopBlock { // some columns of all rows: parts share no result
		s.rows, s.columns = l.space.rows, ((l.space.inner+maxChunks-1)/maxChunks+15)/16*16
	} else if combines {
		for s.count() > maxChunks && s.columns < l.space.inner {
			s.columns *= 2
		}
		s.rows = max(s.rows, (l.space.rows*s.acrossOf()+maxChunks-1)/maxChunks)
	}
	s.across = s.acrossOf()
	s.parts = s.count()
	l.chunks(s.parts, s.across == 1, s.rows == l.space.rows)
	return s
}

func (s *loopStep[T]) acrossOf() int { return (s.loop.space.inner + s.columns - 1) / s.columns }

func (s *loopStep[T]) count() int {
	return (s.loop.space.rows + s.rows - 1) / s.rows * s.acrossOf()
}

func (s *loopStep[T]) run(t *team.Team, in, out []lower.Array[T]) error {
	s.loop.start(in, out)
	t.Run(s, s.parts)
	s.loop.finish(s.parts)
	return nil
}

// Do runs one part.
func (s *loopStep[T]) Do(part, worker int) {
	row, col := part/s.across*s.rows, part%s.across*s.columns
	s.loop.rows(worker, part, kernel.Block{
		Row0: row, Row1: min(row+s.rows, s.loop.space.rows), Col0: col, Col1: min(col+s.columns, s.loop.space.inner),
	}, nil)
}

// groupStep runs several small loops, one part each.
type groupStep[T lower.Float] struct {
	loops []*loop[T]
	small bool // too little work for the team
}

// groupGrain is the least work of a group that is worth more than one thread, in
// elements times instructions.
const groupGrain = 1 << 12

func (s *groupStep[T]) run(t *team.Team, in, out []lower.Array[T]) error {
	for _, l := range s.loops {
		n := len(l.reductions)
		l.start(in[:len(l.accesses)], out[:n])
		in, out = in[len(l.accesses):], out[n:]
	}
	if !s.small {
		t.Run(s, len(s.loops))
		return nil
	}
	for i := range s.loops {
		s.Do(i, 0)
	}
	return nil
}

// Do runs one loop.
func (s *groupStep[T]) Do(part, worker int) { s.loops[part].whole(worker) }

// overwrites returns a function that reports whether a result of the step overwrites
// an operand. Both are given by their index in the step.
func overwrites(p *plan.Plan, s plan.Step) func(result, operand int) bool {
	return func(result, operand int) bool {
		to, from := p.Values[s.Out[result]], p.Values[s.In[operand]]
		if to.Place != plan.State || from.Place != plan.Input {
			return false
		}
		n := p.Inputs[from.Root].Node
		return n != nil && n == p.Updates[to.Update].Node
	}
}
