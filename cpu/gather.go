package cpu

import (
	"math"

	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/internal/team"
	"github.com/stheno-ml/stheno/lower"
)

// gatherStep copies rows that indices name.
type gatherStep[T lower.Float] struct {
	rows  int // of the operand along the axis
	count int // of the result along the axis
	inner int // elements of a row
	all   int // rows of the result, along all axes
	grain int // of them in a part

	from    lower.Array[T]
	indices lower.Array[T]
	out     []T
}

func newGatherStep[T lower.Float](p lower.Gather, from, to lower.Shape) *gatherStep[T] {
	s := &gatherStep[T]{rows: from[p.Axis], count: to[p.Axis], inner: to[p.Axis+1:].Size(), all: to[:p.Axis+1].Size()}
	s.grain = max(1, copyGrain/s.inner)
	return s
}

func (s *gatherStep[T]) run(t *team.Team, in, out []lower.Array[T]) error {
	s.from, s.indices, s.out = in[0], in[1], out[0].Data[out[0].Off:]
	t.Run(s, (s.all+s.grain-1)/s.grain)
	return nil
}

// Do copies some rows.
func (s *gatherStep[T]) Do(part, _ int) {
	for k := part * s.grain; k < min((part+1)*s.grain, s.all); k++ {
		dst := s.out[k*s.inner:][:s.inner]
		if r := rowAt(s.indices, k%s.count, s.rows); r >= 0 {
			s.from.CopyRange(dst, (k/s.count*s.rows+r)*s.inner)
			continue
		}
		for i := range dst {
			dst[i] = T(math.NaN())
		}
	}
}

// rowAt is the row that the i-th index names, -1 if it names none.
func rowAt[T lower.Float](indices lower.Array[T], i, rows int) int {
	return lower.RowAt(indices.Data[indices.Off+i*indices.Strides[0]], rows)
}

// scatterStep adds rows to those of zeros that indices name. A part has some
// rows of the result, to which it alone adds, in the order of the indices.
type scatterStep[T lower.Float] struct {
	vector *kernel.Vector[T]
	rows   int // of the result along the axis
	count  int // of the operand along the axis
	inner  int // elements of a row
	grain  int // rows of the result in a part
	parts  int // of each stretch along the axis
	outer  int // stretches

	at   []int // the rows that the indices of this run name
	from lower.Array[T]
	out  []T
	room [][]T // by worker: a row of the operand
}

func newScatterStep[T lower.Float](p lower.ScatterAdd, from lower.Shape, v *kernel.Vector[T], workers int) *scatterStep[T] {
	s := &scatterStep[T]{vector: v, rows: p.Extent, count: from[p.Axis], inner: from[p.Axis+1:].Size(), outer: from[:p.Axis].Size()}
	// Every part looks at all indices, so there are few. A row's sum is the same
	// however many there are.
	s.parts = max(1, min((2*workers+s.outer-1)/s.outer, p.Extent*s.inner/copyGrain, p.Extent))
	s.grain = (p.Extent + s.parts - 1) / s.parts
	s.parts = (p.Extent + s.grain - 1) / s.grain
	s.at = make([]int, s.count)
	for range workers {
		s.room = append(s.room, make([]T, s.inner))
	}
	return s
}

func (s *scatterStep[T]) run(t *team.Team, in, out []lower.Array[T]) error {
	for i := range s.at {
		s.at[i] = rowAt(in[1], i, s.rows)
	}
	s.from, s.out = in[0], out[0].Data[out[0].Off:]
	t.Run(s, s.outer*s.parts)
	return nil
}

// Do makes some rows of the result.
func (s *scatterStep[T]) Do(part, worker int) {
	o, first := part/s.parts, part%s.parts*s.grain
	last := min(first+s.grain, s.rows)
	out := s.out[(o*s.rows+first)*s.inner:][:(last-first)*s.inner]
	clear(out)
	whole := s.from.Contiguous()
	for i, r := range s.at {
		if r < first || r >= last {
			continue
		}
		at, add := (o*s.count+i)*s.inner, s.room[worker]
		if whole {
			add = s.from.Data[s.from.Off+at:][:s.inner]
		} else {
			s.from.CopyRange(add, at)
		}
		dst := out[(r-first)*s.inner:][:s.inner]
		s.vector.Binary[kernel.OpAdd](dst, dst, add)
	}
}
