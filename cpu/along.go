package cpu

import (
	"math"

	"github.com/stheno-ml/stheno/internal/team"
	"github.com/stheno-ml/stheno/lower"
)

// alongStep gathers elements of each vector along an axis by index. If put is set, it
// adds its operand to zeros by index instead.
type alongStep[T lower.Float] struct {
	put         bool
	n, k        int // elements of a vector, and indices per vector
	step        int // stride along the axis
	count       int // vectors
	grain       int // vectors per part
	in, indices rowMajorReader[T]
	out         []T
}

func newAlongStep[T lower.Float](put bool, axis, extent int, indices lower.Shape) *alongStep[T] {
	s := &alongStep[T]{put: put, n: extent, k: indices[axis], step: indices[axis+1:].Size()}
	s.count = indices.Size() / s.k
	s.grain = max(1, copyGrain/max(s.n, s.k))
	return s
}

func (s *alongStep[T]) run(t *team.Team, in, out []lower.Array[T]) error {
	s.in, s.indices, s.out = readRowMajor(in[0]), readRowMajor(in[1]), out[0].Data[out[0].Off:]
	t.Run(s, (s.count+s.grain-1)/s.grain)
	return nil
}

// Do computes the vectors of one part.
func (s *alongStep[T]) Do(part, _ int) {
	for line := part * s.grain; line < min((part+1)*s.grain, s.count); line++ {
		outer, inner := line/s.step, line%s.step
		whole, some := outer*s.n*s.step+inner, outer*s.k*s.step+inner
		if s.put {
			for i := range s.n {
				s.out[whole+i*s.step] = 0
			}
		}
		for i := range s.k {
			at := lower.RowAt(s.indices.at(some+i*s.step), s.n)
			switch {
			case s.put && at >= 0:
				s.out[whole+at*s.step] += s.in.at(some + i*s.step)
			case s.put:
			case at >= 0:
				s.out[some+i*s.step] = s.in.at(whole + at*s.step)
			default:
				s.out[some+i*s.step] = T(math.NaN())
			}
		}
	}
}

// rowMajorReader reads single elements of an array by row-major position.
type rowMajorReader[T lower.Float] struct {
	of         lower.Array[T]
	contiguous bool
}

func readRowMajor[T lower.Float](a lower.Array[T]) rowMajorReader[T] {
	return rowMajorReader[T]{a, a.Contiguous()}
}

func (r *rowMajorReader[T]) at(position int) T {
	if r.contiguous {
		return r.of.Data[r.of.Off+position]
	}
	var v [1]T
	r.of.CopyRange(v[:], position)
	return v[0]
}
