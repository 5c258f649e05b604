package cpu

import (
	"math"

	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/internal/team"
	"github.com/stheno-ml/stheno/lower"
)

// gatherStep copies the rows that indices name.
type gatherStep[T lower.Float] struct {
	rows  int // extent of the operand along the axis
	count int // extent of the result along the axis
	inner int // elements of a row
	all   int // rows of the result, along all axes
	grain int // rows per part

	from  lower.Array[T]
	dense bool  // from is contiguous
	at    []int // the rows that the indices name in this run
	out   []T
}

func newGatherStep[T lower.Float](p lower.Gather, from, to lower.Shape) *gatherStep[T] {
	s := &gatherStep[T]{rows: from[p.Axis], count: to[p.Axis], inner: to[p.Axis+1:].Size(), all: to[:p.Axis+1].Size()}
	s.grain = max(1, copyGrain/s.inner)
	s.at = make([]int, s.count)
	return s
}

func (s *gatherStep[T]) run(t *team.Team, in, out []lower.Array[T]) error {
	readRows(s.at, in[1], s.rows)
	s.from, s.dense, s.out = in[0], in[0].Contiguous(), out[0].Data[out[0].Off:]
	t.Run(s, (s.all+s.grain-1)/s.grain)
	return nil
}

// Do copies the rows of one part.
func (s *gatherStep[T]) Do(part, _ int) {
	first := part * s.grain
	o, i := first/s.count, first%s.count
	for k := first; k < min(first+s.grain, s.all); k++ {
		dst := s.out[k*s.inner:][:s.inner]
		from := (o*s.rows + s.at[i]) * s.inner
		switch {
		case s.at[i] < 0:
			for j := range dst {
				dst[j] = T(math.NaN())
			}
		case s.dense:
			copy(dst, s.from.Data[s.from.Off+from:])
		default:
			s.from.CopyRange(dst, from)
		}
		if i++; i == s.count {
			o, i = o+1, 0
		}
	}
}

// readRows sets at to the rows that indices name, -1 where one names none.
func readRows[T lower.Float](at []int, indices lower.Array[T], rows int) {
	x, step := indices.Data[indices.Off:], indices.Strides[0]
	for i := range at {
		at[i] = lower.RowAt(x[i*step], rows)
	}
}

// scatterStep adds rows to an array of zeros, at the rows that indices name. A part
// owns some rows of the result and adds to them in the order of the indices.
type scatterStep[T lower.Float] struct {
	vector *kernel.Vector[T]
	rows   int // extent of the result along the axis
	count  int // extent of the operand along the axis
	inner  int // elements of a row
	grain  int // rows of the result per part
	parts  int // per slice along the axis
	outer  int // slices along the axis

	at        []int // the rows that the indices name in this run
	from      lower.Array[T]
	out       []T
	rowBuffer [][]T // by worker: a copy of one row of the operand
}

func newScatterStep[T lower.Float](p lower.ScatterAdd, from lower.Shape, v *kernel.Vector[T], workers int) *scatterStep[T] {
	s := &scatterStep[T]{vector: v, rows: p.Extent, count: from[p.Axis], inner: from[p.Axis+1:].Size(), outer: from[:p.Axis].Size()}
	// Every part scans all indices, so there are few parts. A row's sum does not
	// depend on their number.
	s.parts = max(1, min((2*workers+s.outer-1)/s.outer, p.Extent*s.inner/copyGrain, p.Extent))
	s.grain = (p.Extent + s.parts - 1) / s.parts
	s.parts = (p.Extent + s.grain - 1) / s.grain
	s.at = make([]int, s.count)
	for range workers {
		s.rowBuffer = append(s.rowBuffer, make([]T, s.inner))
	}
	return s
}

func (s *scatterStep[T]) run(t *team.Team, in, out []lower.Array[T]) error {
	readRows(s.at, in[1], s.rows)
	s.from, s.out = in[0], out[0].Data[out[0].Off:]
	t.Run(s, s.outer*s.parts)
	return nil
}

// Do computes the rows of one part.
func (s *scatterStep[T]) Do(part, worker int) {
	o, first := part/s.parts, part%s.parts*s.grain
	last := min(first+s.grain, s.rows)
	out := s.out[(o*s.rows+first)*s.inner:][:(last-first)*s.inner]
	clear(out)
	dense := s.from.Contiguous()
	for i, r := range s.at {
		if r < first || r >= last {
			continue
		}
		at, add := (o*s.count+i)*s.inner, s.rowBuffer[worker]
		if dense {
			add = s.from.Data[s.from.Off+at:][:s.inner]
		} else {
			s.from.CopyRange(add, at)
		}
		dst := out[(r-first)*s.inner:][:s.inner]
		s.vector.Binary[kernel.OpAdd](dst, dst, add)
	}
}
