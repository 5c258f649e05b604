package cpu

import (
	"math"

	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/internal/team"
	"github.com/stheno-ml/stheno/lower"
)

// gatherStep copies the rows that indices name.
type gatherStep[T lower.Float] struct {
	lookup kernel.Lookup[T]
	rows   int // extent of the operand along the axis
	count  int // extent of the result along the axis
	inner  int // elements of a row
	all    int // rows of the result, along all axes
	grain  int // rows per part

	at   indexReader[T]
	from lower.Array[T]
	x    []T // the elements of from, if they can be read in place
	out  []T
}

func newGatherStep[T lower.Float](p lower.Gather, from, to lower.Shape, isa kernel.ISA) *gatherStep[T] {
	s := &gatherStep[T]{
		lookup: kernel.LookupFor[T](isa), rows: from[p.Axis], count: to[p.Axis], inner: to[p.Axis+1:].Size(), all: to[:p.Axis+1].Size(),
	}
	s.grain = max(1, copyGrain/s.inner)
	return s
}

func (s *gatherStep[T]) run(t *team.Team, in, out []lower.Array[T]) error {
	s.at.read(in[1])
	s.from, s.x, s.out = in[0], inPlace(in[0]), out[0].Data[out[0].Off:]
	t.Run(s, (s.all+s.grain-1)/s.grain)
	return nil
}

// Do copies the rows of one part.
func (s *gatherStep[T]) Do(part, _ int) {
	first := part * s.grain
	last := min(first+s.grain, s.all)
	for first < last {
		o, i := first/s.count, first%s.count
		n := min(last-first, s.count-i) // rows of one slice along the axis
		s.slice(o, s.at.of[i:i+n], s.out[first*s.inner:][:n*s.inner])
		first += n
	}
}

// slice copies rows of slice o along the axis.
func (s *gatherStep[T]) slice(o int, at, out []T) {
	from, size := o*s.rows*s.inner, s.rows*s.inner
	switch {
	case s.x == nil:
		for i, index := range at {
			dst := out[i*s.inner:][:s.inner]
			if r := lower.RowAt(index, s.rows); r >= 0 {
				s.from.CopyRange(dst, from+r*s.inner)
			} else {
				fill(dst, T(math.NaN()))
			}
		}
	case s.inner == 1:
		s.lookup.Elements(out, s.x[from:from+size], at, 1, s.rows, len(at))
	default:
		s.lookup.Rows(out, s.x[from:from+size], at, s.rows, s.inner)
	}
}

// indexReader reads indices [n].
type indexReader[T lower.Float] struct{ of, memory []T }

// read sets of to the indices.
func (r *indexReader[T]) read(indices lower.Array[T]) {
	if r.of = inPlace(indices); r.of != nil {
		return
	}
	if r.memory == nil {
		r.memory = make([]T, indices.Shape[0])
	}
	indices.CopyRange(r.memory, 0)
	r.of = r.memory
}

// inPlace returns the elements of an array in its own memory; nil if they do not lie in
// row-major order without gaps.
func inPlace[T lower.Float](a lower.Array[T]) []T {
	if !a.Contiguous() {
		return nil
	}
	return a.Elements()
}

func fill[T lower.Float](x []T, v T) {
	for i := range x {
		x[i] = v
	}
}

// scatterStep adds rows to an array of zeros, at the rows that indices name. A part
// owns some rows of the result and adds to them in the order of the indices.
type scatterStep[T lower.Float] struct {
	lookup kernel.Lookup[T]
	rows   int // extent of the result along the axis
	count  int // extent of the operand along the axis
	inner  int // elements of a row
	grain  int // rows of the result per part
	parts  int // per slice along the axis
	outer  int // slices along the axis

	at     indexReader[T]
	from   lower.Array[T]
	x      []T // the elements of from, if they can be read in place
	out    []T
	buffer [][]T // by worker: a copy of one row of the operand
}

func newScatterStep[T lower.Float](p lower.ScatterAdd, from lower.Shape, isa kernel.ISA, workers int) *scatterStep[T] {
	s := &scatterStep[T]{
		lookup: kernel.LookupFor[T](isa), rows: p.Extent, count: from[p.Axis], inner: from[p.Axis+1:].Size(), outer: from[:p.Axis].Size(),
	}
	// Every part scans all indices, so there are few parts. A row's sum does not
	// depend on their number.
	s.parts = max(1, min((2*workers+s.outer-1)/s.outer, p.Extent*s.inner/copyGrain, p.Extent))
	s.grain = (p.Extent + s.parts - 1) / s.parts
	s.parts = (p.Extent + s.grain - 1) / s.grain
	s.buffer = make([][]T, workers)
	return s
}

func (s *scatterStep[T]) run(t *team.Team, in, out []lower.Array[T]) error {
	s.at.read(in[1])
	s.from, s.x, s.out = in[0], inPlace(in[0]), out[0].Data[out[0].Off:]
	if s.x == nil && s.buffer[0] == nil {
		for i := range s.buffer {
			s.buffer[i] = make([]T, s.inner)
		}
	}
	t.Run(s, s.outer*s.parts)
	return nil
}

// Do computes the rows of one part.
func (s *scatterStep[T]) Do(part, worker int) {
	o, first := part/s.parts, part%s.parts*s.grain
	last := min(first+s.grain, s.rows)
	out := s.out[(o*s.rows+first)*s.inner:][:(last-first)*s.inner]
	clear(out)
	from := o * s.count * s.inner
	if s.x != nil {
		s.lookup.AddRows(out, s.x[from:from+s.count*s.inner], s.at.of, s.rows, first, s.inner)
		return
	}
	for i, index := range s.at.of {
		if r := lower.RowAt(index, s.rows); r < first || r >= last {
			continue
		}
		add := s.buffer[worker]
		s.from.CopyRange(add, from+i*s.inner)
		s.lookup.AddRows(out, add, s.at.of[i:i+1], s.rows, first, s.inner)
	}
}
