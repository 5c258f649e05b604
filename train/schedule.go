package train

import (
	"fmt"
	"math"
	"path"
	"slices"
	"strings"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/vm"
)

// Schedule is the value of a scalar input in a step. Steps are counted from 0 over
// the whole training, total is how many there will be: all epochs of one Fit.
type Schedule func(step, total int) float64

// Constant is v in every step.
func Constant(v float64) Schedule { return func(int, int) float64 { return v } }

// Linear goes from the one value, in the first step, to the other, in the last, by
// the same amount in each step.
func Linear(from, to float64) Schedule {
	return func(step, total int) float64 { return from + (to-from)*share(step, total) }
}

// Cosine goes from the one value, in the first step, to the other, in the last,
// along half a period of the cosine (Loshchilov and Hutter 2017, eq. 5):
//
//	to + (from-to) (1 + cos(pi step/(total-1))) / 2
func Cosine(from, to float64) Schedule {
	return func(step, total int) float64 {
		return to + (from-to)*(1+math.Cos(math.Pi*share(step, total)))/2
	}
}

// WarmUp rises from almost 0 to the first value of s within a part of all steps,
// from 0 to 1, by the same amount in each step, and is s in the steps that remain.
// WarmUp(0.3, Constant(1)) anneals the beta of a variational autoencoder.
func WarmUp(part float64, s Schedule) Schedule {
	return func(step, total int) float64 {
		if s == nil {
			return math.NaN()
		}
		warm := int(part * float64(total))
		if step < warm {
			return s(0, total-warm) * float64(step+1) / float64(warm+1)
		}
		return s(step-warm, total-warm)
	}
}

// share is how much of all steps is done: from 0 in the first to 1 in the last.
func share(step, total int) float64 {
	if total < 2 {
		return 0
	}
	return float64(step) / float64(total-1)
}

// scheduled is a scalar input with the schedule that sets it.
type scheduled struct {
	input string
	value Schedule
}

// scheduledOf finds the schedules of a step's scalar inputs. A schedule that sets
// none is an error that lists the inputs.
func scheduledOf(s *Step, schedules map[string]Schedule) ([]scheduled, error) {
	var out []scheduled
	var have []string
	used := map[string]bool{}
	for _, m := range s.machines {
		for _, in := range m.Program().Inputs() {
			if len(in.Shape) > 0 || slices.Contains(have, in.Name) {
				continue
			}
			have = append(have, in.Name)
			for _, key := range []string{in.Name, path.Base(in.Name)} {
				f, found := schedules[key]
				if !found {
					continue
				}
				if f == nil {
					return nil, fmt.Errorf("the schedule of %q is nil: give one, such as train.Constant(0.1)", key)
				}
				if used[key] = true; !slices.ContainsFunc(out, func(s scheduled) bool { return s.input == in.Name }) {
					out = append(out, scheduled{in.Name, f})
				}
			}
		}
	}
	for key := range schedules {
		if !used[key] {
			return nil, fmt.Errorf("the schedule of %q sets nothing: the scalar inputs are %s", key, listed(have))
		}
	}
	return out, nil
}

// schedule sets the scalars of a step.
func (s *Step) schedule(all []scheduled, step, total int) error {
	for _, c := range all {
		v := c.value(step, total)
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("the schedule of %q is %g in step %d of %d: want a finite number", c.input, v, step, total)
		}
		if err := s.give(c.input, func(m vm.Machine) error { return m.Set(c.input, v) }); err != nil {
			return err
		}
	}
	return nil
}

// listed is a list of names.
func listed(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

// isClock tells whether an input is what random numbers are counted by.
func isClock(p *graph.Program, in graph.Input) bool { return p.Clock() != nil && in.Node == p.Clock() }
