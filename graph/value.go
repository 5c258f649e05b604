package graph

import (
	"fmt"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/lower"
)

// Elements returns the elements of a Gorgonia value in row-major order: its
// own memory where it lies so, else a copy.
func Elements[T lower.Float](v gorgonia.Value) ([]T, error) {
	if v == nil {
		return nil, fmt.Errorf("no value is bound")
	}
	t, ok := v.(*tensor.Dense)
	if !ok {
		switch d := v.Data().(type) {
		case T:
			return []T{d}, nil
		case []T:
			return nil, fmt.Errorf("value is a %T, want a dense tensor", v)
		}
	}
	x := memory[T](t)
	switch {
	case x == nil:
		var want T
		return nil, fmt.Errorf("value holds %T, want %T", v.Data(), want)
	case t.IsScalar():
		return x[:1], nil
	case t.IsMasked():
		return nil, fmt.Errorf("value is a masked tensor, want a plain one")
	}
	strides := t.Strides()
	if len(strides) != t.Dims() {
		return nil, fmt.Errorf("value of shape %v has strides %v", t.Shape(), strides)
	}
	return lower.Array[T]{Shape: Shape(t.Shape()), Strides: strides, Data: x}.Elements(), nil
}

// memory returns the memory of a tensor, without allocating; nil if its
// elements are of another type.
func memory[T lower.Float](t *tensor.Dense) []T {
	var x []T
	switch to := any(&x).(type) {
	case *[]float32:
		if t != nil && t.Dtype() == Float32 {
			*to = t.Float32s()
		}
	case *[]float64:
		if t != nil && t.Dtype() == Float64 {
			*to = t.Float64s()
		}
	}
	return x
}

// NewValue returns elements, in row-major order, as a Gorgonia value: a scalar for the empty
// shape, else a dense tensor over the same memory. It is nil unless there are as many elements
// as the shape has.
func NewValue[T lower.Float](x []T, shape Shape) gorgonia.Value {
	if shape.Check() != nil || len(x) != shape.Size() {
		return nil
	}
	if len(shape) > 0 {
		return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(x))
	}
	switch x := any(x).(type) {
	case []float32:
		return gorgonia.NewF32(x[0])
	case []float64:
		return gorgonia.NewF64(x[0])
	}
	return nil
}

// Floats returns a copy of the node's value, in row-major order, after a run.
func Floats(n *Node) ([]float64, error) {
	if n == nil {
		return nil, fmt.Errorf("graph: no node")
	}
	v := n.Value()
	if v == nil {
		return nil, fmt.Errorf("graph: node %s has no value: run the graph first, and keep the node with Builder.Keep", n.Name())
	}
	if x, err := Elements[float64](v); err == nil {
		return append([]float64(nil), x...), nil
	}
	x, err := Elements[float32](v)
	if err != nil {
		return nil, fmt.Errorf("graph: node %s: %w", n.Name(), err)
	}
	out := make([]float64, len(x))
	for i, e := range x {
		out[i] = float64(e)
	}
	return out, nil
}

// Scalar returns the value, of one element, that a node has after a run, without
// allocating.
func Scalar(n *Node) (float64, error) {
	if n == nil {
		return 0, fmt.Errorf("graph: no node")
	}
	switch v := n.Value().(type) {
	case *gorgonia.F32:
		return float64(*v), nil
	case *gorgonia.F64:
		return float64(*v), nil
	}
	x, err := Floats(n)
	if err != nil {
		return 0, err
	}
	if len(x) != 1 {
		return 0, fmt.Errorf("graph: node %s has shape %v, want one element", n.Name(), Shape(n.Shape()))
	}
	return x[0], nil
}

// SetFloats binds a new value with these elements, in row-major order, to an
// input for the runs that follow.
func SetFloats(n *Node, x []float64) error {
	if n == nil || n.Op() != nil {
		return fmt.Errorf("graph: only an input can be set")
	}
	shape := Shape(n.Shape())
	if len(x) != shape.Size() {
		return fmt.Errorf("graph: input %s has shape %v, %d elements; got %d", n.Name(), shape, shape.Size(), len(x))
	}
	if n.Dtype() == Float64 {
		return gorgonia.Let(n, NewValue(append([]float64(nil), x...), shape))
	}
	y := make([]float32, len(x))
	for i, v := range x {
		y[i] = float32(v)
	}
	return gorgonia.Let(n, NewValue(y, shape))
}
