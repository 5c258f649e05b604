package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/vm"
)

// comparison trains a net on the TapeMachine and on another machine in parallel, from
// one seed.
type comparison struct {
	net     net
	seed    uint64
	p       precision
	tape    vm.Backend
	machine vm.Backend
	x       [][]float32 // batches
}

// outcome is the result of training on both machines.
type outcome struct {
	divergence        // after all steps; the loss and the gradients are those of the worst step
	corrections       []correction
	nudged            map[element]bool  // elements above the limit until samples with kinks were darkened
	copied            map[element]bool  // elements that were copied from the TapeMachine
	float32           bool              // the machines compute in float32
	amplifiedRounding amplifiedRounding // of what is above the limit, or was copied
}

// correction is a step in which gradients differed until samples with kinks were darkened.
type correction struct {
	step          int
	before, after worst            // gradients, as in divergence
	kinks         []nonsmoothPoint // of the darkened samples
	samples       int              // number of darkened samples
}

// amplifiedRounding describes elements whose weights diverged beyond the limit in a
// step in which their gradients agreed. It has their gradients in float64, and the
// errors of both machines' gradients, all relative to the tensor's largest.
type amplifiedRounding struct {
	first                   int // the first such step
	gradient, machine, tape worst
}

// maxTries is the number of times that samples are darkened before a check fails.
const maxTries = 8

// run trains. With settle, an explained difference is removed in the step in which it
// arises, so that it does not reach the next. If gradients differ, samples with an
// activation at a kink are darkened, and both machines repeat the step from their
// state before it. If Adam moves a weight above the limit although its gradients
// agree, the weight is copied from the TapeMachine to the compiled machine.
func (c comparison) run(ctx context.Context, settle bool) (out outcome, err error) {
	out = outcome{float32: c.p.dtype == graph.Float32, nudged: map[element]bool{}, copied: map[element]bool{}}
	var open []interface{ close() error }
	defer func() {
		for _, o := range open {
			err = errors.Join(err, o.close())
		}
	}()
	train := func(what string, dtype graph.Dtype, on vm.Backend) (*trainee, error) {
		t, err := newTrainee(c.net, c.seed, dtype, on)
		if err != nil {
			return nil, fmt.Errorf("on the %s: %w", what, err)
		}
		open = append(open, t)
		return t, nil
	}
	tape, err := train("TapeMachine", c.p.dtype, c.tape)
	if err != nil {
		return out, err
	}
	machine, err := train("compiled machine", c.p.dtype, c.machine)
	if err != nil {
		return out, err
	}
	var finder *nonsmoothFinder
	var exact *trainee
	for i := range checkSteps {
		x := c.x[i%len(c.x)]
		step, err := c.step(ctx, tape, machine, x)
		if err != nil {
			return out, err
		}
		if settle && !step.agrees(c.p.limit) {
			if finder == nil {
				if finder, err = newNonsmoothFinder(c); err != nil {
					return out, fmt.Errorf("looking for kinks: %w", err)
				}
				open = append(open, finder)
			}
			was := step
			var j correction
			if j, step, x, err = c.retry(ctx, finder, tape, machine, x, was); err != nil {
				return out, err
			}
			out.corrections = append(out.corrections, j)
			if !step.agrees(c.p.limit) { // unexplained
				out.divergence = out.then(step)
				return out, nil
			}
			for _, e := range newElements(was.above, step.above) {
				out.nudged[e] = true
			}
		}
		if diverged := newElements(step.above, out.above); len(diverged) > 0 {
			if exact == nil {
				if exact, err = train("compiled machine in float64", graph.Float64, cpu.Config{}); err != nil {
					return out, err
				}
			}
			if err := out.amplifiedRounding.see(diverged, tape, machine, exact, x); err != nil {
				return out, err
			}
		}
		if settle {
			if err := machine.copyFrom(tape, step.above); err != nil {
				return out, err
			}
			maps.Copy(out.copied, step.above)
			step.above = map[element]bool{}
		}
		out.divergence = out.then(step)
	}
	return out, nil
}

// newElements returns the elements that are above the limit for the first time.
func newElements(now, before map[element]bool) []element {
	var out []element
	for e := range now {
		if !before[e] {
			out = append(out, e)
		}
	}
	return out
}

// step runs one step on both machines.
func (c comparison) step(ctx context.Context, tape, machine *trainee, x []float32) (divergence, error) {
	if err := ctx.Err(); err != nil {
		return divergence{}, err
	}
	want, err := tape.run(x)
	if err != nil {
		return divergence{}, fmt.Errorf("on the TapeMachine: %w", err)
	}
	got, err := machine.run(x)
	if err != nil {
		return divergence{}, fmt.Errorf("on the compiled machine: %w", err)
	}
	return divergenceAfter(tape, machine, want, got, c.p.limit), nil
}

// retry repeats the last step until gradients agree. It darkens the samples with
// activations on different sides of a kink on the two machines. If there are none, it
// darkens those with activations that rounding could move across a kink.
func (c comparison) retry(ctx context.Context, f *nonsmoothFinder, tape, machine *trainee, x []float32, was divergence) (correction, divergence, []float32, error) {
	j := correction{step: tape.taken, before: was.gradient, after: was.gradient}
	step, moved := was, map[int]bool{}
	for try := 0; try < maxTries && !step.agrees(c.p.limit); try++ {
		kinks, err := f.find(tape, machine, x, c.p.ulp)
		if err != nil {
			return j, step, x, fmt.Errorf("looking for kinks: %w", err)
		}
		if i := slices.IndexFunc(kinks, nonsmoothPoint.differs); i >= 0 {
			kinks = slices.DeleteFunc(kinks, func(k nonsmoothPoint) bool { return !k.differs() })
		}
		if len(kinks) == 0 {
			break
		}
		j.kinks = append(j.kinks, kinks...)
		for _, k := range kinks {
			moved[k.sample] = true
		}
		x = nudgeOff(x, tape.batch, kinks, try)
		if err := errors.Join(tape.undo(), machine.undo()); err != nil {
			return j, step, x, err
		}
		if step, err = c.step(ctx, tape, machine, x); err != nil {
			return j, step, x, err
		}
	}
	j.after, j.samples = step.gradient, len(moved)
	return j, step, x, nil
}

// see adds elements that diverged in the last step. It repeats that step in float64
// from the state of each machine.
func (a *amplifiedRounding) see(diverged []element, tape, machine, exact *trainee, x []float32) error {
	if a.first == 0 {
		a.first = tape.taken
	}
	slices.SortFunc(diverged, func(a, b element) int {
		return cmp.Or(strings.Compare(a.in, b.in), cmp.Compare(a.at, b.at))
	})
	for _, of := range []struct {
		machine *trainee
		off     *worst
	}{{tape, &a.tape}, {machine, &a.machine}} {
		if err := exact.repeatStepOf(of.machine, x); err != nil {
			return fmt.Errorf("in float64: %w", err)
		}
		var name string
		var want, got []float64
		var scale float64
		for _, e := range diverged {
			if e.in != name {
				name, want, got = e.in, exact.gradient(e.in), of.machine.gradient(e.in)
				scale = largest(want)
			}
			a.gradient.see(math.Abs(want[e.at]), scale, e.String())
			of.off.see(math.Abs(want[e.at]-got[e.at]), scale, e.String())
		}
	}
	return nil
}
