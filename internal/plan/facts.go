package plan

import (
	"encoding/binary"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/lower"
)

// facts caches what recognition reads from nodes. Gorgonia copies a shape and formats
// an op's text at every call. The zero facts are ready to use. After setting a node's
// shape, call forget.
type facts struct {
	of        map[*gorgonia.Node]*fact
	spare     []fact         // allocated, not yet used
	shapeIDs  map[string]int // by a shape's bytes: its ID
	lowerings map[loweringKey]*Lowering
}

// fact holds the facts of one node.
type fact struct {
	kind     string // KindOf of its op
	text     string // the op's String; see textAt
	textRead bool
	shape    lower.Shape // shared: do not change
	shapeID  int         // equal for equal shapes
	wrong    string      // what is wrong with the shape, "" if nothing
	dtype    tensor.Dtype
	floats   bool // the elements are floats, of type dtype
}

// factBlock is the number of facts that are allocated at a time.
const factBlock = 256

// at returns the facts of a node.
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

// textAt returns the text of a node's op.
func (k *facts) textAt(n *gorgonia.Node) string {
	f := k.at(n)
	if !f.textRead {
		f.text, f.textRead = textOf(n), true
	}
	return f.text
}

// shapeID returns a number that is the same for equal shapes only.
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

// forget drops the facts of a node whose shape was set.
func (k *facts) forget(n *gorgonia.Node) { delete(k.of, n) }

// compares reports whether a node compares two arrays of one float type, element by
// element, with a result of truth values. It returns that float type.
func (k *facts) compares(n *gorgonia.Node, operands []*gorgonia.Node) (of tensor.Dtype, ok bool) {
	f := k.at(n)
	if f.kind != "elemBinOp" || f.dtype != tensor.Bool || len(f.shape) == 0 || len(operands) != 2 {
		return of, false
	}
	x, y := k.at(operands[0]), k.at(operands[1])
	return x.dtype, x.floats && y.floats && x.dtype == y.dtype
}

// lowers reports whether a node and its operands are floats of one type with known
// shapes.
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
