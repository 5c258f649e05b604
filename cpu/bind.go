package cpu

import (
	"fmt"

	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/internal/storage"
	"github.com/stheno-ml/stheno/internal/value"
	"github.com/stheno-ml/stheno/lower"
)

// bound is the memory through which a run reads inputs and writes parameters. It is
// allocated once.
type bound[T lower.Float] struct {
	scalars []T   // by input: the value of a scalar input
	words   [][]T // by input: the clock, a slice's bounds, or indices
	next    [][]T // by update: a copy of a next value that lies in the memory of an input or of another parameter
}

func newBound[T lower.Float](p *plan.Plan) bound[T] {
	b := bound[T]{scalars: make([]T, len(p.Inputs)), words: make([][]T, len(p.Inputs)), next: make([][]T, len(p.Updates))}
	for i, s := range p.Inputs {
		if s.Clock || s.Bounds != nil || s.Indices != nil {
			b.words[i] = make([]T, p.Func.Shape(lower.Value(i)).Size())
		}
	}
	for i, v := range p.Func.Results()[len(p.Kept):][:len(p.Updates)] {
		if l := p.Values[v]; l.Place == plan.Input || l.Place == plan.State && l.Update != i {
			b.next[i] = make([]T, l.Shape.Size())
		}
	}
	return b
}

// bind points inputs at their data, results computed in place at their parameter's
// storage, and published results at new memory.
func (r *runner[T]) bind() error {
	for i, s := range r.plan.Inputs {
		x, err := r.input(i, s)
		if err != nil {
			return fmt.Errorf("input %v: %w", s, err)
		}
		if len(x) != r.plan.Func.Shape(lower.Value(i)).Size() {
			return fmt.Errorf("input %v has %d elements, but its shape is %v", s, len(x), r.plan.Func.Shape(lower.Value(i)))
		}
		for _, v := range r.byRoot[i] {
			r.values[v].Data = x
		}
	}
	r.team.Run((*runnerMemory[T])(r), len(r.freshOutputs))
	for v, l := range r.plan.Values {
		switch l.Place {
		case plan.Fresh:
			r.values[v].Data = r.fresh[l.Kept]
		case plan.State:
			x, err := value.Elements[T](r.plan.Updates[l.Update].Param.Value())
			if err != nil {
				return fmt.Errorf("parameter %s: %w", r.plan.Updates[l.Update].Param.Name(), err)
			}
			r.values[v].Data = x
		}
	}
	return nil
}

// input returns the elements of input i in this run.
func (r *runner[T]) input(i int, s plan.InputSource) ([]T, error) {
	if s.Indices != nil {
		return r.bound.words[i], plan.ReadIndices(s.Indices, r.bound.words[i])
	}
	if words, made, err := s.Words(r.runs); made || err != nil {
		for k, w := range words {
			r.bound.words[i][k] = T(w)
		}
		return r.bound.words[i], err
	}
	if s.Param != nil {
		if err := s.Param.Sync(); err != nil {
			return nil, err
		}
	}
	now := s.Now()
	if x, ok := value.Scalar[T](now); ok {
		r.bound.scalars[i] = x
		return r.bound.scalars[i : i+1], nil
	}
	return value.Elements[T](now)
}

// applyUpdates writes the next values that were not computed in place. A next value
// that lies in the memory of an input or of another parameter is copied before any
// parameter is written.
func (r *runner[T]) applyUpdates() error {
	results := r.plan.Func.Results()[len(r.plan.Kept):]
	opState := results[len(r.plan.Updates):]
	results = results[:len(r.plan.Updates)]
	for i, memory := range r.plan.Next {
		to, err := value.Elements[T](memory)
		if err != nil {
			return err
		}
		copy(to, r.values[opState[i]].Elements())
	}
	for i, v := range results {
		if r.bound.next[i] != nil {
			copy(r.bound.next[i], r.values[v].Elements())
		}
	}
	for i, u := range r.plan.Updates {
		next := r.bound.next[i]
		if l := r.plan.Values[results[i]]; l.Place == plan.Arena || l.Place == plan.Fresh {
			next = r.values[results[i]].Elements()
		}
		if next != nil {
			to, err := value.Elements[T](u.Param.Value())
			if err != nil {
				return fmt.Errorf("parameter %s: %w", u.Param.Name(), err)
			}
			copy(to, next)
		}
		u.Param.Storage(storage.Access{}).MarkHostChanged()
	}
	return nil
}
