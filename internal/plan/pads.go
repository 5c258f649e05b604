package plan

import (
	"cmp"
	"slices"

	"github.com/stheno-ml/stheno/lower"
)

// paddedPart is a Pad along one axis: the elements from start on are those of x, and all
// others are 0.
type paddedPart struct {
	arg         int // of the sum
	x           lower.Value
	axis        int
	start, stop int
}

// joinPads replaces the sum of arrays that are padded along one axis, and overlap
// nowhere, by a concatenation of what is in them. The gradient of an array that is
// read slice by slice is such a sum: with a padded array for each slice, memory and
// time grow with the square of their number.
func joinPads(r *rewriter, s lower.Step, in []lower.Value) []lower.Value {
	m, ok := s.Prim.(lower.Map)
	if !ok || m.Expr.Fn() != lower.FnAdd {
		return r.copyStep(s, in)
	}
	args, ok := sumOfArgs(m.Expr, nil)
	if !ok {
		return r.copyStep(s, in)
	}
	parts := r.disjointPads(in, args)
	if len(parts) < 2 {
		return r.copyStep(s, in)
	}
	y := r.concatPads(parts, r.Shape(in[0])[parts[0].axis])
	rest := []lower.Value{y}
	for _, arg := range args {
		if !slices.ContainsFunc(parts, func(p paddedPart) bool { return p.arg == arg }) {
			rest = append(rest, in[arg])
		}
	}
	if len(rest) == 1 {
		return rest
	}
	sum := lower.Arg(0)
	for i := range rest[1:] {
		sum = sum.Add(lower.Arg(i + 1))
	}
	return []lower.Value{r.Map(sum, rest...)}
}

// sumOfArgs appends the arguments that an expression adds up; ok is false if it is
// anything but a sum of distinct arguments.
func sumOfArgs(e lower.Expr, args []int) (_ []int, ok bool) {
	switch e.Fn() {
	case lower.FnArg:
		return append(args, e.Index()), !slices.Contains(args, e.Index())
	case lower.FnAdd:
		for _, x := range e.Operands() {
			if args, ok = sumOfArgs(x, args); !ok {
				return nil, false
			}
		}
		return args, true
	}
	return nil, false
}

// disjointPads returns the padded operands of a sum that overlap nowhere along one
// axis, that of the first of them, in the order in which they lie.
func (r *rewriter) disjointPads(in []lower.Value, args []int) []paddedPart {
	var all []paddedPart
	for _, arg := range args {
		if p, ok := r.padAt(in[arg]); ok && (len(all) == 0 || p.axis == all[0].axis) {
			p.arg = arg
			all = append(all, p)
		}
	}
	slices.SortStableFunc(all, func(a, b paddedPart) int { return cmp.Compare(a.start, b.start) })
	var parts []paddedPart
	for _, p := range all {
		if len(parts) == 0 || p.start >= parts[len(parts)-1].stop {
			parts = append(parts, p)
		}
	}
	return parts
}

// padAt returns the Pad that computes a value, if it is along one axis.
func (r *rewriter) padAt(v lower.Value) (p paddedPart, ok bool) {
	if int(v) < r.Inputs() {
		return p, false
	}
	pad, ok := r.def[v].Prim.(lower.Pad)
	if !ok {
		return p, false
	}
	p.axis = -1
	for a := range pad.Before {
		if pad.Before[a]+pad.After[a] == 0 {
			continue
		}
		if p.axis >= 0 {
			return p, false
		}
		p.axis = a
	}
	if p.axis < 0 {
		return p, false
	}
	p.x, p.start = r.def[v].In[0], pad.Before[p.axis]
	p.stop = p.start + r.Shape(p.x)[p.axis]
	return p, true
}

// concatPads joins the parts along their axis, with zeros between them, to an array
// of that extent.
func (r *rewriter) concatPads(parts []paddedPart, extent int) lower.Value {
	axis, at := parts[0].axis, 0
	var xs []lower.Value
	for i, p := range parts {
		rank := len(r.Shape(p.x))
		before, after := make([]int, rank), make([]int, rank)
		before[axis] = p.start - at
		if at = p.stop; i == len(parts)-1 {
			after[axis] = extent - at
		}
		if before[axis]+after[axis] == 0 {
			xs = append(xs, p.x)
			continue
		}
		xs = append(xs, r.Pad(p.x, before, after))
	}
	return r.Concat(axis, xs...)
}
