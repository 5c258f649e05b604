package plan

import (
	"math"
	"strings"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Elementwise nodes are most of a graph of Gorgonia's, and few of them differ: those
// that mean the same have one meaning, which is written once.

// sameMeaning is all that the meaning of an elementwise node depends on.
type loweringKey struct {
	text      string // of the op
	dtype     tensor.Dtype
	out       int    // number of the node's shape
	in        [2]int // numbers of the operands' shapes; -1 of none
	constants [2]constant
}

// constant is the number that an operand always is, if it is one.
type constant struct {
	bits uint64 // which tell 0 from -0
	is   bool
}

// sameAs returns what the meaning of a node depends on; ok is false where
// that is more than this tells.
func (k *facts) loweringKeyOf(n *gorgonia.Node, operands []*gorgonia.Node) (e loweringKey, ok bool) {
	f := k.at(n)
	if f.kind != "elemUnaryOp" && f.kind != "elemBinOp" || len(operands) > 2 || !k.lowers(n, operands) {
		return e, false
	}
	e = loweringKey{text: k.textAt(n), dtype: f.dtype, out: f.shapeID, in: [2]int{-1, -1}}
	if strings.HasPrefix(e.text, "^") { // what is computed of constants is an exponent, too
		return e, false
	}
	for i, x := range operands {
		e.in[i] = k.at(x).shapeID
		c, is := directConstant(x)
		e.constants[i] = constant{math.Float64bits(c), is}
	}
	return e, true
}
