package cpu

import (
	"fmt"

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

// Number is the first element of the i-th kept node, which stays in its place
// until the next run.
func (r *runner[T]) Number(i, ago int) (float64, error) {
	if ago > 0 {
		return 0, fmt.Errorf("only the last run's values are held")
	}
	v := &r.values[r.plan.Func.Results()[i]]
	return float64(v.Data[v.Off]), nil
}
