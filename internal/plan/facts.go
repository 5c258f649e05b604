package plan

import (
	"encoding/binary"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/lower"
)

// facts are what recognising asks of nodes again and again, each asked of Gorgonia
// once: it copies a shape, and writes an op's text, at every call. The zero facts
// are ready to use. They hold as long as no node's shape is set; forget then.
type facts struct {
	of        map[*gorgonia.Node]*fact
	spare     []fact         // for those to come
	shapeIDs  map[string]int // numbers of shapes, by their bytes
	lowerings map[loweringKey]*Lowering
}

// fact is what is known of one node.
type fact struct {
	kind     string // as KindOf has it
	text     string // the op's String, once asked for
	textRead bool
	shape    lower.Shape // not to be changed
	shapeID  int         // of the shape: equal ones have one
	wrong    string      // what is wrong with it, "" if nothing
	dtype    tensor.Dtype
	floats   bool // of that type
}

// factRoom is for how many nodes room is made at once.
const factBlock = 256

// at returns what is known of a node.
func (k *facts) at(n *gorgonia.Node) *fact {
	if f, ok := k.of[n]; ok {
		return f
	}
	if k.of == nil {
		k.of = map[*gorgonia.Node]*fact{}
	}
	if len(k.spare) == 0 {
		k.spare = make([]fact, factBlock)
	}
	f := &k.spare[0]
	k.spare = k.spare[1:]
	f.kind, f.shape = KindOf(n.Op()), shapeOf(n)
	f.shapeID = k.shapeID(f.shape)
	f.wrong = wrongShape(n, f.shape)
	f.dtype, f.floats = dtypeOf(n.Type())
	k.of[n] = f
	return f
}

// textAt is the text of a node's op.
func (k *facts) textAt(n *gorgonia.Node) string {
	f := k.at(n)
	if !f.textRead {
		f.text, f.textRead = textOf(n), true
	}
	return f.text
}

// numberOf is a number that only equal shapes share.
func (k *facts) shapeID(shape lower.Shape) int {
	var room [64]byte
	key := room[:0]
	for _, d := range shape {
		key = binary.AppendVarint(key, int64(d))
	}
	i, ok := k.shapeIDs[string(key)]
	if !ok {
		if k.shapeIDs == nil {
			k.shapeIDs = map[string]int{}
		}
		i = len(k.shapeIDs)
		k.shapeIDs[string(key)] = i
	}
	return i
}

// forget is for a node whose shape was set.
func (k *facts) forget(n *gorgonia.Node) { delete(k.of, n) }

// compares returns the type of the floats that a node compares, element by element,
// where its result is truth values of an array.
func (k *facts) compares(n *gorgonia.Node, operands []*gorgonia.Node) (of tensor.Dtype, ok bool) {
	f := k.at(n)
	if f.kind != "elemBinOp" || f.dtype != tensor.Bool || len(f.shape) == 0 || len(operands) != 2 {
		return of, false
	}
	x, y := k.at(operands[0]), k.at(operands[1])
	return x.dtype, x.floats && y.floats && x.dtype == y.dtype
}

// lowers reports whether a node and its operands are floats of one type, and of
// shapes that are known.
func (k *facts) lowers(n *gorgonia.Node, operands []*gorgonia.Node) bool {
	f := k.at(n)
	if !f.floats || f.wrong != "" {
		return false
	}
	for _, x := range operands {
		if of := k.at(x); !of.floats || of.dtype != f.dtype || of.wrong != "" {
			return false
		}
	}
	return true
}
