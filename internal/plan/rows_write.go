package plan

import (
	"slices"

	"github.com/stheno-ml/stheno/lower"
)

// write writes the units as steps, in an order in which they can run.
func (j *rowJoiner) write() *lower.Func {
	w := rowWriter{rowJoiner: j, rewriter: newRewriter(j.old), view: make([]int, j.old.Values())}
	for i, s := range j.old.Steps() {
		if j.members[j.unit[i]] == nil {
			for _, v := range s.Out {
				w.view[v] = i
			}
		}
	}
	units := j.order(func(u int) (needs []int) {
		for _, i := range j.members[u] {
			for _, v := range j.old.Steps()[i].In {
				if p := j.maker[j.layouts[v].Root]; p >= 0 && j.unit[p] != u {
					needs = append(needs, j.unit[p])
				}
			}
		}
		return needs
	})
	for _, u := range units {
		if members := j.members[u]; len(members) == 1 {
			s := j.old.Steps()[members[0]]
			w.replace(s, w.copyStep(s, w.read(s.In)))
		} else {
			w.emit(members, j.space[u])
		}
	}
	w.read(j.old.Results())
	w.finish()
	return w.Func
}

// rowWriter writes a function of units. Views are written when they are first read.
type rowWriter struct {
	*rowJoiner
	*rewriter
	view []int // by value: the step that makes the view
}

// read returns the new values for old ones.
func (w *rowWriter) read(vs []lower.Value) []lower.Value {
	for _, v := range vs {
		if w.newValue[v] < 0 {
			s := w.rowJoiner.old.Steps()[w.view[v]]
			w.replace(s, w.copyStep(s, w.read(s.In)))
		}
	}
	return w.mapped(vs)
}

// emit writes a part of rows.
func (w *rowWriter) emit(members []int, space rowSpace) {
	old := w.rowJoiner.old
	type operand struct {
		root lower.Value
		off  int
		kind rowKind
	}
	inputs := map[operand]lower.Value{} // by operand: its value in the body
	var in []lower.Value
	var shapes []lower.Shape
	computed := map[lower.Value]bool{}
	for _, i := range members {
		s := old.Steps()[i]
		for _, v := range s.In {
			l := w.rowJoiner.layouts[v]
			o := operand{l.Root, l.Off, space.over(l.Shape).kindOf(l)}
			if _, seen := inputs[o]; !seen && !computed[l.Root] {
				inputs[o] = lower.Value(len(in))
				in = append(in, w.matrix(v, o.kind, space.over(l.Shape)))
				shapes = append(shapes, space.over(l.Shape).shape(o.kind))
			}
		}
		for _, v := range s.Out {
			computed[v] = true
		}
	}
	body := lower.NewFunc(shapes...)
	values := map[lower.Value]lower.Value{} // by computed value: its value in the body
	type widened struct {
		of    lower.Value
		width int
	}
	wide := map[widened]lower.Value{} // values of the body, broadcast
	read := func(v lower.Value) lower.Value {
		l := w.rowJoiner.layouts[v]
		want := space.over(l.Shape)
		of, internal := values[l.Root]
		if !internal {
			of = inputs[operand{l.Root, l.Off, want.kindOf(l)}]
		}
		if body.Shape(of).Equal(want.shape(fullRows)) {
			return of
		}
		key := widened{of, want.width}
		if _, ok := wide[key]; !ok {
			wide[key] = body.Broadcast(of, want.count, want.width)
		}
		return wide[key]
	}
	var results, out []lower.Value
	var outShapes []lower.Shape
	for _, i := range members {
		s := old.Steps()[i]
		args := make([]lower.Value, len(s.In))
		for k, v := range s.In {
			args[k] = read(v)
		}
		shape := old.Shape(s.In[0])
		for k, v := range body.Apply(byRows(s.Prim, space.resultKinds(s.Prim, shape)), args...)[:len(s.Out)] {
			values[s.Out[k]] = v
			if w.leaves(s.Out[k], members) {
				results, out, outShapes = append(results, v), append(out, s.Out[k]), append(outShapes, old.Shape(s.Out[k]))
			}
		}
	}
	body.Return(results...)
	for k, v := range w.Apply(Rows{Count: space.count, Body: body, Shapes: outShapes}, in...)[:len(out)] {
		w.newValue[out[k]] = v
	}
}

// matrix is an operand of the old function as a matrix of the kind's shape.
func (w *rowWriter) matrix(v lower.Value, kind rowKind, space rowSpace) lower.Value {
	shape := w.rowJoiner.old.Shape(v)
	axis, _ := space.cut(shape)
	x := w.read([]lower.Value{v})[0]
	for a, n := range shape {
		alike := kind == single || kind == oneRow && a < axis || kind == perRow && a >= axis
		if alike && n > 1 {
			x = w.Slice(x, a, 0, 1, 1)
		}
	}
	return w.Reshape(x, space.shape(kind)...)
}

// byRows is a step's primitive for matrices, given the kinds of its results.
func byRows(p lower.Prim, results []rowKind) lower.Prim {
	if p, ok := p.(lower.Softmax); ok {
		return lower.Softmax{Axis: 1, Log: p.Log}
	}
	l, _ := LoopOf(p) // every other step that runs by rows is one
	if len(l.Results) == 1 && l.Results[0].Along == nil {
		return p
	}
	axes := map[rowKind][]int{perRow: {1}, oneRow: {0}, single: {0, 1}}
	l.Results = slices.Clone(l.Results)
	for i, r := range l.Results {
		if r.Along != nil {
			l.Results[i].Along = &lower.Reduce{Kind: r.Along.Kind, Axes: axes[results[i]]}
		}
	}
	return l
}
