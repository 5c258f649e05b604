// Package value converts between the values of Gorgonia's nodes and plain elements.
package value

import (
	"fmt"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/lower"
)

// Elements returns the elements of a value in row-major order. It returns the value's
// memory if that is in row-major order, else a copy.
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
	return lower.Array[T]{Shape: lower.Shape(t.Shape()), Strides: strides, Data: x}.Elements(), nil
}

// memory returns the memory of a tensor, or nil if its elements have another type. It
// does not allocate.
func memory[T lower.Float](t *tensor.Dense) []T {
	var x []T
	switch to := any(&x).(type) {
	case *[]float32:
		if t != nil && t.Dtype() == tensor.Float32 {
			*to = t.Float32s()
		}
	case *[]float64:
		if t != nil && t.Dtype() == tensor.Float64 {
			*to = t.Float64s()
		}
	}
	return x
}

// Floats returns a value's elements in float64. It returns the value's memory if the
// elements are float64 in row-major order, else a copy.
func Floats(v gorgonia.Value) ([]float64, error) {
	if x, err := Elements[float64](v); err == nil {
		return x, nil
	}
	x, err := Elements[float32](v)
	if err != nil {
		return nil, err
	}
	out := make([]float64, len(x))
	for i, e := range x {
		out[i] = float64(e)
	}
	return out, nil
}

// Scalar returns the number of a scalar value of type T. It does not allocate.
func Scalar[T lower.Float](v gorgonia.Value) (x T, ok bool) {
	switch to := any(&x).(type) {
	case *float32:
		if f, is := v.(*gorgonia.F32); is {
			*to, ok = float32(*f), true
		}
	case *float64:
		if f, is := v.(*gorgonia.F64); is {
			*to, ok = float64(*f), true
		}
	}
	return x, ok
}

// New returns elements in row-major order as a value: a scalar for the empty shape, else
// a dense tensor that shares x's memory. It returns nil if the number of elements is not
// that of the shape.
func New[T lower.Float](x []T, shape lower.Shape) gorgonia.Value {
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

// Zero returns zeros of Float32 or Float64, or nil if the shape is invalid.
func Zero(dtype tensor.Dtype, shape lower.Shape) gorgonia.Value {
	switch {
	case shape.Check() != nil:
		return nil
	case dtype == tensor.Float64:
		return New(make([]float64, shape.Size()), shape)
	}
	return New(make([]float32, shape.Size()), shape)
}
