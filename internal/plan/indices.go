package plan

import (
	"fmt"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
)

// Indices are integers bound to a node that select rows of an axis. They are an input
// of the function, converted to its type and checked in each run.
type Indices struct {
	Node   *graph.Node // the node that reads them
	From   *graph.Node
	Axis   int
	Extent int
}

// ReadIndices writes the present indices to an array. An index outside of the axis is
// an error.
func ReadIndices[T lower.Float](x *Indices, to []T) error {
	v, ok := x.From.Value().(tensor.Tensor)
	if !ok {
		return fmt.Errorf("node %s: its indices %s have no value: bind a tensor of int", x.Node.Name(), x.From.Name())
	}
	from, ok := Integers(v)
	if !ok || len(from) != len(to) {
		return fmt.Errorf("node %s: its indices %s have %d elements of %v, want %d of int", x.Node.Name(), x.From.Name(), v.Shape().TotalSize(), v.Dtype(), len(to))
	}
	for i, row := range from {
		if row < 0 || row >= x.Extent {
			return fmt.Errorf("node %s: index %d, element %d of %s, is outside of axis %d of extent %d", x.Node.Name(), row, i, x.From.Name(), x.Axis, x.Extent)
		}
		to[i] = T(row)
	}
	return nil
}

// Integers returns the elements of a tensor of int in row-major order. ok is false
// for any other value.
func Integers(v gorgonia.Value) (x []int, ok bool) {
	if view, is := v.(tensor.View); is && view.IsMaterializable() {
		v = view.Materialize()
	}
	x, ok = v.Data().([]int)
	return x, ok
}

// takeRows matches ByIndices and its gradient. Their operands are x and the indices,
// or x, the result's gradient and the indices.
func (k *Matcher) takeRows(n *gorgonia.Node) *match {
	in := k.operandsOf(n)
	if !takesRows(n, in) {
		return nil
	}
	last := len(in) - 1
	s := k.context(n, k.at(n).kind, in[:last])
	axis := s.int("axis")
	k.keepErr(s)
	if s.m.Host != "" || axis < 0 || axis >= len(s.in[0]) {
		return nil
	}
	indices := &Indices{Node: n, From: in[last], Axis: axis, Extent: s.in[0][axis]}
	if s.dtype == tensor.Float32 && indices.Extent > lower.MaxRows[float32]() {
		return nil
	}
	w := &match{from: in[last-1 : last], state: []OpState{{Indices: indices, Count: shapeOf(in[last]).Size()}}}
	w.build = func(f *lower.Func) lower.Value {
		if last == 1 {
			return f.Apply(lower.Gather{Axis: axis}, f.In(0), f.In(1))[0]
		}
		return f.Apply(lower.ScatterAdd{Axis: axis, Extent: indices.Extent}, f.In(0), f.In(1))[0]
	}
	return w
}

// takesRows reports whether a node selects rows by its last operand, an input or
// constant of int.
func takesRows(n *gorgonia.Node, in []*gorgonia.Node) bool {
	if kind := KindOf(n.Op()); kind != "byIndicesOp" && kind != "byIndicesOpDiffOp" || len(in) < 2 {
		return false
	}
	x := in[len(in)-1]
	return x.Dtype() == tensor.Int && (x.Op() == nil || IsConstant(x))
}
