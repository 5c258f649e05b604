// Package op is what compilers and tests see of the ops of package graph.
package op

import (
	"hash"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/lower"
)

// Applied is an op at a node: attributes and shapes are fixed.
//
// An op with several results has one packed, one-dimensional node, of which the
// results are views.
type Applied interface {
	// Name is that of the op's declaration.
	Name() string
	// Differentiable says that the op declares a gradient, Overwrites that its result
	// may be written over its first operand.
	Differentiable() bool
	Overwrites() bool
	// Attrs returns the attributes as text, all of them; AttrValue the struct.
	Attrs() string
	AttrValue() any
	// In returns the shapes of the operands, Out those of the results.
	In() []lower.Shape
	Out() []lower.Shape
	// Lowered returns the op in primitives.
	Lowered() *lower.Func
	// Define runs the op's definition and returns the results: none unless the
	// operands are as many as the op's and have their shapes.
	Define(in []lower.Array[float64]) []lower.Array[float64]
	// WriteHash writes all that tells the op from another.
	WriteHash(h hash.Hash)
	String() string
}

// At returns the op of a node that package graph built.
func At(n *gorgonia.Node) (Applied, bool) {
	if n == nil {
		return nil, false
	}
	a, ok := n.Op().(Applied)
	return a, ok
}
