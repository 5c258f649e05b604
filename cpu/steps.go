package cpu

import (
	"fmt"

	"github.com/stheno-ml/stheno/internal/compiled"
	"github.com/stheno-ml/stheno/internal/interp"
	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/internal/team"
	"github.com/stheno-ml/stheno/lower"
)

// maker prepares the steps of a plan to run.
type maker[T lower.Float] struct {
	plan      *plan.Plan
	workers   int
	isa       kernel.ISA
	work      *workspace[T]
	vector    *kernel.Vector[T]
	registers *registers[T]
	boxes     compiled.Boxes
}

func newMaker[T lower.Float](p *plan.Plan, workers int, isa kernel.ISA) *maker[T] {
	return &maker[T]{
		plan: p, workers: workers, isa: isa, vector: vectorFor[T](isa),
		work: newWorkspace[T](workers), registers: newRegisters[T](workers),
	}
}

// step decides how a step of the plan runs: by a kernel if there is one for the
// element type, else by the interpreter's loops.
func (m *maker[T]) step(i int) (step[T], error) {
	s := m.plan.Steps[i]
	switch prim := s.Prim.(type) {
	case plan.Host:
		return hostStep[T]{prim, m.boxes}, nil
	case lower.Map:
		if from := m.plan.Values[s.In[0]]; prim.Expr.Fn() == lower.FnArg && !contiguous(from) && !uniform(from) {
			return m.copied(s), nil
		}
	case plan.Group:
		return m.group(s, prim), nil
	case plan.Product:
		return m.product(s, prim)
	case plan.Rows:
		return m.rows(prim)
	case lower.Random:
		return newRandomStep[T](prim, m.isa, m.workers), nil
	case lower.Softmax:
		return newSoftmaxStep(prim, m.plan.Func.Shape(s.In[0]), m.vector, m.isa, m.registers), nil
	case lower.Concat:
		return m.concat(s, prim), nil
	case lower.SliceAt:
		return newSliceAtStep[T](prim, m.plan.Func.Shape(s.In[0]), m.plan.Func.Shape(s.Out[0])), nil
	case lower.PlaceAt:
		return newPlaceAtStep[T](prim, m.plan.Func.Shape(s.In[0]), m.plan.Func.Shape(s.Out[0])), nil
	case lower.Gather:
		return newGatherStep[T](prim, m.plan.Func.Shape(s.In[0]), m.plan.Func.Shape(s.Out[0]), m.isa), nil
	case plan.GatherSum:
		return newGatherSumStep[T](prim, m.plan.Func.Shape(s.In[0]), m.plan.Func.Shape(s.Out[0]), m.isa), nil
	case lower.ScatterAdd:
		return newScatterStep[T](prim, m.plan.Func.Shape(s.In[0]), m.isa, m.workers), nil
	case lower.CumSum:
		return newCumSumStep(prim, m.plan.Func.Shape(s.In[0]), m.registers), nil
	case lower.TopK:
		return newTopKStep(prim, m.plan.Func.Shape(s.In[0]), m.vector, m.workers), nil
	case lower.TakeAlong:
		return newAlongStep[T](false, prim.Axis, m.plan.Func.Shape(s.In[0])[prim.Axis], m.plan.Func.Shape(s.In[1]), m.isa, m.workers), nil
	case lower.PutAlong:
		return newAlongStep[T](true, prim.Axis, prim.Extent, m.plan.Func.Shape(s.In[1]), m.isa, m.workers), nil
	case lower.Pad:
		return m.pad(s, prim), nil
	}
	if p, ok := plan.LoopOf(s.Prim); ok {
		return newLoopStep(m.loop(s, p)), nil
	}
	k, err := m.kernelStep(s)
	if err != nil {
		return nil, fmt.Errorf("step %d, %v: %w", i, s.Prim, err)
	}
	if k != nil {
		return k, nil
	}
	return plainStep[T]{s.Prim}, nil
}

// loop plans a step that is a loop.
func (m *maker[T]) loop(s plan.Step, p plan.Loop) *loop[T] {
	return newLoop(p, m.plan.Func.Shape(s.In[0]), m.layouts(s.In), false, overwrites(m.plan, s), m.vector, m.registers)
}

