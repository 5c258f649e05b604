package train

import (
	"fmt"
	"slices"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/vm"
)

// fed is a step whose inputs are fed by the fields of a set.
type fed struct {
	*Step
	routes  []route
	domains []graph.Domain
	set     []scheduled
}

// route leads from a field to the input of its name.
type route struct {
	to   vm.Machine
	name string
}

// match finds a field for each input of a step that has no value of its own; set
// are the scalars that are given one otherwise.
func match(s *Step, fields []data.Field, set []scheduled) (*fed, error) {
	f := &fed{Step: s, set: set}
	for _, m := range s.machines {
		p := m.Program()
		for _, in := range p.Inputs() {
			if isClock(p, in) || slices.ContainsFunc(set, func(c scheduled) bool { return c.input == in.Name }) {
				continue
			}
			i := slices.IndexFunc(fields, func(f data.Field) bool { return f.Name == in.Name })
			switch {
			case in.Optional && (i < 0 || len(in.Shape) == 0):
				continue
			case len(in.Shape) == 0:
				return nil, fmt.Errorf("nothing sets the scalar input %q: make it by Builder.Scalar, which gives it a value of its own", in.Name)
			case i < 0:
				return nil, fmt.Errorf("nothing feeds the input %q %v of the net: the fields of the set are %s; data.Rename and data.With give it another", in.Name, in.Shape, described(fields))
			case in.Shape[0] != s.batch:
				return nil, fmt.Errorf("the input %q %v of the net has no batch of %d samples along its first axis, so no field can feed it", in.Name, in.Shape, s.batch)
			}
			if sample := in.Shape[1:]; !fits(fields[i].Shape, sample) {
				return nil, misfit(fields[i], sample)
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

// fits tells whether samples of a field can be those of an input: the shapes are
// equal but for extents of 1, or the input takes all values in a row.
func fits(field, input graph.Shape) bool {
	one := func(n int) bool { return n == 1 }
	a, b := slices.DeleteFunc(slices.Clone(field), one), slices.DeleteFunc(slices.Clone(input), one)
	return slices.Equal(a, b) || len(b) <= 1 && field.Size() == input.Size()
}

// misfit says that samples of a field cannot be those of an input.
func misfit(f data.Field, input graph.Shape) error {
	err := fmt.Errorf("the input %q of the net takes samples of shape %v, the field of the set has %v", f.Name, input, graph.Shape(f.Shape))
	if f.Size() == input.Size() {
		return fmt.Errorf("%w: they hold as many values, in what may be another order: build the net for the set's shape, or say by data.Reshape that the order is the net's", err)
	}
	return fmt.Errorf("%w: build the net for the set's shape", err)
}

// described lists fields with their shapes.
func described(fields []data.Field) string {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.String()
	}
	return listed(names)
}

// feed gives a batch to the step.
func (f *fed) feed(b *data.Batch) error {
	for _, r := range f.routes {
		if err := r.to.Feed(r.name, b.Field(r.name)); err != nil {
			return err
		}
	}
	return nil
}

// check looks for values of a batch that a loss cannot be computed of.
func (f *fed) check(b *data.Batch) error {
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
