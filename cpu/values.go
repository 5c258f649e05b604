package cpu

import (
	"errors"
	"fmt"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
)

// publication makes values of kept nodes, on the team: the nodes of a program
// written for Gorgonia are many.
type publication[T lower.Float] struct {
	runner *runner[T]
	values []gorgonia.Value // by kept node
	bind   bool             // to the nodes
	errs   []error          // by part
}

// publicationGrain is how many nodes are one part.
const publicationGrain = 16

// publish makes new values for the first n kept nodes, and binds them to the nodes
// if bind is set. An input among them has its own.
func (r *runner[T]) publish(n int, bind bool) ([]gorgonia.Value, error) {
	if n == 0 {
		return nil, nil
	}
	parts := (n + publicationGrain - 1) / publicationGrain
	p := &publication[T]{r, make([]gorgonia.Value, n), bind, make([]error, parts)}
	r.team.Run(p, parts)
	return p.values, errors.Join(p.errs...)
}

// Do makes the values of one part.
func (p *publication[T]) Do(part, _ int) {
	f := p.runner.plan.Func
	for i := part * publicationGrain; i < min((part+1)*publicationGrain, len(p.values)); i++ {
		p.values[i] = p.runner.value(i, f.Results()[i])
		if node := p.runner.plan.Kept[i]; p.bind && node.Op() != nil {
			if err := gorgonia.UnsafeLet(node, p.values[i]); err != nil {
				p.errs[part] = fmt.Errorf("publish %s: %w", node.Name(), err)
			}
		}
	}
}

// value makes a new value of the i-th kept node, which is v in the function.
func (r *runner[T]) value(i int, v lower.Value) gorgonia.Value {
	if x, ok := r.boxes.Kept(r.plan, i); ok {
		return x
	}
	x := r.fresh[i]
	if x == nil {
		x = append([]T(nil), r.values[v].Elements()...)
	}
	return graph.NewValue(x, r.plan.Func.Shape(v))
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