func (m *maker[T]) shapes(vs []lower.Value) []lower.Shape {
	out := make([]lower.Shape, len(vs))
	for i, v := range vs {
		out[i] = m.plan.Func.Shape(v)
	}
	return out
}

func (m *maker[T]) layouts(vs []lower.Value) []plan.Layout {
	out := make([]plan.Layout, len(vs))
	for i, v := range vs {
		out[i] = m.plan.Values[v]
	}
	return out
}

// group plans a step of several loops.
func (m *maker[T]) group(s plan.Step, p plan.Group) *groupStep[T] {
	g := &groupStep[T]{}
	size := 0
	for _, member := range p.Members {
		part := plan.Step{In: s.In[:member.Reads], Out: s.Out[:len(member.Loop.Results)]}
		s.In, s.Out = s.In[member.Reads:], s.Out[len(member.Loop.Results):]
		l := m.loop(part, member.Loop)
		l.chunks(1, true, true)
		g.loops = append(g.loops, l)
		size += l.space.rows * l.space.inner * (1 + len(l.code.ops))
	}
	g.small = size < groupGrain
	return g
}

// kernelStep returns a step that has kernels of its own, or nil.
func (m *maker[T]) kernelStep(s plan.Step) (step[T], error) {
	if k := m.depthwise(s); k != nil {
		return k, nil
	}
	if k, err := m.interleaved(s); k != nil || err != nil {
		return k, err
	}
	shape := func(v lower.Value) lower.Shape { return m.plan.Func.Shape(v) }
	switch prim := s.Prim.(type) {
	case plan.Region: // in float32 only, see targetOf
		r, err := newRegionStep(prim, m.isa, m.workers, any(m.work).(*workspace[float32]))
		if err != nil {
			return nil, err
		}
		return any(r).(step[T]), nil
	case lower.MatMul:
		a, b, out := m.plan.Values[s.In[0]], m.plan.Values[s.In[1]], shape(s.Out[0])
		if out[:len(out)-2].Size() > 1 {
			return newBatchedStep(a, b, out, axes(len(out)), m.isa, m.work)
		}
		return newMatmulStep(a, b, out, m.isa, m.workers, m.work)
	case plan.PlacedMatMul:
		a, b := m.plan.Values[s.In[0]], m.plan.Values[s.In[1]]
		out, err := lower.MatMul{}.Infer([]lower.Shape{a.Shape, b.Shape})
		if err != nil {
			return nil, err
		}
		return newBatchedStep(a, b, out[0], prim.Place, m.isa, m.work)
	case lower.Conv:
		return newConv(prim.Geometry, shape(s.In[0]), shape(s.In[1]), shape(s.Out[0]), m.isa, m.workers, m.work)
	case lower.ConvData:
		return newConvData(prim.Geometry, shape(s.In[0]), shape(s.In[1]), shape(s.Out[0]), m.isa, m.workers, m.work)
	case lower.ConvFilter:
		return newConvFilterStep(prim.Geometry, shape(s.In[0]), shape(s.In[1]), shape(s.Out[0]), m.isa, m.work, m.vector)
	case lower.Pool, lower.PoolAt, lower.PoolGrad, lower.PoolSum, lower.PoolSpread:
		return newPoolStep(prim, m.shapes(s.In), shape(s.Out[0]), m.isa, m.vector, m.work), nil
	case lower.Recur:
		return newRecurStep(prim, shape(s.In[0]), shape(s.In[2]), m.isa, m.workers, m.work)
	case lower.RecurGrad:
		return newRecurGradStep(prim, shape(s.In[0]), shape(s.In[2]), m.isa, m.workers, m.work)
	}
	return nil, nil
}

// plainStep runs a primitive by the interpreter's loops.
type plainStep[T lower.Float] struct{ prim lower.Prim }

func (s plainStep[T]) run(_ *team.Team, in, out []lower.Array[T]) error {
	return interp.Exec(s.prim, in, out)
}

// hostStep runs a node on the host.
type hostStep[T lower.Float] struct {
	host  plan.Host
	boxes compiled.Boxes
}

func (s hostStep[T]) run(_ *team.Team, in, out []lower.Array[T]) error {
	return compiled.RunHost(s.host, s.boxes, in, out)
}
