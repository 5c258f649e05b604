// Package op is the interface through which compilers and tests see the ops of package
// graph.
package op

import (
	"hash"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/lower"
)

// Applied is an op at a node, with fixed attributes and shapes.
//
// An op with several results has one packed, one-dimensional node. The results are
// views of it.
type Applied interface {
	// Name is the name in the op's declaration.
	Name() string
	// Differentiable reports whether the op declares a gradient. Overwrites reports
	// whether its result may overwrite its first operand.
	Differentiable() bool
	Overwrites() bool
	// Attrs returns all attributes as text; AttrValue returns the struct.
	Attrs() string
	AttrValue() any
	// In returns the shapes of the operands; Out returns those of the results.
	In() []lower.Shape
	Out() []lower.Shape
	// Lowered returns the op in primitives.
	Lowered() *lower.Func
	// Define runs the op's definition and returns the results. It returns none if the
	// operands do not have the number and the shapes of In.
	Define(in []lower.Array[float64]) []lower.Array[float64]
	// WriteHash writes everything that distinguishes the op from others.
	WriteHash(h hash.Hash)
	String() string
}

// At returns the op of a node, if package graph built the node.
func At(n *gorgonia.Node) (Applied, bool) {
	if n == nil {
		return nil, false
	}
	a, ok := n.Op().(Applied)
	return a, ok
}
