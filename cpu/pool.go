package cpu

import (
	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/internal/team"
	"github.com/stheno-ml/stheno/lower"
)

// poolStep runs a pooling primitive that is in no region, some channels of images
// at a time.
type poolStep[T lower.Float] struct {
	planes *lower.PoolPlanes[T]
	grain  int // planes of a part
}

func newPoolStep[T lower.Float](p lower.Prim, in []lower.Shape, out lower.Shape, v *kernel.Vector[T]) *poolStep[T] {
	plane := max(in[0][2]*in[0][3], out[2]*out[3])
	s := &poolStep[T]{lower.NewPoolPlanes[T](p, in, out), max(1, copyGrain/plane)}
	s.planes.Add = v.Binary[kernel.OpAdd]
	return s
}

func (s *poolStep[T]) run(t *team.Team, in, out []lower.Array[T]) error {
	s.planes.Bind(in, out[0])
	t.Run(s, (s.planes.Count+s.grain-1)/s.grain)
	return nil
}

// Do computes some planes.
func (s *poolStep[T]) Do(part, _ int) {
	for i := part * s.grain; i < min((part+1)*s.grain, s.planes.Count); i++ {
		s.planes.Do(i)
	}
}
