package graph

import (
	"fmt"
	"io"

	"github.com/stheno-ml/stheno/internal/exprgraph"
)

// PredictedHash is the hash that the builder computes before it adds a node.
func PredictedHash(b *Builder, n *Node) uint32 {
	shape := Shape(n.Shape())
	a, ok := appliedAt(n)
	if !ok {
		return nodeHash(b.dtype, shape, func(w io.Writer) { fmt.Fprint(w, n.Name()) }, nil)
	}
	return nodeHash(b.dtype, shape, a.writeHash, exprgraph.OperandsOf(b.g)[n])
}
