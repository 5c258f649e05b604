package value

import (
	"fmt"
	"slices"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/lower"
)

// Of returns a copy of the elements of a node's value in row-major order.
func Of(n *gorgonia.Node) ([]float64, error) {
	if n == nil {
		return nil, fmt.Errorf("no node")
	}
	if n.Value() == nil {
		return nil, fmt.Errorf("node %s has no value: run the graph first", n.Name())
	}
	x, err := Floats(n.Value())
	if err != nil {
		return nil, fmt.Errorf("node %s: %w", n.Name(), err)
	}
	return slices.Clone(x), nil
}

// Bind sets an input to a new value with these elements, in row-major order.
func Bind(n *gorgonia.Node, x ...float64) error {
	if n == nil || n.Op() != nil {
		return fmt.Errorf("only an input can be set")
	}
	shape := lower.Shape(n.Shape())
	if len(x) != shape.Size() {
		return fmt.Errorf("input %s has shape %v with %d elements; got %d", n.Name(), shape, shape.Size(), len(x))
	}
	if n.Dtype() == tensor.Float64 {
		return gorgonia.Let(n, New(slices.Clone(x), shape))
	}
	y := make([]float32, len(x))
	for i, v := range x {
		y[i] = float32(v)
	}
	return gorgonia.Let(n, New(y, shape))
}
