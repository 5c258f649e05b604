package optest

import (
	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
)

// split is an op with two results, for the cases of packed nodes: the cube of its
// operand, and the sums of the operand's rows.
func split() graph.Op[struct{}] {
	return graph.Op[struct{}]{
		Name:  "optest_split",
		Arity: 1,
		Shape: func(_ struct{}, in []graph.Shape) ([]graph.Shape, error) {
			return []graph.Shape{in[0], {in[0][0]}}, nil
		},
		Define: func(_ struct{}, in, out []graph.Array) {
			cols := in[0].Shape[1]
			for i, v := range in[0].Data {
				out[0].Data[i] = v * v * v
				out[1].Data[i/cols] += v
			}
		},
		Lower: func(_ struct{}, f *lower.Func, in []lower.Value) []lower.Value {
			x := lower.Arg(0)
			return []lower.Value{
				f.Map(x.Mul(x).Mul(x), in[0]),
				f.Reshape(f.Sum(in[0], 1), f.Shape(in[0])[0]),
			}
		},
		Grad: func(_ struct{}, p *graph.Pullback) []*graph.Node {
			b, x := p.B, p.In[0]
			var terms []*graph.Node
			if g := p.Grad[0]; g != nil {
				terms = append(terms, b.Mul(b.Scale(b.Square(x), 3), g))
			}
			if g := p.Grad[1]; g != nil {
				terms = append(terms, b.BroadcastTo(b.Reshape(g, g.Shape()[0], 1), x.Shape()...))
			}
			return []*graph.Node{b.AddN(terms...)}
		},
	}
}

// repacked differentiates split by Gorgonia's own Grad. That does not know of packed
// nodes, so the gradients go through repack ops.
func repacked(b *graph.Builder, in []*graph.Node) []*graph.Node {
	outs := split().ApplyAll(b, struct{}{}, in[0])
	loss := b.Add(b.Sum(b.Square(outs[0])), b.Sum(b.Square(outs[1])))
	if b.Err() != nil {
		return nil
	}
	grads, err := gorgonia.Grad(loss, in[0])
	if err != nil {
		b.Failf("gorgonia.Grad: %w", err)
		return nil
	}
	return grads
}
