package plan

import (
	"fmt"
	"slices"

	"github.com/stheno-ml/stheno/lower"
)

// rewriter builds a new function, step by step, from an old one.
type rewriter struct {
	*lower.Func
	old      *lower.Func
	newValue []lower.Value // by old value: the new one, or -1
	def      []lower.Step  // by new value: the step that computes it; only in a stepwise pass
	layouts  []Layout      // by new value; see layout

	oldLayouts []Layout // by old value: the new one, or -1, once asked for

	results []bool // by old value: the new one, or -1, once asked for

	operands []lower.Value // the last result of mapped

	constant map[lower.Value]float64 // new values whose elements all equal this number

	seen map[string][]lower.Value // by a step's text: its results
	key  []byte                   // the text of the present step
}

func newRewriter(old *lower.Func) *rewriter {
	shapes := make([]lower.Shape, old.Inputs())
	for i := range shapes {
		shapes[i] = old.Shape(lower.Value(i))
	}
	r := &rewriter{Func: lower.NewFunc(shapes...), old: old, newValue: make([]lower.Value, old.Values()), constant: map[lower.Value]float64{}, seen: map[string][]lower.Value{}}
	r.Grow(len(old.Steps()))
	for i := range r.newValue {
		r.newValue[i] = -1
	}
	for i := range shapes {
		r.newValue[i] = lower.Value(i)
	}
	return r
}

// recordDefs records which step computes each value added since the last call.
func (r *rewriter) recordDefs() error {
	steps := r.Steps()
	first := len(steps)
	for first > 0 && int(steps[first-1].Out[0]) >= len(r.def) {
		first--
	}
	for _, s := range steps[first:] {
		for range s.Out {
			r.def = append(r.def, s)
		}
	}
	if len(r.def) != r.Values() {
		return fmt.Errorf("rewriting lost count: %d of %d values", len(r.def), r.Values())
	}
	return nil
}

// finish declares the results and copies the tags of the values.
func (r *rewriter) finish() {
	for v, to := range r.newValue {
		if tags := r.old.Tags(lower.Value(v)); to >= 0 && len(tags) > 0 {
			r.Tag(to, tags...)
		}
	}
	r.Return(slices.Clone(r.mapped(r.old.Results()))...)
}

// mapped returns the new values for old ones. The slice is valid until the next call.
func (r *rewriter) mapped(old []lower.Value) []lower.Value {
	r.operands = r.operands[:0]
	for _, v := range old {
		r.operands = append(r.operands, r.newValue[v])
	}
	return r.operands[:len(r.operands):len(r.operands)]
}

// replace records the new values for the results of an old step.
func (r *rewriter) replace(s lower.Step, outs []lower.Value) {
	for i, v := range outs {
		r.newValue[s.Out[i]] = v
	}
}

// isResult reports whether the old function returns a value.
func (r *rewriter) isResult(v lower.Value) bool {
	if r.results == nil {
		r.results = make([]bool, r.old.Values())
		for _, v := range r.old.Results() {
			r.results[v] = true
		}
	}
	return r.results[v]
}

// copyStep adds an old step unchanged, on new operands.
func (r *rewriter) copyStep(s lower.Step, in []lower.Value) []lower.Value {
	return r.Repeat(r.old, s, in...)[:len(s.Out)]
}

// ifHas runs a pass only on a function that has a step of the primitive P.
func ifHas[P lower.Prim](run func(*lower.Func) (*lower.Func, error)) func(*lower.Func) (*lower.Func, error) {
	return func(old *lower.Func) (*lower.Func, error) {
		if !slices.ContainsFunc(old.Steps(), func(s lower.Step) bool { _, is := s.Prim.(P); return is }) {
			return old, nil
		}
		return run(old)
	}
}

// stepwise makes a pass from a function that rewrites one step and returns the new
// values of the step's results.
func stepwise(step func(r *rewriter, s lower.Step, in []lower.Value) []lower.Value) func(*lower.Func) (*lower.Func, error) {
	return func(old *lower.Func) (*lower.Func, error) {
		r := newRewriter(old)
		r.def = make([]lower.Step, old.Inputs(), old.Values())
		for _, s := range old.Steps() {
			r.replace(s, step(r, s, r.mapped(s.In)))
			if err := r.recordDefs(); err != nil {
				return nil, err
			}
		}
		r.finish()
		return r.Func, nil
	}
}
