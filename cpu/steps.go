package cpu

import (
	"fmt"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/internal/team"
	"github.com/stheno-ml/stheno/lower"
)

// stepFor decides how a step of the plan is run.
func stepFor[T lower.Float](p *plan.Plan, i, workers int) step[T] {
	s := p.Steps[i]
	switch prim := s.Prim.(type) {
	case plan.Host:
		return hostStep[T]{prim}
	case lower.Map:
		return newMapStep[T](prim, len(s.In), p.Func.Shape(s.Out[0]).Size(), workers)
	}
	return plainStep[T]{s.Prim}
}

// plainStep runs a primitive by the interpreter's own loops.
type plainStep[T lower.Float] struct{ prim lower.Prim }

func (s plainStep[T]) run(_ *team.Team, in, out []lower.Array[T]) error {
	return lower.Exec(s.prim, in, out)
}

// hostStep runs a node's own Do on copies of its operands.
type hostStep[T lower.Float] struct{ host plan.Host }

func (s hostStep[T]) run(_ *team.Team, in, out []lower.Array[T]) error {
	values := make([]gorgonia.Value, len(in))
	for i, x := range in {
		values[i] = valueOf(append([]T(nil), x.Elements()...), x.Shape)
	}
	v, err := s.host.Node.Op().Do(values...)
	if err != nil {
		return err
	}
	y, err := graph.Elements[T](v)
	if err != nil {
		return err
	}
	if len(y) != len(out[0].Elements()) {
		return fmt.Errorf("returned %d elements, the graph says %v", len(y), out[0].Shape)
	}
	copy(out[0].Elements(), y)
	return nil
}

// mapGrain is how many elements of an elementwise step are one part.
const mapGrain = 1 << 13

// mapStep runs a fused elementwise expression, range by range.
type mapStep[T lower.Float] struct {
	code    *lower.MapCode
	loop    lower.MapLoop[T]
	scratch []*lower.MapScratch[T] // by worker
	size    int
	in      []lower.Array[T] // of the run under way
	dst     []T
}

func newMapStep[T lower.Float](p lower.Map, operands, size, workers int) *mapStep[T] {
	s := &mapStep[T]{code: lower.CompileMap(p.Expr, operands), loop: lower.PlainLoop[T], size: size}
	for range workers {
		s.scratch = append(s.scratch, lower.NewMapScratch[T](s.code))
	}
	return s
}

func (s *mapStep[T]) run(t *team.Team, in, out []lower.Array[T]) error {
	s.in, s.dst = in, out[0].Elements()
	t.Run(s, (s.size+mapGrain-1)/mapGrain)
	return nil
}

// Do runs one range.
func (s *mapStep[T]) Do(part, worker int) {
	lo := part * mapGrain
	lower.RunMap(s.code, s.in, s.dst, lo, min(lo+mapGrain, s.size), s.loop, s.scratch[worker])
}
