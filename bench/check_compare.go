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

// comparison trains a net on the TapeMachine and on another machine, side by
// side from one seed.
type comparison struct {
	net     net
	seed    uint64
	p       precision
	tape    vm.Backend
	machine vm.Backend
	x       [][]float32 // batches
}

// course is how the training on both machines went.
type course struct {
	apart     // after all steps; the loss and the gradients, of the worst step
	jumps     []jump
	took      map[element]bool // elements above the limit until samples with kinks were moved
	mended    map[element]bool
	single    bool      // float32
	amplified amplified // of what is above the limit, or was mended
}

// jump is a step in which gradients differed until samples with kinks were moved.
type jump struct {
	step          int
	before, after worst  // gradients, as in apart
	kinks         []kink // of the samples moved
	samples       int    // so many
}

// amplified is what is known of the elements whose weights parted by more than
// the limit though gradients agreed, in the steps in which they did: gradients
// in float64, and how far both machines' are from those, as shares of the
// tensor's largest.
type amplified struct {
	first                   int // step in which one did
	gradient, machine, tape worst
}

// tries is how often samples are moved before a check gives up.
const tries = 8

// run trains. With settle, what explains a difference is put right where it
// arises, and does not go on into the next step: a step in which gradients
// differ is taken again by both machines, from where each was, with the samples
// moved of which an activation is at a kink; and a weight that Adam takes above
// the limit though its gradients agree is given to the compiled machine as the
// TapeMachine has it.
func (c comparison) run(ctx context.Context, settle bool) (out course, err error) {
	out = course{single: c.p.dtype == graph.Float32, took: map[element]bool{}, mended: map[element]bool{}}
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
	var finder *kinkFinder
	var exact *trainee
	for i := range checkSteps {
		x := c.x[i%len(c.x)]
		step, err := c.step(ctx, tape, machine, x)
		if err != nil {
			return out, err
		}
		if settle && !step.sound(c.p.limit) {
			if finder == nil {
				if finder, err = newKinkFinder(c); err != nil {
					return out, fmt.Errorf("looking for kinks: %w", err)
				}
				open = append(open, finder)
			}
			was := step
			var j jump
			if j, step, x, err = c.move(ctx, finder, tape, machine, x, was); err != nil {
				return out, err
			}
			out.jumps = append(out.jumps, j)
			if !step.sound(c.p.limit) { // nothing explains it
				out.apart = out.then(step)
				return out, nil
			}
			for _, e := range fresh(was.above, step.above) {
				out.took[e] = true
			}
		}
		if parted := fresh(step.above, out.above); len(parted) > 0 {
			if exact == nil {
				if exact, err = train("compiled machine in float64", graph.Float64, cpu.Config{}); err != nil {
					return out, err
				}
			}
			if err := out.amplified.see(parted, tape, machine, exact, x); err != nil {
				return out, err
			}
		}
		if settle {
			if err := machine.mend(tape, step.above); err != nil {
				return out, err
			}
			maps.Copy(out.mended, step.above)
			step.above = map[element]bool{}
		}
		out.apart = out.then(step)
	}
	return out, nil
}

// fresh returns the elements that are above the limit and were not before.
func fresh(now, before map[element]bool) []element {
	var out []element
	for e := range now {
		if !before[e] {
			out = append(out, e)
		}
	}
	return out
}

// step takes a step on both machines.
func (c comparison) step(ctx context.Context, tape, machine *trainee, x []float32) (apart, error) {
	if err := ctx.Err(); err != nil {
		return apart{}, err
	}
	want, err := tape.run(x)
	if err != nil {
		return apart{}, fmt.Errorf("on the TapeMachine: %w", err)
	}
	got, err := machine.run(x)
	if err != nil {
		return apart{}, fmt.Errorf("on the compiled machine: %w", err)
	}
	return apartAfter(tape, machine, want, got, c.p.limit), nil
}

// move takes the last step again until gradients agree: with the samples moved
// whose activations are on different sides of a kink on the two machines, or
// where there are none, those that may be.
func (c comparison) move(ctx context.Context, f *kinkFinder, tape, machine *trainee, x []float32, was apart) (jump, apart, []float32, error) {
	j := jump{step: tape.taken, before: was.gradient, after: was.gradient}
	step, moved := was, map[int]bool{}
	for try := 0; try < tries && !step.sound(c.p.limit); try++ {
		kinks, err := f.find(tape, machine, x, c.p.ulp)
		if err != nil {
			return j, step, x, fmt.Errorf("looking for kinks: %w", err)
		}
		if i := slices.IndexFunc(kinks, kink.parts); i >= 0 {
			kinks = slices.DeleteFunc(kinks, func(k kink) bool { return !k.parts() })
		}
		if len(kinks) == 0 {
			break
		}
		j.kinks = append(j.kinks, kinks...)
		for _, k := range kinks {
			moved[k.sample] = true
		}
		x = dim(x, tape.batch, kinks, try)
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

// see adds elements that parted in the last step, which it takes again in
// float64 from where each machine was.
func (a *amplified) see(parted []element, tape, machine, exact *trainee, x []float32) error {
	if a.first == 0 {
		a.first = tape.taken
	}
	slices.SortFunc(parted, func(a, b element) int {
		return cmp.Or(strings.Compare(a.in, b.in), cmp.Compare(a.at, b.at))
	})
	for _, of := range []struct {
		machine *trainee
		off     *worst
	}{{tape, &a.tape}, {machine, &a.machine}} {
		if err := exact.follow(of.machine, x); err != nil {
			return fmt.Errorf("in float64: %w", err)
		}
		var name string
		var want, got []float64
		var scale float64
		for _, e := range parted {
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
