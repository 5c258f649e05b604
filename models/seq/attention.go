package seq

import (
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
)

// attend is the weighted mean of the steps of h [N,T,H], over the steps within the
// lengths [N], or over all if they are nil:
//
//	sum over t of a_t h_t,  a = softmax over t of v·tanh(W h_t)
//
// (Bahdanau et al. 2015, section 3.1, without a query; Yang et al. 2016, eq. 5 to 7).
// A sequence of length 0 gives 0.
func attend(b *graph.Builder, h, lengths *graph.Node) *graph.Node {
	if h == nil || b.Err() != nil {
		return nil
	}
	s := h.Shape()
	keys := graph.Dense{Units: s[2], NoBias: true, Activation: "tanh"}.Apply(b.Scope("keys"), h)
	scores := graph.Dense{Units: 1, NoBias: true}.Apply(b.Scope("scores"), keys) // [N,T,1]
	if lengths == nil {
		return b.Layer("Attention", b.Sum(b.Mul(b.Softmax(scores, 1), h), 1))
	}
	mask := b.Reshape(b.LengthMask(lengths, s[1]), s[0], s[1], 1)
	const never = -1e30 // its weight rounds to 0
	scores = b.Map(lower.Where(lower.Arg(1), lower.Arg(0), lower.Num(never)), scores, mask)
	weighted := b.Mul(b.Mul(b.Softmax(scores, 1), mask), h)
	return b.Layer("Attention", b.Sum(weighted, 1))
}
