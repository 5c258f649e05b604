package graph

import (
	"fmt"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/internal/value"
)

// Floats returns a copy of the node's value, in row-major order, after a run.
func Floats(n *Node) ([]float64, error) {
	x, err := value.Of(n)
	if err != nil {
		return nil, fmt.Errorf("graph: %w", err)
	}
	return x, nil
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
	if err := value.Bind(n, x...); err != nil {
		return fmt.Errorf("graph: %w", err)
	}
	return nil
}
