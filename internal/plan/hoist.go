package plan

import (
	"slices"

	"github.com/stheno-ml/stheno/lower"
)

// minRepeats is the least number of repeats of an operand along the last axes for which
// computing before the broadcast is worth a step.
const minRepeats = 4

// hoist computes the parts of an elementwise step that read only operands broadcast
// along the last axes, such as the root of the variance of a row, before the
// broadcast: once for each row and not for each element.
func hoist(r *rewriter, s lower.Step, in []lower.Value) []lower.Value {
	m, ok := s.Prim.(lower.Map)
	if !ok {
		return r.copyStep(s, in)
	}
	shape := r.old.Shape(s.Out[0])
	before := make([]lower.Value, len(in)) // the operands before they are broadcast, -1 for others
	for i, v := range in {
		before[i] = r.beforeBroadcast(v, shape)
	}
	args := slices.Clone(in)
	arg := map[string]lower.Expr{} // by a part's text
	e := m.Expr.Rewrite(func(e lower.Expr) (lower.Expr, bool) {
		if len(e.Operands()) == 0 || !r.readsOneShape(e, before) {
			return e, false
		}
		text := e.String()
		if _, ok := arg[text]; !ok {
			arg[text] = lower.Arg(len(args))
			args = append(args, r.Broadcast(r.mapOf(e, before), shape...))
		}
		return arg[text], true
	})
	if len(args) == len(in) {
		return r.copyStep(s, in)
	}
	return []lower.Value{r.mapOf(e, args)}
}

// beforeBroadcast returns the array that is broadcast to v, or -1 if v is not broadcast,
// or not along the last axes alone, or too little.
func (r *rewriter) beforeBroadcast(v lower.Value, shape lower.Shape) lower.Value {
	if int(v) < r.Inputs() {
		return -1
	}
	if _, ok := r.def[v].Prim.(lower.BroadcastTo); !ok {
		return -1
	}
	w := r.def[v].In[0]
	narrow := r.Shape(w)
	if len(narrow) != len(shape) || narrow.Size() == 1 || narrow.Size()*minRepeats > shape.Size() {
		return -1
	}
	a := 0
	for a < len(shape) && narrow[a] == shape[a] {
		a++
	}
	if narrow[a:].Size() > 1 {
		return -1
	}
	return w
}

// readsOneShape reports whether an expression reads nothing but operands with a value
// in before, all of one shape.
func (r *rewriter) readsOneShape(e lower.Expr, before []lower.Value) bool {
	var shape lower.Shape
	for i, v := range before {
		switch {
		case !e.Reads(i):
		case v < 0 || shape != nil && !shape.Equal(r.Shape(v)):
			return false
		default:
			shape = r.Shape(v)
		}
	}
	return shape != nil
}

// mapOf adds an elementwise step for an expression, with only those operands of vs
// that it reads.
func (r *rewriter) mapOf(e lower.Expr, vs []lower.Value) lower.Value {
	var read []lower.Value
	number := make([]lower.Expr, len(vs))
	for i, v := range vs {
		if number[i] = lower.Arg(len(read)); e.Reads(i) {
			read = append(read, v)
		}
	}
	return r.Apply(lower.Map{Expr: e.Subst(number...)}, read...)[0]
}
