package cpu

import (
	"errors"
	"fmt"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/internal/team"
	"github.com/stheno-ml/stheno/lower"
)

// stepFor decides how a step of the plan is run: by a kernel where there is
// one for the element type, else by the interpreter's own loops.
func stepFor[T lower.Float](p *plan.Plan, i, workers int, work *workspace, isa kernel.ISA) (step[T], error) {
	s := p.Steps[i]
	switch prim := s.Prim.(type) {
	case plan.Host:
		return hostStep[T]{prim}, nil
	case lower.Map:
		loop := lower.PlainLoop[T]
		if vector, ok := any(lower.MapLoop[float32](vectorLoop(isa))).(lower.MapLoop[T]); ok {
			loop = vector
		}
		return newMapStep(prim, len(s.In), p.Func.Shape(s.Out[0]).Size(), workers, loop), nil
	}
	if p.Dtype == graph.Float32 {
		k, err := kernelStep(p, s, workers, work, isa)
		if err != nil {
			return nil, fmt.Errorf("step %d, %v: %w", i, s.Prim, err)
		}
		if k, ok := any(k).(step[T]); ok {
			return k, nil
		}
	}
	return plainStep[T]{s.Prim}, nil
}

// kernelStep returns the step run by a float32 kernel, or nil.
func kernelStep(p *plan.Plan, s plan.Step, workers int, work *workspace, isa kernel.ISA) (step[float32], error) {
	shape := func(v lower.Value) lower.Shape { return p.Func.Shape(v) }
	out := shape(s.Out[0])
	switch prim := s.Prim.(type) {
	case plan.Region:
		return newRegionStep(prim, isa, workers, work)
	case lower.MatMul:
		return newMatmulStep(p.Values[s.In[0]], p.Values[s.In[1]], out, isa, workers, work)
	case lower.Recur, lower.RecurGrad:
		return newRecurStep(prim, isa, work), nil
	}
	return nil, nil
}

// plainStep runs a primitive by the interpreter's own loops.
type plainStep[T lower.Float] struct{ prim lower.Prim }

func (s plainStep[T]) run(_ *team.Team, in, out []lower.Array[T]) error {
	return lower.Exec(s.prim, in, out)
}

// hostStep runs a node's own Do on copies of its operands. What it panics with
// becomes an error.
type hostStep[T lower.Float] struct{ host plan.Host }

func (s hostStep[T]) run(_ *team.Team, in, out []lower.Array[T]) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("its Do panicked: %v", r)
		}
	}()
	values := make([]gorgonia.Value, len(s.host.Direct))
	for i, n := range s.host.Direct {
		if n != nil {
			if values[i] = n.Value(); values[i] == nil {
				return fmt.Errorf("input %s: no value is bound", n.Name())
			}
			continue
		}
		values[i] = graph.NewValue(append([]T(nil), in[0].Elements()...), in[0].Shape)
		in = in[1:]
	}
	v, err := s.host.Node.Op().Do(values...)
	if err != nil {
		return err
	}
	if v == nil {
		return errors.New("its Do returned nothing")
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

func newMapStep[T lower.Float](p lower.Map, operands, size, workers int, loop lower.MapLoop[T]) *mapStep[T] {
	s := &mapStep[T]{code: lower.CompileMap(p.Expr, operands), loop: loop, size: size}
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
