package checkpoint

import (
	"fmt"
	"slices"

	"github.com/stheno-ml/stheno/graph"
)

// Name says which array of a file a parameter of a model starts from, and how the array is
// laid out. A table of names for a layer of PyTorch or Keras comes from the functions of
// those names.
type Name struct {
	// Here is the name of a parameter of the model, and There the name of an array of the
	// file. In Here "*" stands for any characters and "?" for one; There then has as many,
	// and they stand for the same: "block*/w" starts from "blocks.*.weight". An empty Here
	// leaves the array out.
	Here, There string
	// Reshape is the shape in which the array is read before its axes are permuted; nil
	// is its own. The result of the permutation then gets the parameter's shape.
	Reshape graph.Shape
	// Permute lists, for each axis of the parameter, the axis of the array: {1, 0} is the
	// transpose. nil keeps the order.
	Permute []int
	// With are more arrays of the file, for Convert. "*" stands for the same as in There.
	With []string
	// Convert computes the parameter from the arrays There and With, which it must not
	// change. nil is Reshape and Permute.
	Convert func(arrays ...Array) (Array, error)
}

// check returns an error for a row that can never be used.
func (n Name) check() error {
	for _, there := range append([]string{n.There}, n.With...) {
		if n.There == "" || n.Here != "" && wild(n.Here) != wild(there) {
			return fmt.Errorf("the name %q there for %q here: want a name with as many * and ?", there, n.Here)
		}
	}
	return nil
}

// convert lays an array out for a parameter of that shape.
func (n Name) convert(shape graph.Shape, arrays ...Array) (Array, error) {
	if n.Convert != nil {
		return n.Convert(arrays...)
	}
	a := arrays[0]
	if a.integer() {
		return a, fmt.Errorf("%q holds integers (%s), and weights are floats: convert them with Name.Convert", a.Name, a.Type)
	}
	if n.Reshape != nil {
		if n.Reshape.Check() != nil || n.Reshape.Size() != len(a.Floats()) {
			return a, fmt.Errorf("%q %v does not have the elements of %v", a.Name, a.Shape, n.Reshape)
		}
		a.Shape = n.Reshape
	}
	a, err := permuted(a, n.Permute)
	if err == nil && n.Reshape != nil && a.Shape.Size() == shape.Size() {
		a.Shape = shape
	}
	return a, err
}

// permuted returns the array whose axis k is the axis permute[k] of a.
func permuted(a Array, permute []int) (Array, error) {
	if permute == nil {
		return a, nil
	}
	sorted := slices.Sorted(slices.Values(permute))
	for k, axis := range sorted {
		if k != axis || len(sorted) != len(a.Shape) {
			return a, fmt.Errorf("%q %v cannot be permuted by %v: want each of its %d axes once", a.Name, a.Shape, permute, len(a.Shape))
		}
	}
	from, shape, strides := a.Floats(), make(graph.Shape, len(permute)), make([]int, len(permute))
	for k, axis := range permute {
		shape[k] = a.Shape[axis]
		strides[k] = a.Shape[axis+1:].Size()
	}
	to, index, at := make([]float64, len(from)), make([]int, len(shape)), 0
	for i := range to {
		to[i] = from[at]
		for k := len(index) - 1; k >= 0; k-- {
			index[k]++
			at += strides[k]
			if index[k] < shape[k] {
				break
			}
			at -= strides[k] * shape[k]
			index[k] = 0
		}
	}
	return Array{a.Name, shape, a.State, a.Type, to}, nil
}
