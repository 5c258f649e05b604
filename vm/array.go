package vm

import (
	"fmt"
	"slices"

	"github.com/stheno-ml/stheno/graph"
)

// Array is a named argument or result of a function, in row-major order. A batch
// of N samples has the shape [N, sample...].
type Array struct {
	Name  string
	Shape []int
	Data  []float32
}

// check returns an error unless Data has as many elements as the shape.
func (a Array) check() error {
	if err := graph.Shape(a.Shape).Check(); err != nil {
		return fmt.Errorf("array %q: %w", a.Name, err)
	}
	if n := graph.Shape(a.Shape).Size(); n != len(a.Data) {
		return fmt.Errorf("array %q: shape %v has %d elements, Data has %d", a.Name, graph.Shape(a.Shape), n, len(a.Data))
	}
	return nil
}

// Shapes are the names and shapes of the arguments that a function is built for.
// Data is nil.
type Shapes []Array

// Of returns the shape of the argument with that name, or nil if there is none.
func (s Shapes) Of(name string) []int {
	for _, a := range s {
		if a.Name == name {
			return slices.Clone(a.Shape)
		}
	}
	return nil
}

// Batch returns the number of samples: the first extent of the first argument that
// has one, or 1.
func (s Shapes) Batch() int {
	for _, a := range s {
		if len(a.Shape) > 0 {
			return a.Shape[0]
		}
	}
	return 1
}
