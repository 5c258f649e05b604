package cpu

import (
	"fmt"
	"time"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/internal/compiled"
	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/internal/team"
	"github.com/stheno-ml/stheno/lower"
	"github.com/stheno-ml/stheno/vm"
)

// runner runs a plan in element type T.
type runner[T lower.Float] struct {
	plan         *plan.Plan
	arena        []T
	values       []lower.Array[T] // by value; those of inputs are set in each run
	byRoot       [][]lower.Value  // by input: the values in its memory
	boxes        compiled.Boxes
	fresh        [][]T              // by kept node: its new memory in this run, if it has any
	freshOutputs []int              // the kept nodes with new memory in each run
	views        []publishedView[T] // the kept nodes that are in another order
	kept         *compiled.Values[T]
	outputs      outputs[T]
	in           [][]lower.Array[T] // by step
	out          [][]lower.Array[T]
	steps        []step[T]
	runs         uint32
	bound        bound[T]
	took         []time.Duration // by step, while profiled
	vector       *kernel.Vector[T]
	team         *team.Team
	workerBytes  int64 // bytes of the workers' memory
}

// Workers is the team that runs the steps.
func (r *runner[T]) Workers() *team.Team { return r.team }

// step is a step of the plan, with every decision made that depends only on shapes.
type step[T lower.Float] interface {
	// run computes the results from the operands on the team.
	run(t *team.Team, in, out []lower.Array[T]) error
}

func newRunner[T lower.Float](p *plan.Plan, t *team.Team, isa kernel.ISA) (*runner[T], error) {
	r := &runner[T]{
		plan:   p,
		team:   t,
		values: make([]lower.Array[T], len(p.Values)),
		byRoot: make([][]lower.Value, len(p.Inputs)),
		fresh:  make([][]T, len(p.Kept)),
		boxes:  make(compiled.Boxes, p.Boxes),
	}
	if err := r.checkMemory(0); err != nil {
		return nil, err
	}
	for v, l := range p.Values {
		r.values[v] = lower.Array[T]{Shape: l.Shape, Strides: l.Strides, Off: l.Off}
		switch l.Place {
		case plan.Input:
			r.byRoot[l.Root] = append(r.byRoot[l.Root], lower.Value(v))
		case plan.Fresh:
			if l.Root == lower.Value(v) {
				r.freshOutputs = append(r.freshOutputs, l.Kept)
			}
		}
	}
	r.bound = newBound[T](p)
	r.prepareValues(isa)
	r.outputs = newOutputs(r)
	maker := newMaker[T](p, t.Size(), isa)
	maker.boxes = r.boxes
	r.vector = maker.vector
	r.in, r.out = arraysOf[T](p.Steps, func(s plan.Step) int { return len(s.In) }), arraysOf[T](p.Steps, func(s plan.Step) int { return len(s.Out) })
	for i := range p.Steps {
		step, err := maker.step(i)
		if err != nil {
			return nil, err
		}
		r.steps = append(r.steps, step)
	}
	if err := r.checkMemory(maker.work.reserved() + maker.registers.reserved()); err != nil {
		return nil, err
	}
	maker.work.alloc()
	maker.registers.alloc()
	r.arena = make([]T, p.Arena)
	for v, l := range p.Values {
		if l.Place == plan.Arena {
			n := p.Func.Shape(l.Root).Size()
			r.values[v].Data = r.arena[l.Base : l.Base+n : l.Base+n]
		}
	}
	r.workerBytes = int64(p.Dtype.Size()) * (maker.work.allocated() + maker.registers.allocated())
	return r, nil
}

// arraysOf allocates the operands or results of all steps at once.
func arraysOf[T lower.Float](steps []plan.Step, many func(plan.Step) int) [][]lower.Array[T] {
	n := 0
	for _, s := range steps {
		n += many(s)
	}
	all, parts := make([]lower.Array[T], n), make([][]lower.Array[T], len(steps))
	for i, s := range steps {
		n := many(s)
		parts[i], all = all[:n:n], all[n:]
	}
	return parts
}

// Run computes the step, publishes values and applies the updates.
func (r *runner[T]) Run() error {
	if err := r.compute(); err != nil {
		return err
	}
	if _, err := r.publish(r.plan.Published(), true); err != nil {
		return err
	}
	r.outputs.save()
	if err := r.applyUpdates(); err != nil {
		return err
	}
	r.runs++
	return nil
}

// Peek computes the step and returns the kept nodes' values.
func (r *runner[T]) Peek() ([]gorgonia.Value, error) {
	if err := r.compute(); err != nil {
		return nil, err
	}
	return r.publish(len(r.plan.Kept), false)
}

// Wait does nothing: a run ends before Run returns.
func (r *runner[T]) Wait(int) error { return nil }

// InFlight is the maximum number of runs in flight.
func (r *runner[T]) InFlight() int { return 1 }

// Clock is the number of completed runs.
func (r *runner[T]) Clock() *uint32 { return &r.runs }

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

// Profile starts or stops timing the steps.
func (r *runner[T]) Profile(on bool) []time.Duration {
	took := r.took
	r.took = nil
	if on {
		r.took = make([]time.Duration, len(r.steps))
	}
	for _, s := range r.steps {
		if s, ok := any(s).(innerProfiler); ok {
			s.profile(on)
		}
	}
	return took
}

// innerProfiler is a step whose parts can be profiled.
type innerProfiler interface {
	profile(on bool)
	inner() []vm.StepProfile
}

// Inner returns the time of each part of a step.
func (r *runner[T]) Inner(step int) []vm.StepProfile {
	if s, ok := any(r.steps[step]).(innerProfiler); ok {
		return s.inner()
	}
	return nil
}

// Close stops the team.
func (r *runner[T]) Close() error {
	r.team.Close()
	return nil
}
