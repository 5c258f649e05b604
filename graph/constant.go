package graph

import (
	"encoding/binary"
	"hash/fnv"
	"math"
	"slices"

	"github.com/stheno-ml/stheno/internal/value"
)

// constant is an array in the graph that is the same in every run and is not an input.
type constant struct {
	node *Node
	x    []float64
}

// Constant adds an array of the given shape with the elements x, in row-major
// order. No gradient flows into it. Adding the same array twice returns the same
// node.
func (b *Builder) Constant(x []float64, shape ...int) *Node {
	if b.Err() != nil {
		return nil
	}
	if err := Shape(shape).Check(); err != nil {
		b.Failf("constant: %w", err)
		return nil
	}
	if len(x) != Shape(shape).Size() {
		b.Failf("constant: shape %v has %d elements, have %d", Shape(shape), Shape(shape).Size(), len(x))
		return nil
	}
	h := fnv.New64a()
	for _, v := range x {
		h.Write(binary.LittleEndian.AppendUint64(nil, math.Float64bits(v)))
	}
	key := h.Sum64()
	for _, c := range b.constants[key] {
		if Shape(c.node.Shape()).Equal(shape) && slices.EqualFunc(c.x, x, sameBits) {
			return c.node
		}
	}
	n := b.leaf(b.Unique("constant"), shape, value.Zero(b.dtype, shape))
	if n != nil {
		if err := value.Bind(n, x...); err != nil {
			b.Failf("constant: %w", err)
			return nil
		}
		b.constants[key] = append(b.constants[key], constant{n, slices.Clone(x)})
	}
	return n
}

func sameBits(x, y float64) bool { return math.Float64bits(x) == math.Float64bits(y) }

// Number adds the scalar constant v.
func (b *Builder) Number(v float64) *Node { return b.Constant([]float64{v}) }

// Iota adds the vector 0, 1, ..., n-1.
func (b *Builder) Iota(n int) *Node {
	if b.Err() != nil {
		return nil
	}
	if err := (Shape{n}).Check(); err != nil {
		b.Failf("iota: %w", err)
		return nil
	}
	x := make([]float64, n)
	for i := range x {
		x[i] = float64(i)
	}
	return b.Constant(x, n)
}
