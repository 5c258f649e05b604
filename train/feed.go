package train

import (
	"fmt"
	"slices"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/vm"
)

// fedStep is a step with the fields of a set as its inputs.
type fedStep struct {
	*Step
	routes  []route
	domains []graph.Domain
	set     []scheduled // the inputs with a schedule
	helper  vm.Helper   // a machine that can help to read; nil if none can
}

// route connects a field to the input of the same name.
type route struct {
	machine vm.Machine
	name    string
}

// feedFrom finds a field for each input of a step, except for those in set, which
// have a schedule. An optional input without a field keeps its default.
func feedFrom(s *Step, fields []data.Field, set []scheduled) (*fedStep, error) {
	f := &fedStep{Step: s, set: set, helper: helperOf(s)}
	for i, m := range s.machines {
		p, n := m.Program(), s.samples[i]
		if n == 0 {
			continue // it takes gradients
		}
		for _, in := range p.Inputs() {
			if isClock(p, in) || slices.ContainsFunc(set, func(c scheduled) bool { return c.input == in.Name }) {
				continue
			}
			at := slices.IndexFunc(fields, func(f data.Field) bool { return f.Name == in.Name })
			switch {
			case in.Optional && (at < 0 || len(in.Shape) == 0):
				continue
			case len(in.Shape) == 0:
				return nil, fmt.Errorf("nothing sets the scalar input %q: create it with Builder.Scalar, which gives it an initial value", in.Name)
			case at < 0:
				return nil, fmt.Errorf("nothing feeds the input %q %v of the net: the fields of the set are %s: add one with data.Rename or data.With", in.Name, in.Shape, fieldList(fields))
			case in.Shape[0] != n:
				return nil, fmt.Errorf("the input %q %v of the net does not have the batch of %d samples as its first axis, so no field can feed it", in.Name, in.Shape, n)
			}
			if sample := in.Shape[1:]; !fits(fields[at].Shape, sample) {
				return nil, misfit(fields[at], sample)
			}
			f.routes = append(f.routes, route{m, in.Name})
			for _, d := range p.Domains() {
				if d.Input == in.Name && !slices.Contains(f.domains, d) {
					f.domains = append(f.domains, d)
				}
			}
		}
	}
	return f, nil
}

// fits reports whether samples of a field can be fed to an input. The shapes must be
// equal apart from extents of 1, or the input must have one axis for all values.
func fits(field, input graph.Shape) bool {
	one := func(n int) bool { return n == 1 }
	a, b := slices.DeleteFunc(slices.Clone(field), one), slices.DeleteFunc(slices.Clone(input), one)
	return slices.Equal(a, b) || len(b) <= 1 && field.Size() == input.Size()
}

// misfit is the error of a field whose samples cannot be fed to an input.
func misfit(f data.Field, input graph.Shape) error {
	err := fmt.Errorf("the input %q of the net takes samples of shape %v, the field of the set has %v", f.Name, input, graph.Shape(f.Shape))
	if f.Size() == input.Size() {
		return fmt.Errorf("%w: they have the same number of values, but perhaps in another order: build the net for the set's shape, or use data.Reshape if the order is the same", err)
	}
	return fmt.Errorf("%w: build the net for the set's shape", err)
}

// fieldList lists fields with their shapes.
func fieldList(fields []data.Field) string {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.String()
	}
	return joined(names)
}

// feed sets the inputs of the step to a batch, whose samples may be held.
func (f *fedStep) feed(b *data.Batch, from held) error {
	for _, r := range f.routes {
		if from != nil {
			if err := r.machine.(vm.Gatherer).Gather(r.name, from[r.name], b.Index); err != nil {
				return err
			}
		} else if f.parts != nil {
			f.parts.feed(r.name, b.Field(r.name))
		} else if err := r.machine.Feed(r.name, b.Field(r.name)); err != nil {
			return err
		}
	}
	return nil
}

// check returns an error if a batch has values for which the loss is undefined.
func (f *fedStep) check(b *data.Batch) error {
	for _, d := range f.domains {
		x := b.Field(d.Input)
		size := len(x) / b.N
		for k := range b.N {
			if err := d.Check(x[k*size:(k+1)*size], size, b.Index[k]); err != nil {
				return err
			}
		}
	}
	return nil
}
