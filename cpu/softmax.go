package cpu

import (
	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/internal/team"
	"github.com/stheno-ml/stheno/lower"
)

// softmaxStep computes the softmax of each vector along the axis, or its logarithm.
type softmaxStep[T lower.Float] struct {
	vector *kernel.Vector[T]
	log    bool
	n      int // elements of a vector
	step   int // stride along the axis
	count  int // vectors
	grain  int // vectors per part
	memory *registers[T]
	in     lower.Array[T]
	out    []T
}

func newSoftmaxStep[T lower.Float](p lower.Softmax, shape lower.Shape, v *kernel.Vector[T], memory *registers[T]) *softmaxStep[T] {
	s := &softmaxStep[T]{vector: v, log: p.Log, n: shape[p.Axis], step: shape[p.Axis+1:].Size(), memory: memory}
	s.count = shape.Size() / s.n
	s.grain = max(1, 1<<12/s.n)
	memory.reserve(2 * s.n)
	return s
}

func (s *softmaxStep[T]) run(t *team.Team, in, out []lower.Array[T]) error {
	s.in, s.out = in[0], out[0].Data[out[0].Off:]
	t.Run(s, (s.count+s.grain-1)/s.grain)
	return nil
}

// Do computes the vectors of one part.
func (s *softmaxStep[T]) Do(part, worker int) {
	x, y := s.memory.worker[worker][:s.n], s.memory.worker[worker][s.n:2*s.n]
	for k := part * s.grain; k < min((part+1)*s.grain, s.count); k++ {
		at := k/s.step*s.n*s.step + k%s.step
		to := y
		if s.step == 1 {
			s.in.CopyRange(x, at)
			to = s.out[at : at+s.n]
		} else {
			for i := range x {
				s.in.CopyRange(x[i:i+1], at+i*s.step)
			}
		}
		if s.log {
			s.vector.LogSoftmax(to, x)
		} else {
			s.vector.Softmax(to, x)
		}
		if s.step > 1 {
			for i, v := range y {
				s.out[at+i*s.step] = v
			}
		}
	}
}
