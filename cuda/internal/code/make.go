package code

import (
	"fmt"
	"strings"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/lower"
)

// Make writes a plan as a program.
func Make(p *plan.Plan) (*Program, error) {
	return makeOf(p, func(int) []tile { return tiles })
}

// makeOf writes a plan as a program. tiles are the tiles that the products of a
// step choose from.
func makeOf(p *plan.Plan, tiles func(step int) []tile) (*Program, error) {
	m := &maker{plan: p, double: p.Dtype == graph.Float64, program: &Program{}, tiles: tiles}
	for i, s := range p.Steps {
		m.begin(i)
		if err := m.write(s); err != nil {
			return nil, fmt.Errorf("cuda: step %d, %s: %w", i, short(s.Prim), err)
		}
	}
	m.flush()
	if err := m.land(); err != nil {
		return nil, err
	}
	m.program.Source, m.program.Units = m.source(), m.units()
	return m.program, nil
}

// maker writes the steps of a plan, one after another.
type maker struct {
	plan          *plan.Plan
	double        bool // elements are float64
	program       *Program
	step          int // the current one
	kernels       kernels
	tiles         func(step int) []tile
	deferredWaves [][]deferred  // waves of deferred parts; each may read what earlier ones write
	allocated     []memoryRange // ranges of scratch memory in use, in order

	flushing bool
}

// write writes one step.
func (m *maker) write(s plan.Step) error {
	if l, ok := plan.LoopOf(s.Prim); ok {
		return m.loop(l, s.In, s.Out)
	}
	switch p := s.Prim.(type) {
	case plan.Host:
		m.flush()
		m.call(Call{Host: true})
		return nil
	case plan.Group:
		return m.group(p, s.In, s.Out)
	case lower.Softmax:
		return m.softmax(s, p)
	case lower.Concat:
		return m.concat(s, p)
	case lower.Pad:
		return m.pad(s, p)
	case lower.SliceAt:
		return m.sliceAt(s, p)
	case lower.PlaceAt:
		return m.placeAt(s, p)
	case lower.Gather:
		return m.gather(s, p)
	case lower.ScatterAdd:
		return m.scatterAdd(s, p)
	case lower.CumSum:
		return m.cumSum(s, p)
	case lower.TopK:
		return m.topK(s, p)
	case lower.TakeAlong:
		return m.takeAlong(s, p)
	case lower.PutAlong:
		return m.putAlong(s, p)
	case lower.Random:
		return m.random(s, p)
	case lower.Pool, lower.PoolAt, lower.PoolGrad, lower.PoolSum, lower.PoolSpread:
		return m.computed(p, identity, s.In, s.Out)
	case lower.MatMul:
		return m.matmul(s)
	case plan.Product:
		return m.product(s, p)
	case lower.Conv:
		return m.conv(s, p)
	case lower.ConvData:
		return m.convData(s, p)
	case lower.ConvFilter:
		return m.convFilter(s, p)
	case lower.Recur:
		return m.recur(s, p)
	case lower.RecurGrad:
		return m.recurGrad(s, p)
	}
	return unknown(s.Prim)
}

// unknown is the error of a primitive that has no kernel.
func unknown(p lower.Prim) error {
	return fmt.Errorf("the CUDA machine has no kernel for the primitive %T", p)
}

// call adds a call to the current step.
func (m *maker) call(c Call) {
	if m.dependsOnDeferred(c) {
		m.flush()
	}
	c.Step = m.step
	m.program.Calls = append(m.program.Calls, c)
}

// aliases reports whether two addresses of a step may be in the same array. A
// parameter is an input where it is read, and a state where its next value is
// written. Other arrays of a step do not overlap if one of them is written.
func (m *maker) aliases(a, b Ref) bool {
	if a.Space == State && b.Space == Input {
		a, b = b, a
	}
	if a.Space == Input && b.Space == State {
		in, u := m.plan.Inputs[a.Index], m.plan.Updates[b.Index]
		return in.Node != nil && in.Node == u.Node || in.Param != nil && in.Param == u.Param
	}
	if a.Space == State && b.Space == State {
		return a.Index == b.Index
	}
	return a == b
}

// what describes the current step in one line.
func (m *maker) what() string {
	if m.flushing {
		return "what blocks of steps before left is put together"
	}
	if m.step == len(m.plan.Steps) {
		return "after the steps"
	}
	return short(m.plan.Steps[m.step].Prim)
}

// short is a primitive in one line.
func short(p lower.Prim) string {
	const most = 100
	s, _, _ := strings.Cut(p.String(), "\n")
	if len(s) > most {
		s = s[:most] + "..."
	}
	return s
}
