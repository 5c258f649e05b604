package graph

import "github.com/stheno-ml/stheno/lower"

// none is the attribute struct of ops without attributes.
type none struct{}

// matmulOp multiplies matrices, batch by batch.
func matmulOp() Op[none] {
	return Op[none]{
		Name:  "matmul",
		Arity: 2,
		Shape: func(_ none, in []Shape) ([]Shape, error) { return inferBy(lower.MatMul{}, in) },
		Define: func(_ none, in, out []Array) {
			r := len(out[0].Shape)
			inner := in[0].Shape[r-1]
			each(out[0].Shape, func(idx []int) {
				ia, ib := append([]int(nil), idx...), append([]int(nil), idx...)
				sum := 0.0
				for k := range inner {
					ia[r-1], ib[r-2] = k, k
					sum += in[0].At(ia...) * in[1].At(ib...)
				}
				out[0].Set(sum, idx...)
			})
		},
		Lower: func(_ none, f *lower.Func, in []lower.Value) []lower.Value {
			return []lower.Value{f.MatMul(in[0], in[1])}
		},
		Grad: func(_ none, p *Pullback) []*Node {
			gs := make([]*Node, 2)
			if p.Want[0] {
				gs[0] = p.B.MatMul(p.Grad[0], p.B.transposeLast(p.In[1]))
			}
			if p.Want[1] {
				gs[1] = p.B.MatMul(p.B.transposeLast(p.In[0]), p.Grad[0])
			}
			return gs
		},
	}
}

// transposeLast exchanges the last two axes.
func (b *Builder) transposeLast(x *Node) *Node {
	if x == nil {
		return nil
	}
	perm := make([]int, x.Dims())
	for i := range perm {
		perm[i] = i
	}
	r := len(perm)
	perm[r-1], perm[r-2] = r-2, r-1
	return b.Transpose(x, perm...)
}

// MatMul multiplies x [..., M, K] by y [..., K, N] to [..., M, N]; leading axes
// are batches and must be equal.
func (b *Builder) MatMul(x, y *Node) *Node { return matmulOp().Apply(b, none{}, x, y) }
