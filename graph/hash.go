package graph

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"io"

	"github.com/chewxy/hm"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/internal/exprgraph"
)

// Gorgonia treats two nodes as one if their 32-bit hashes are equal: its graph
// compares no operands, and its TapeMachine compares only hashes. So the builder
// computes the hash of a node before it adds the node. If another node of the
// graph has that hash, the new node hashes a salt too.

// nodeHash predicts the hash that Gorgonia gives a node: a hash of its type and
// shape, its op or its name, and the hashes of its operands.
func nodeHash(dtype Dtype, shape Shape, what func(h io.Writer), in []*Node) uint32 {
	h := fnv.New32a()
	fmt.Fprintf(h, "%v%v", typeOf(dtype, shape), tensor.Shape(shape))
	what(h)
	h.Write([]byte{byte(len(in))})
	for _, c := range in {
		var le [4]byte
		binary.LittleEndian.PutUint32(le[:], c.Hashcode())
		h.Write(le[:])
	}
	return h.Sum32()
}

// typeOf is the Gorgonia type of a node.
func typeOf(dtype Dtype, shape Shape) hm.Type {
	if len(shape) == 0 {
		return dtype
	}
	return gorgonia.TensorType{Dims: len(shape), Of: dtype}
}

// saltFor chooses the op's salt so that the node's hash is new to the graph, or
// belongs to the same node.
func (b *Builder) saltFor(a *applied, in []*Node) {
	for ; ; a.salt++ {
		h := nodeHash(a.dtype, a.nodeShape(), a.writeHash, in)
		if n := b.hashes[h]; n == nil || sameNode(n, a, in) {
			return
		}
	}
}

// leafName returns the name of a leaf in Gorgonia's graph: its own, or one with
// marks added if the hash of that collides.
func (b *Builder) leafName(name string, shape Shape) string {
	for mark := name; ; mark += "'" {
		h := nodeHash(b.dtype, shape, func(w io.Writer) { fmt.Fprint(w, mark) }, nil)
		if b.hashes[h] == nil {
			return mark
		}
	}
}

// sameNode reports whether the node applies that op to those operands.
func sameNode(n *Node, a *applied, in []*Node) bool {
	have, ok := appliedAt(n)
	if !ok || have.String() != a.String() || have.salt != a.salt {
		return false
	}
	cs := exprgraph.OperandPointers(n)
	if len(cs) != len(in) {
		return false
	}
	for i, c := range in {
		if cs[i] != exprgraph.PointerOf(c) {
			return false
		}
	}
	return true
}
