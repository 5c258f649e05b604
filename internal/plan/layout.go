package plan

import (
	"slices"

	"github.com/stheno-ml/stheno/lower"
)

// readable reports whether the array is in row-major order without gaps, and
// can be read with another shape.
func (l Layout) readable() bool {
	n := 1
	for i := len(l.Shape) - 1; i >= 0; i-- {
		if l.Shape[i] != 1 && l.Strides[i] != n {
			return false
		}
		n *= l.Shape[i]
	}
	return true
}

// whole is the layout of a value in memory of its own.
func whole(v lower.Value, s lower.Shape) Layout {
	return Layout{Place: Arena, Root: v, Shape: s, Strides: s.Strides()}
}

// through returns the layout of a view of an array. A reshape of one that is
// not readable is not a view: ok is false.
func (l Layout) through(p lower.Prim, to lower.Shape) (view Layout, ok bool) {
	if _, reshape := p.(lower.Reshape); reshape && !l.readable() {
		return Layout{}, false
	}
	a := lower.View(p, lower.Array[float32]{Shape: l.Shape, Strides: l.Strides, Off: l.Off, Data: make([]float32, 0)}, to)
	view = l
	view.Shape, view.Strides, view.Off = to, a.Strides, a.Off
	return view, true
}

// layouts computes the layouts of a function's values, roots in places of
// their own.
func layouts(f *lower.Func) []Layout {
	ls := make([]Layout, f.Values())
	for i := range f.Inputs() {
		v := lower.Value(i)
		ls[i] = whole(v, f.Shape(v))
		ls[i].Place = Input
	}
	for _, s := range f.Steps() {
		if lower.IsView(s.Prim) {
			if l, ok := ls[s.In[0]].through(s.Prim, f.Shape(s.Out[0])); ok {
				ls[s.Out[0]] = l
				continue
			}
		}
		for _, v := range s.Out {
			ls[v] = whole(v, f.Shape(v))
		}
	}
	return ls
}

// copyUnreadable copies what a reshape cannot read as it lies, and results
// that are not in row-major order.
func copyUnreadable(r *rewriter, s lower.Step, in []lower.Value) []lower.Value {
	ls := layouts(r.Func)
	if _, ok := s.Prim.(lower.Reshape); ok && !ls[in[0]].readable() {
		in = []lower.Value{r.Map(lower.Arg(0), in[0])}
	}
	outs := r.same(s, in)
	if lower.IsView(s.Prim) && slices.Contains(r.old.Results(), s.Out[0]) {
		if !layouts(r.Func)[outs[0]].readable() {
			outs = []lower.Value{r.Map(lower.Arg(0), outs[0])}
		}
	}
	return outs
}

// layOut sets the plan's steps and the layouts of its values.
func (p *Plan) layOut() {
	p.Values = layouts(p.Func)
	for _, s := range p.Func.Steps() {
		if !lower.IsView(s.Prim) {
			p.Steps = append(p.Steps, Step{Prim: s.Prim, In: s.In, Out: s.Out})
		}
	}
}
