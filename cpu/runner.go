package cpu

import (
	"fmt"
	"time"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/internal/team"
	"github.com/stheno-ml/stheno/lower"
)

// runner runs a plan in element type T.
type runner[T lower.Float] struct {
	plan   *plan.Plan
	arena  []T
	values []lower.Array[T]   // by value; those of inputs are set at each run
	byRoot [][]lower.Value    // by input: the values that lie in its memory
	in     [][]lower.Array[T] // by step
	out    [][]lower.Array[T]
	steps  []step[T]
	runs   uint32
	took   []time.Duration // by step, while profiled
	team   *team.Team
	held   int64 // bytes of the workers' memory
}

// step is a plan's step with all decided that shapes decide.
type step[T lower.Float] interface {
	// run computes the results from the operands on the team.
	run(t *team.Team, in, out []lower.Array[T]) error
}

func newRunner[T lower.Float](p *plan.Plan, t *team.Team, isa kernel.ISA) (*runner[T], error) {
	r := &runner[T]{
		plan:   p,
		team:   t,
		arena:  make([]T, p.Arena),
		values: make([]lower.Array[T], len(p.Values)),
		byRoot: make([][]lower.Value, len(p.Inputs)),
	}
	for v, l := range p.Values {
		r.values[v] = lower.Array[T]{Shape: l.Shape, Strides: l.Strides, Off: l.Off}
		switch l.Place {
		case plan.Input:
			r.byRoot[l.Root] = append(r.byRoot[l.Root], lower.Value(v))
		case plan.Arena:
			n := p.Func.Shape(l.Root).Size()
			r.values[v].Data = r.arena[l.Base : l.Base+n : l.Base+n]
		}
	}
	maker := newMaker[T](p, t.Size(), isa)
	for i, s := range p.Steps {
		r.in = append(r.in, make([]lower.Array[T], len(s.In)))
		r.out = append(r.out, make([]lower.Array[T], len(s.Out)))
		step, err := maker.step(i)
		if err != nil {
			return nil, err
		}
		r.steps = append(r.steps, step)
	}
	maker.work.alloc()
	maker.registers.alloc()
	r.held = 4*maker.work.size() + int64(p.Dtype.Size())*maker.registers.size()
	return r, nil
}

// run computes the step, lands the updates and publishes.
func (r *runner[T]) run() error {
	if err := r.compute(); err != nil {
		return err
	}
	kept := r.publishable()
	r.land()
	r.runs++
	return r.publish(kept)
}

func (r *runner[T]) peek() ([]gorgonia.Value, error) {
	if err := r.compute(); err != nil {
		return nil, err
	}
	return r.publishable(), nil
}

func (r *runner[T]) clock() *uint32 { return &r.runs }

// compute reads the inputs and runs the steps.
func (r *runner[T]) compute() (err error) {
	step := -1
	defer func() {
		if e := recover(); e != nil {
			err = fmt.Errorf("step %d: %v", step, e)
		}
	}()
	if err := r.bind(); err != nil {
		return err
	}
	for i, s := range r.plan.Steps {
		step = i
		for k, v := range s.In {
			r.in[i][k] = r.values[v]
		}
		for k, v := range s.Out {
			r.out[i][k] = r.values[v]
		}
		start := time.Time{}
		if r.took != nil {
			start = time.Now()
		}
		if err := r.steps[i].run(r.team, r.in[i], r.out[i]); err != nil {
			return fmt.Errorf("step %d, %v: %w", i, s.Prim, err)
		}
		if r.took != nil {
			r.took[i] += time.Since(start)
		}
	}
	return nil
}

// bind points the values of inputs, and those computed in a parameter's own
// memory, at that memory.
func (r *runner[T]) bind() error {
	for i, s := range r.plan.Inputs {
		x, err := r.input(s)
		if err != nil {
			return fmt.Errorf("input %v: %w", s, err)
		}
		if len(x) != r.plan.Func.Shape(lower.Value(i)).Size() {
			return fmt.Errorf("input %v holds %d elements, its shape is %v", s, len(x), r.plan.Func.Shape(lower.Value(i)))
		}
		for _, v := range r.byRoot[i] {
			r.values[v].Data = x
		}
	}
	for v, l := range r.plan.Values {
		if l.Place == plan.State {
			r.values[v].Data = r.plan.Updates[l.Update].Param.Value().Data().([]T)
		}
	}
	return nil
}

// input returns the elements of an input.
func (r *runner[T]) input(s plan.InputSource) ([]T, error) {
	switch {
	case s.Node != nil:
		return graph.Elements[T](s.Node.Value())
	case s.Clock:
		words := lower.ClockWords(r.runs, 0)
		return []T{T(words[0]), T(words[1]), T(words[2]), T(words[3])}, nil
	}
	return graph.Elements[T](s.Value)
}

// publishable returns new values for the kept nodes.
func (r *runner[T]) publishable() []gorgonia.Value {
	out := make([]gorgonia.Value, len(r.plan.Kept))
	for i := range out {
		v := r.plan.Func.Results()[i]
		out[i] = graph.NewValue(append([]T(nil), r.values[v].Elements()...), r.plan.Func.Shape(v))
	}
	return out
}

// publish binds the values to the kept nodes. An input among them has its own.
func (r *runner[T]) publish(values []gorgonia.Value) error {
	for i, n := range r.plan.Kept {
		if n.Op() == nil {
			continue
		}
		if err := gorgonia.UnsafeLet(n, values[i]); err != nil {
			return fmt.Errorf("publish %s: %w", n.Name(), err)
		}
	}
	return nil
}

// land writes the next values of the updates that were not computed in place.
// One that is another parameter's old value is read before any is written.
func (r *runner[T]) land() {
	results := r.plan.Func.Results()[len(r.plan.Kept):]
	own := results[len(r.plan.Updates):]
	results = results[:len(r.plan.Updates)]
	for i, memory := range r.plan.Next {
		copy(memory.Data().([]T), r.values[own[i]].Elements())
	}
	next := make([][]T, len(results))
	for i, v := range results {
		switch r.plan.Values[v].Place {
		case plan.Arena:
			next[i] = r.values[v].Elements()
		case plan.Input:
			next[i] = append([]T(nil), r.values[v].Elements()...)
		case plan.State:
			if r.plan.Values[v].Update != i {
				next[i] = append([]T(nil), r.values[v].Elements()...)
			}
		}
	}
	for i, u := range r.plan.Updates {
		if next[i] != nil {
			copy(u.Param.Value().Data().([]T), next[i])
		}
		u.Param.Touch()
	}
}

func (r *runner[T]) profile(on bool) []time.Duration {
	took := r.took
	r.took = nil
	if on {
		r.took = make([]time.Duration, len(r.steps))
	}
	for _, s := range r.steps {
		if s, ok := any(s).(parted); ok {
			s.profile(on)
		}
	}
	return took
}

// parted is a step with parts that are profiled each.
type parted interface {
	profile(on bool)
	inner() []StepProfile
}

func (r *runner[T]) inner(step int) []StepProfile {
	if s, ok := any(r.steps[step]).(parted); ok {
		return s.inner()
	}
	return nil
}
