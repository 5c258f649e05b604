package plan

import (
	"cmp"
	"slices"

	"github.com/stheno-ml/stheno/lower"
)

// paddedPart is a Pad along one axis: the elements from start on are those of x, and all
// others are 0.
type paddedPart struct {
	term        int // of the sum
	x           lower.Value
	axis        int
	start, stop int
}

// joinPads replaces the sum of arrays that are padded along one axis, and overlap
// nowhere, by a concatenation of what is in them. The gradient of an array that is
// read slice by slice is such a sum: with a padded array for each slice, memory and
// time grow with the square of their number.
func joinPads(old *lower.Func) (*lower.Func, error) {
	sums := sumsOf(old)
	return stepwise(func(r *rewriter, s lower.Step, in []lower.Value) []lower.Value {
		if v := s.Out[0]; !sums.is[v] || sums.inner[v] {
			return r.copyStep(s, in)
		}
		terms := slices.Clone(r.mapped(sums.terms(s.Out[0], nil)))
		parts := r.disjointPads(terms)
		if len(parts) < 2 {
			return r.copyStep(s, r.mapped(s.In))
		}
		y := r.concatPads(parts, r.Shape(terms[0])[parts[0].axis])
		for i, x := range terms {
			if !slices.ContainsFunc(parts, func(p paddedPart) bool { return p.term == i }) {
				y = r.Map(lower.Arg(0).Add(lower.Arg(1)), y, x)
			}
		}
		return []lower.Value{y}
	})(old)
}

// sums are the elementwise sums of a function. A sum that only another sum reads is
// part of it: Gorgonia adds up gradients two at a time.
type sums struct {
	old   *lower.Func
	is    []bool       // by value: it is a sum
	inner []bool       // by value: it is a sum that only another sum reads
	step  []lower.Step // by value
}

func sumsOf(old *lower.Func) sums {
	n := old.Values()
	c := sums{old, make([]bool, n), make([]bool, n), make([]lower.Step, n)}
	reads := make([]int, n)
	for _, s := range old.Steps() {
		for _, v := range s.Out {
			c.step[v] = s
		}
		if m, ok := s.Prim.(lower.Map); ok && m.Expr.Fn() == lower.FnAdd {
			_, c.is[s.Out[0]] = sumOfArgs(m.Expr, nil)
		}
		for _, v := range s.In {
			reads[v]++
			c.inner[v] = c.is[v] && c.is[s.Out[0]] && reads[v] == 1
		}
	}
	for _, v := range old.Results() {
		c.inner[v] = false
	}
	return c
}

// terms appends what a sum adds up.
func (c sums) terms(sum lower.Value, to []lower.Value) []lower.Value {
	s := c.step[sum]
	args, _ := sumOfArgs(s.Prim.(lower.Map).Expr, nil)
	for _, arg := range args {
		if v := s.In[arg]; c.inner[v] {
			to = c.terms(v, to)
		} else {
			to = append(to, v)
		}
	}
	return to
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

// disjointPads returns the padded terms of a sum that overlap nowhere along one axis,
// that of the first of them, in the order in which they lie.
func (r *rewriter) disjointPads(terms []lower.Value) []paddedPart {
	var all []paddedPart
	for i, v := range terms {
		if p, ok := r.padAt(v); ok && (len(all) == 0 || p.axis == all[0].axis) {
			p.term = i
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
