package graph

import (
	"fmt"
	"io"

	"github.com/stheno-ml/stheno/internal/exprgraph"
)

// ForeseenHash is the hash that a node was expected to get.
func ForeseenHash(b *Builder, n *Node) uint32 {
	shape := Shape(n.Shape())
	a, ok := appliedAt(n)
	if !ok {
		return nodeHash(b.dtype, shape, func(w io.Writer) { fmt.Fprint(w, n.Name()) }, nil)
	}
	return nodeHash(b.dtype, shape, a.writeHash, exprgraph.OperandsOf(b.g)[n])
}
