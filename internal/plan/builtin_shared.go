package plan

import (
	"math"
	"strings"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Most nodes of Gorgonia's graphs are elementwise, and many compute the same. Those
// share one Lowering.

// loweringKey is everything that an elementwise node's Lowering depends on.
type loweringKey struct {
	text      string // the op's
	dtype     tensor.Dtype
	out       int    // the shapeID of the node
	in        [2]int // the shapeIDs of the operands; -1 for none
	constants [2]constant
}

// constant is an operand's number, if the operand is a constant.
type constant struct {
	bits uint64 // bits, because 0 and -0 differ
	is   bool
}

// loweringKeyOf returns the key of a node's Lowering. ok is false if the Lowering
// depends on more than a key has.
func (k *facts) loweringKeyOf(n *gorgonia.Node, operands []*gorgonia.Node) (e loweringKey, ok bool) {
	f := k.at(n)
	if f.kind != "elemUnaryOp" && f.kind != "elemBinOp" || len(operands) > 2 || !k.lowers(n, operands) {
		return e, false
	}
	e = loweringKey{text: k.textAt(n), dtype: f.dtype, out: f.shapeID, in: [2]int{-1, -1}}
	if strings.HasPrefix(e.text, "^") { // its Lowering also depends on exponents that are computed from constants
		return e, false
	}
	for i, x := range operands {
		e.in[i] = k.at(x).shapeID
		c, is := directConstant(x)
		e.constants[i] = constant{math.Float64bits(c), is}
	}
	return e, true
}
