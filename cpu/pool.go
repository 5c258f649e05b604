package cpu

import (
	"github.com/stheno-ml/stheno/internal/interp"
	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/internal/team"
	"github.com/stheno-ml/stheno/lower"
)

// poolStep runs a pooling primitive outside regions. A part is some planes [H, W]. It
// uses vector kernels if they support the windows, else the interpreter's loops.
type poolStep[T lower.Float] struct {
	planes  *interp.PoolPlanes[T]
	kernel  planePool[T] // nil: the interpreter's loops
	grain   int          // planes per part
	scratch span[T]      // of kernel, in a worker's memory
	work    *workspace[T]
}

// planePool computes a pooling primitive on one channel of an image.
type planePool[T lower.Float] interface {
	// scratchSize is the number of scratch elements that run needs.
	scratchSize() int
	run(in [2][]T, out, scratch []T)
}

func newPoolStep[T lower.Float](p lower.Prim, in []lower.Shape, out lower.Shape, isa kernel.ISA, v *kernel.Vector[T], work *workspace[T]) *poolStep[T] {
	plane := max(in[0][2]*in[0][3], out[2]*out[3])
	s := &poolStep[T]{planes: interp.NewPoolPlanes[T](p, in, out), grain: max(1, copyGrain/plane), work: work}
	if s.kernel = planePoolOf(p, in, out, isa, v); s.kernel != nil {
		var memory scratchLayout[T]
		s.scratch = memory.take(s.kernel.scratchSize())
		work.reserve(int(memory))
	}
	return s
}

func (s *poolStep[T]) run(t *team.Team, in, out []lower.Array[T]) error {
	s.planes.Bind(in, out[0])
	t.Run(s, (s.planes.Count+s.grain-1)/s.grain)
	return nil
}

// Do computes the planes of one part.
func (s *poolStep[T]) Do(part, worker int) {
	for i := part * s.grain; i < min((part+1)*s.grain, s.planes.Count); i++ {
		if s.kernel == nil {
			s.planes.Do(i)
			continue
		}
		in, out := s.planes.Plane(i)
		s.kernel.run(in, out, s.scratch.of(s.work.worker[worker]))
	}
}
