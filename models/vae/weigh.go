package vae

import (
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
)

// weigh draws codes of the normal of mean q[0] and log variance q[1], as
//
//	z = q[0] + e^(q[1]/2) eps
//
// and returns, beside z, the logarithm of their density under the normal of mean q[2]
// and log variance q[3], less that under their own, summed over the last axis:
// eps [N, draws, Latent], each of q broadcasts to it, z has its shape, and ratio is
// [N, draws].
func weigh(b *graph.Builder, q [4]*graph.Node, eps *graph.Node) (z, ratio *graph.Node) {
	half := lower.Exp(lower.Num(0.5).Mul(lower.Arg(1)))
	z = b.Map(lower.Arg(0).Add(half.Mul(lower.Arg(2))), q[0], q[1], eps)
	e, v, m2, v2 := lower.Arg(1), lower.Arg(2), lower.Arg(3), lower.Arg(4)
	far := lower.Arg(0).Sub(m2).Square().Mul(lower.Exp(v2.Neg()))
	each := lower.Num(0.5).Mul(e.Square().Add(v).Sub(far).Sub(v2))
	return z, b.Sum(b.Map(each, z, eps, q[1], q[2], q[3]), 2)
}
