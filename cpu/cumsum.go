package cpu

import (
	"github.com/stheno-ml/stheno/internal/team"
	"github.com/stheno-ml/stheno/lower"
)

const (
	// cumSumRows is the number of vectors in rows that are summed at a time. An addition
	// waits for the one before it in its vector, not for those in the others.
	cumSumRows = 4
	// cumSumColumns is the most vectors side by side that are summed at a time.
	cumSumColumns = 64
)

// cumSumStep computes the running sums of each vector along an axis, in float64.
type cumSumStep[T lower.Float] struct {
	lines
	p      lower.CumSum
	count  int // vectors
	grain  int // vectors per part
	memory *registers[T]
	in     lower.Array[T]
	out    []T
}

func newCumSumStep[T lower.Float](p lower.CumSum, shape lower.Shape, memory *registers[T]) *cumSumStep[T] {
	s := &cumSumStep[T]{lines: linesOf(shape, p.Axis), p: p, memory: memory}
	s.count = shape.Size() / s.n
	s.grain = max(1, copyGrain/s.n/cumSumColumns) * cumSumColumns
	memory.reserve(s.n * cumSumColumns)
	return s
}

func (s *cumSumStep[T]) run(t *team.Team, in, out []lower.Array[T]) error {
	s.in, s.out = in[0], out[0].Data[out[0].Off:]
	t.Run(s, (s.count+s.grain-1)/s.grain)
	return nil
}

// Do computes the vectors of one part.
func (s *cumSumStep[T]) Do(part, worker int) {
	last := min((part+1)*s.grain, s.count)
	for k := part * s.grain; k < last; {
		width := min(cumSumRows, last-k)
		at, between := k*s.n, s.n
		if s.step > 1 { // vectors next to each other lie side by side
			width = min(cumSumColumns, last-k, s.step-k%s.step)
			at, between = s.at(k), 1
		}
		s.vectors(at, between, width, s.memory.worker[worker])
		k += width
	}
}

// vectors computes width vectors. The first begins at position at of the operand, in
// row-major order, and each other one between elements after the one before it.
func (s *cumSumStep[T]) vectors(at, between, width int, memory []T) {
	src, from, along, across := s.in.Data[s.in.Off:], at, s.step, between
	if !s.in.Contiguous() {
		src, from = memory, 0
		if s.step == 1 {
			s.in.CopyRange(src[:width*s.n], at)
		} else {
			along, across = width, 1
			for i := range s.n {
				s.in.CopyRange(src[i*width:(i+1)*width], at+i*s.step)
			}
		}
	}
	to, back := at, s.step
	if s.p.Reverse {
		from, to, along, back = from+(s.n-1)*along, to+(s.n-1)*s.step, -along, -s.step
	}
	var sums [cumSumColumns]float64
	for i := range s.n {
		x, y := from+i*along, to+i*back
		for j := range width {
			v := sums[j] + float64(src[x+j*across])
			if s.p.Exclusive {
				s.out[y+j*between] = T(sums[j])
			} else {
				s.out[y+j*between] = T(v)
			}
			sums[j] = v
		}
	}
}
