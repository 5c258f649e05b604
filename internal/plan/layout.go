package plan

import "github.com/stheno-ml/stheno/lower"

// readable reports whether the array is in row-major order without gaps, so that it
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

// ownLayout is the layout of a value that is not a view.
func ownLayout(v lower.Value, s lower.Shape) Layout {
	return Layout{Place: Arena, Root: v, Shape: s, Strides: s.Strides()}
}

// through returns the layout of a view of an array. ok is false if the view is a
// reshape that strides cannot express: the array is not readable, and the reshape
// does more than add or remove axes of extent 1.
func (l Layout) through(p lower.Prim, to lower.Shape) (view Layout, ok bool) {
	if _, reshape := p.(lower.Reshape); reshape && !l.readable() {
		at, ok := sameAxes(to, l.Shape)
		if !ok {
			return Layout{}, false
		}
		view = l
		view.Shape, view.Strides = to, make([]int, len(to))
		for i, a := range at {
			if a >= 0 {
				view.Strides[i] = l.Strides[a]
			}
		}
		return view, true
	}
	a := lower.View(p, lower.Array[float32]{Shape: l.Shape, Strides: l.Strides, Off: l.Off, Data: make([]float32, 0)}, to)
	view = l
	view.Shape, view.Strides, view.Off = to, a.Strides, a.Off
	return view, true
}

// Layouts returns the layouts of a function's values. A view shares the memory of its
// root; any other value has its own.
func Layouts(f *lower.Func) []Layout { return extendLayouts(make([]Layout, 0, f.Values()), f) }

// extendLayouts adds the layouts of the values that were added to a function since ls
// was computed.
func extendLayouts(ls []Layout, f *lower.Func) []Layout {
	for i := len(ls); i < f.Inputs(); i++ {
		v := lower.Value(i)
		l := ownLayout(v, f.Shape(v))
		l.Place = Input
		ls = append(ls, l)
	}
	steps := f.Steps()
	first := len(steps)
	for first > 0 && int(steps[first-1].Out[0]) >= len(ls) {
		first--
	}
	for _, s := range steps[first:] {
		if lower.IsView(s.Prim) {
			if l, ok := ls[s.In[0]].through(s.Prim, f.Shape(s.Out[0])); ok {
				ls = append(ls, l)
				continue
			}
		}
		for _, v := range s.Out {
			ls = append(ls, ownLayout(v, f.Shape(v)))
		}
	}
	return ls
}

// layout returns the layout of a value of the new function.
func (r *rewriter) layout(v lower.Value) Layout {
	if r.layouts == nil {
		r.layouts = make([]Layout, 0, r.old.Values())
	}
	r.layouts = extendLayouts(r.layouts, r.Func)
	return r.layouts[v]
}

// layOut sets the plan's steps and the layouts of its values.
func (p *Plan) layOut() {
	p.Values = Layouts(p.Func)
	for _, s := range p.Func.Steps() {
		if !lower.IsView(s.Prim) {
			p.Steps = append(p.Steps, Step{Prim: s.Prim, In: s.In, Out: s.Out})
		}
	}
}
