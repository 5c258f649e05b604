package cpu

import (
	"errors"
	"fmt"
	"slices"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
)

// publishable returns new values for the first n kept nodes.
func (r *runner[T]) publishable(n int) []gorgonia.Value {
	if n == 0 {
		return nil
	}
	out := make([]gorgonia.Value, n)
	for i := range out {
		v := r.plan.Func.Results()[i]
		x := r.fresh[i]
		if x == nil {
			x = append([]T(nil), r.values[v].Elements()...)
		}
		out[i] = graph.NewValue(x, r.plan.Func.Shape(v))
	}
	return out
}

// publish binds the values to the first kept nodes. An input among them has its own.
func (r *runner[T]) publish(values []gorgonia.Value) error {
	for i, v := range values {
		n := r.plan.Kept[i]
		if n.Op() == nil {
			continue
		}
		if err := gorgonia.UnsafeLet(n, v); err != nil {
			return fmt.Errorf("publish %s: %w", n.Name(), err)
		}
	}
	return nil
}

// number is the first element of the i-th kept node, which stays in its place
// until the next run.
func (r *runner[T]) number(i int) float64 {
	v := &r.values[r.plan.Func.Results()[i]]
	return float64(v.Data[v.Off])
}

// Number returns the value that a scalar node, given to the builder's Read or
// Keep, had in the last run. It allocates nothing.
func (m *Machine) Number(n *graph.Node) (float64, error) {
	if m.engine == nil {
		return 0, m.unusable()
	}
	i := slices.Index(m.plan.Kept, n)
	switch {
	case n == nil:
		return 0, errors.New("cpu: no node")
	case i < 0:
		return 0, fmt.Errorf("cpu: node %s: give it to the builder's Read or Keep before compiling", n.Name())
	case m.plan.Func.Shape(m.plan.Func.Results()[i]).Size() != 1:
		return 0, fmt.Errorf("cpu: node %s has shape %v, want a scalar", n.Name(), n.Shape())
	case !m.ran:
		return 0, fmt.Errorf("cpu: node %s has no value: run the machine first", n.Name())
	}
	return m.engine.number(i), nil
}
