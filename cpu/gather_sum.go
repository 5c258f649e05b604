package cpu

import (
	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/internal/team"
	"github.com/stheno-ml/stheno/lower"
)

// gatherSumStep adds up the rows that indices name, some at a time.
type gatherSumStep[T lower.Float] struct {
	lookup kernel.Lookup[T]
	rows   int // of the operand
	inner  int // elements of a row
	count  int // rows that are added up at a time
	all    int // rows of the result
	grain  int // rows of the result per part

	at     indexReader[T]
	x      []T
	memory []T // a copy of the operand, if it cannot be read in place
	out    []T
}

func newGatherSumStep[T lower.Float](p plan.GatherSum, from, to lower.Shape, isa kernel.ISA) *gatherSumStep[T] {
	s := &gatherSumStep[T]{lookup: kernel.LookupFor[T](isa), rows: from[0], inner: from[1:].Size(), count: p.Count, all: to[0]}
	s.grain = max(1, copyGrain/(s.inner*s.count))
	return s
}

func (s *gatherSumStep[T]) run(t *team.Team, in, out []lower.Array[T]) error {
	s.at.read(in[1])
	if s.x = inPlace(in[0]); s.x == nil {
		if s.memory == nil {
			s.memory = make([]T, s.rows*s.inner)
		}
		in[0].CopyRange(s.memory, 0)
		s.x = s.memory
	}
	s.out = out[0].Data[out[0].Off:]
	t.Run(s, (s.all+s.grain-1)/s.grain)
	return nil
}

// Do computes the rows of one part.
func (s *gatherSumStep[T]) Do(part, _ int) {
	first := part * s.grain
	last := min(first+s.grain, s.all)
	s.lookup.RowSums(s.out[first*s.inner:last*s.inner], s.x, s.at.of[first*s.count:last*s.count], s.rows, s.inner, s.count)
}
