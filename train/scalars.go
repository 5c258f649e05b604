package train

import (
	"fmt"
	"maps"
	"path"
	"slices"
)

// scheduled is a scalar input with the schedule that sets it.
type scheduled struct {
	input string
	value Schedule
}

// scheduledOf returns the scalar inputs of a step with their schedules. An input
// without one keeps its initial value. A schedule that matches no input is an error,
// which lists the inputs.
func scheduledOf(s *Step, schedules map[string]Schedule) ([]scheduled, error) {
	var out []scheduled
	used := map[string]bool{}
	for _, m := range s.machines {
		for _, in := range m.Program().Inputs() {
			known := slices.ContainsFunc(out, func(c scheduled) bool { return c.input == in.Name })
			if len(in.Shape) > 0 || !in.Optional || known || s.parts != nil && path.Base(in.Name) == share {
				continue
			}
			value := Constant(in.Default)
			for _, key := range []string{path.Base(in.Name), in.Name} { // the full name takes precedence
				f, found := schedules[key]
				if !found {
					continue
				}
				if f == nil {
					return nil, fmt.Errorf("the schedule of %q is nil: set one, such as train.Constant(0.1)", key)
				}
				used[key], value = true, f
			}
			out = append(out, scheduled{in.Name, value})
		}
	}
	for _, key := range slices.Sorted(maps.Keys(schedules)) {
		if !used[key] {
			return nil, fmt.Errorf("the schedule of %q matches no input: the scalar inputs are %s", key, joined(inputNames(out)))
		}
	}
	return out, nil
}

// inputNames returns the names of scalar inputs.
func inputNames(all []scheduled) []string {
	names := make([]string, len(all))
	for i, c := range all {
		names[i] = c.input
	}
	return names
}

// scalarsAt returns the values of the scalar inputs in a step, counted from 0.
func scalarsAt(to []setScalar, all []scheduled, factors *factors, step, total int) ([]setScalar, error) {
	to = to[:0]
	for _, c := range all {
		v := c.value(step, total) * factors.at(c.input, step+1)
		if !finite(v) {
			return to, fmt.Errorf("the schedule of %q is %g in step %d of %d: want a finite number", c.input, v, step, total)
		}
		to = append(to, setScalar{c.input, v})
	}
	return to, nil
}

// factors multiply the values of scalar inputs.
type factors struct {
	inputs []string
	All    []factor `json:"all,omitempty"`
}

// factor multiplies the value of inputs from a step on, counted from 1.
type factor struct {
	Name string  `json:"name"` // of the input, or its last element
	By   float64 `json:"by"`
	From int     `json:"from"`
}

// scale adds a factor.
func (f *factors) scale(name string, by float64, from int) error {
	if !slices.ContainsFunc(f.inputs, func(in string) bool { return matches(name, in) }) {
		return fmt.Errorf("a factor for %q, which is no input: the scalar inputs are %s", name, joined(f.inputs))
	}
	// Factors that all steps to come see are one factor.
	for i := range f.All {
		if f.All[i].Name == name && f.All[i].From == from {
			f.All[i].By *= by
			return nil
		}
	}
	f.All = append(f.All, factor{name, by, from})
	return nil
}

// at is the product of an input's factors in a step.
func (f *factors) at(input string, step int) float64 {
	v := 1.0
	for _, k := range f.All {
		if step >= k.From && matches(k.Name, input) {
			v *= k.By
		}
	}
	return v
}

// matches reports whether a name is that of an input or its last element.
func matches(name, input string) bool { return name == input || name == path.Base(input) }
