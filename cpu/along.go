package cpu

import (
	"math"

	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/internal/team"
	"github.com/stheno-ml/stheno/lower"
)

// alongStep gathers elements of each vector along an axis by index. If put is set, it
// adds its operand to zeros by index instead.
type alongStep[T lower.Float] struct {
	put         bool
	lookup      kernel.Lookup[T]
	whole, some lines // the vectors, and their indices
	count       int   // vectors
	grain       int   // vectors per part
	in, indices lineReader[T]
	out         []T
	worker      []alongMemory[T]
}

// alongMemory is the memory of one worker: a vector's indices, and elements to add.
type alongMemory[T lower.Float] struct{ indices, add []T }

func newAlongStep[T lower.Float](put bool, axis, extent int, indices lower.Shape, isa kernel.ISA, workers int) *alongStep[T] {
	s := &alongStep[T]{put: put, lookup: kernel.LookupFor[T](isa), some: linesOf(indices, axis)}
	s.whole = lines{extent, s.some.step}
	s.count = indices.Size() / s.some.n
	s.grain = max(1, copyGrain/max(extent, s.some.n))
	for range workers {
		s.worker = append(s.worker, alongMemory[T]{make([]T, s.some.n), make([]T, s.some.n)})
	}
	return s
}

func (s *alongStep[T]) run(t *team.Team, in, out []lower.Array[T]) error {
	of := s.whole
	if s.put {
		of = s.some
	}
	s.in, s.indices, s.out = readLines(of, in[0]), readLines(s.some, in[1]), out[0].Data[out[0].Off:]
	t.Run(s, (s.count+s.grain-1)/s.grain)
	return nil
}

// Do computes the vectors of one part.
func (s *alongStep[T]) Do(part, worker int) {
	m := &s.worker[worker]
	first, last := part*s.grain, min((part+1)*s.grain, s.count)
	if s.whole.step == 1 && s.in.contiguous && s.indices.contiguous {
		s.rows(first, last)
		return
	}
	for k := first; k < last; k++ {
		indices := s.indices.line(k, m.indices)
		if s.put {
			s.add(k, s.in.line(k, m.add), indices)
		} else {
			s.take(k, indices)
		}
	}
}

// add sets vector k of the result to the elements of x, added up by index.
func (s *alongStep[T]) add(k int, x, indices []T) {
	n, step, at := s.whole.n, s.whole.step, s.whole.at(k)
	out := s.out[at:][:(n-1)*step+1]
	if step == 1 {
		clear(out)
	} else {
		for i := range n {
			out[i*step] = 0
		}
	}
	for i, v := range indices {
		if r := lower.RowAt(v, n); r >= 0 {
			out[r*step] += x[i]
		}
	}
}

// rows computes vectors first to last-1, where vectors and indices can be read in place.
func (s *alongStep[T]) rows(first, last int) {
	count, n, k := last-first, s.whole.n, s.some.n
	indices := s.indices.of.Data[s.indices.of.Off+first*k:]
	if s.put {
		out := s.out[first*n : last*n]
		clear(out)
		s.lookup.AddElements(out, s.in.of.Data[s.in.of.Off+first*k:], indices, count, n, k)
		return
	}
	s.lookup.Elements(s.out[first*k:], s.in.of.Data[s.in.of.Off+first*n:], indices, count, n, k)
}

// take copies elements of vector k to the result.
func (s *alongStep[T]) take(k int, indices []T) {
	n, step, from := s.whole.n, s.whole.step, s.whole.at(k)
	out := s.out[s.some.at(k):]
	var x []T // the vector, if it can be read in place
	if s.in.contiguous {
		x = s.in.of.Data[s.in.of.Off+from:][:(n-1)*step+1]
	}
	for i, v := range indices {
		switch r := lower.RowAt(v, n); {
		case r < 0:
			out[i*step] = T(math.NaN())
		case x != nil:
			out[i*step] = x[r*step]
		default:
			s.in.of.CopyRange(out[i*step:i*step+1], from+r*step)
		}
	}
}
