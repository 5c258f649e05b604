package checkpoint

import (
	"fmt"
	"slices"

	"github.com/stheno-ml/stheno/graph"
)

// added is the sum of two biases [n]: PyTorch has one for the input's projection and one
// for the state's.
func added(a ...Array) (Array, error) {
	if len(a) != 2 || len(a[0].Shape) != 1 || !a[0].Shape.Equal(a[1].Shape) {
		return Array{}, fmt.Errorf("%s: want two biases of one length", listed(a))
	}
	sum, y := slices.Clone(a[0].Floats()), a[1].Floats()
	for i := range sum {
		sum[i] += y[i]
	}
	return NewArray(a[0].Name, a[0].Shape, sum)
}

// gruBiases joins PyTorch's biases of a GRU, [3*H] of the input's projection and [3*H] of
// the state's in the order r, z, n, to our four blocks: the sums for r and z, and both for
// n.
func gruBiases(a ...Array) (Array, error) {
	sum, err := added(a...)
	if err != nil || sum.Shape[0]%3 != 0 {
		return Array{}, fmt.Errorf("%s: want two biases of three blocks", listed(a))
	}
	third := sum.Shape[0] / 3
	x := slices.Concat(sum.Floats()[:2*third], a[0].Floats()[2*third:], a[1].Floats()[2*third:])
	return NewArray(a[0].Name, graph.Shape{4 * third}, x)
}

// resetFirst turns the blocks of columns z, r, h of Keras into r, z, h.
func resetFirst(a ...Array) (Array, error) {
	shape := a[0].Shape
	if len(shape) == 0 || shape[len(shape)-1]%3 != 0 {
		return Array{}, fmt.Errorf("%s: want columns in three blocks", listed(a))
	}
	columns := shape[len(shape)-1]
	x, third := slices.Clone(a[0].Floats()), columns/3
	for row := 0; row < len(x); row += columns {
		for i := row; i < row+third; i++ {
			x[i], x[i+third] = x[i+third], x[i]
		}
	}
	return NewArray(a[0].Name, shape, x)
}

// kerasGRUBiases turns Keras' biases of a GRU [2,3*H] into our four blocks.
func kerasGRUBiases(a ...Array) (Array, error) {
	if len(a[0].Shape) != 2 || a[0].Shape[0] != 2 {
		return Array{}, fmt.Errorf("%s: want biases [2,3*H], those of a GRU with reset_after=True", listed(a))
	}
	ordered, err := resetFirst(a...)
	if err != nil {
		return Array{}, err
	}
	n := a[0].Shape[1]
	x := ordered.Floats()
	return gruBiases(Array{Name: a[0].Name, Shape: graph.Shape{n}, data: x[:n]}, Array{Name: a[0].Name, Shape: graph.Shape{n}, data: x[n:]})
}
