package graph

import (
	"fmt"
	"unsafe"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Fill makes a copy of the elements, in row-major order, an input's value for the
// runs that follow. It never writes to memory that a caller bound, by Feed or
// by gorgonia.Let: the first Fill after that binds memory of its own, and those
// that follow copy into it without allocating.
func Fill(n *Node, x []float32) error {
	if n == nil || n.Op() != nil {
		return fmt.Errorf("graph: only an input can be filled")
	}
	t, ok := n.Value().(*tensor.Dense)
	if !ok || !filled(t) || t.Shape().TotalSize() != len(x) {
		var err error
		if t, err = bindRoom(n, len(x)); err != nil {
			return err
		}
	}
	switch t.Dtype() { // Data would allocate
	case Float32:
		copy(t.Float32s(), x)
	case Float64:
		to := t.Float64s()
		for i, v := range x {
			to[i] = float64(v)
		}
	default:
		return fmt.Errorf("graph: input %s holds %v, want floats", n.Name(), t.Dtype())
	}
	return nil
}

// bindRoom binds memory for size elements that Fill may write.
func bindRoom(n *Node, size int) (*tensor.Dense, error) {
	var t *tensor.Dense
	switch want := n.Shape().TotalSize(); {
	case n.IsScalar():
		return nil, fmt.Errorf("graph: input %s is a scalar, want a tensor: set it by SetScalar", n.Name())
	case size != want:
		return nil, fmt.Errorf("graph: input %s has shape %v, %d elements; got %d", n.Name(), n.Shape(), want, size)
	case n.Dtype() == Float32:
		t = room(make([]float32, size), n)
	case n.Dtype() == Float64:
		t = room(make([]float64, size), n)
	default:
		return nil, fmt.Errorf("graph: input %s is of %v, want floats", n.Name(), n.Dtype())
	}
	if err := gorgonia.UnsafeLet(n, t); err != nil {
		return nil, fmt.Errorf("graph: input %s: %w", n.Name(), err)
	}
	return t, nil
}

// room returns a tensor of the node's shape over memory that Fill may write. It
// is marked as memory that something else than package tensor manages.
func room[T float32 | float64](x []T, n *Node) *tensor.Dense {
	p := (*byte)(unsafe.Pointer(unsafe.SliceData(x)))
	memory := unsafe.Slice(p, uintptr(len(x))*n.Dtype().Size())
	t := tensor.New(tensor.Of(n.Dtype()), tensor.WithShape(n.Shape()...), tensor.FromMemory(uintptr(unsafe.Pointer(p)), uintptr(len(memory))))
	t.Raw = memory // a reference that the garbage collector sees
	return t
}

// filled reports whether room made the tensor. A program that makes its own by
// tensor.FromMemory hands the memory over in the same words.
func filled(t *tensor.Dense) bool { return t.IsManuallyManaged() }
