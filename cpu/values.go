package cpu

import (
	"errors"
	"fmt"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/internal/compiled"
	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/lower"
)

// publication creates the values of kept nodes, on the team: a program written for
// Gorgonia has many.
type publication[T lower.Float] struct {
	runner *runner[T]
	values []gorgonia.Value // by kept node
	bind   bool             // bind them to the nodes
	errs   []error          // by part
}

// publicationGrain is the number of nodes in one part.
const publicationGrain = 16

// publish creates new values for the first n kept nodes, and binds them to the nodes
// if bind is set. Inputs among them stay bound to their own values.
func (r *runner[T]) publish(n int, bind bool) ([]gorgonia.Value, error) {
	if n == 0 {
		return nil, nil
	}
	for _, v := range r.views {
		if v.kept < n {
			if err := v.run(r); err != nil {
				return nil, err
			}
		}
	}
	parts := (n + publicationGrain - 1) / publicationGrain
	p := &publication[T]{r, make([]gorgonia.Value, n), bind, make([]error, parts)}
	r.team.Run(p, parts)
	return p.values, errors.Join(p.errs...)
}

// publishedView is a large kept node that is a view in another order. It is copied on
// the team.
type publishedView[T lower.Float] struct {
	kept  int
	value lower.Value
	step  *reorderStep[T]
}

// prepareValues prepares publication.
func (r *runner[T]) prepareValues(isa kernel.ISA) {
	shapes := make([]lower.Shape, len(r.plan.Kept))
	for i, v := range r.plan.Func.Results()[:len(shapes)] {
		l := r.plan.Values[v]
		shapes[i] = l.Shape
		if l.Shape.Size() >= copyGrain && !contiguous(l) {
			to := plan.Layout{Shape: l.Shape, Strides: l.Shape.Strides()}
			r.views = append(r.views, publishedView[T]{i, v, newReorderStep(false, newReorder[T](isa, l, to))})
		}
	}
	r.kept = compiled.NewValues[T](shapes)
}

// run copies the view to new memory.
func (v publishedView[T]) run(r *runner[T]) error {
	from := r.values[v.value]
	r.fresh[v.kept] = uninitialized[T](from.Shape.Size())
	return v.step.run(r.team, []lower.Array[T]{from}, []lower.Array[T]{lower.ArrayOf(r.fresh[v.kept], from.Shape)})
}

// Do creates the values of one part.
func (p *publication[T]) Do(part, _ int) {
	r := p.runner
	first := part * publicationGrain
	values := p.values[first:min(first+publicationGrain, len(p.values))]
	for i := range values {
		if x, ok := r.boxes.Kept(r.plan, first+i); ok {
			values[i] = x
		}
	}
	r.kept.Make(values, first, r.publishedElements)
	for i, x := range values {
		if node := r.plan.Kept[first+i]; p.bind && node.Op() != nil {
			if err := gorgonia.UnsafeLet(node, x); err != nil {
				p.errs[part] = fmt.Errorf("publish %s: %w", node.Name(), err)
			}
		}
	}
}

// publishedElements returns the elements of kept node i, and whether they are in
// memory of this run.
func (r *runner[T]) publishedElements(i int) (x []T, fresh bool) {
	if x := r.fresh[i]; x != nil {
		return x, true
	}
	return r.values[r.plan.Func.Results()[i]].Elements(), false
}
