package optim

import (
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
)

// newtonSchulz has the coefficients of the iteration: a quintic with the steepest slope
// at 0, chosen by Jordan et al. (2024).
var newtonSchulz = [3]float64{3.4445, -4.7750, 2.0315}

// orthogonal brings the singular values of a matrix x close to 1, into about [0.7, 1.2],
// by steps of a Newton-Schulz iteration; 0 steps means 5:
//
//	X = x / max(|x|, 1e-7)              (|x| is the Frobenius norm)
//	A = X Xᵀ
//	X = a X + (b A + c A²) X            (in each step)
//
// with a, b, c = 3.4445, -4.7750, 2.0315. A matrix of more rows than columns is
// transposed before and after, so that A is the smaller of the two products. Singular
// values much smaller than the greatest stay below 1.
func orthogonal(b *graph.Builder, x *graph.Node, steps int) *graph.Node {
	if b.Err() != nil || x == nil {
		return nil
	}
	if steps <= 0 {
		steps = 5
	}
	a0, a1 := lower.Arg(0), lower.Arg(1)
	x = b.Map(a0.Div(lower.Max(lower.Sqrt(a1), lower.Num(1e-7))), x, sumSquares(b, x))
	if b.Err() != nil {
		return nil
	}
	tall := x.Shape()[0] > x.Shape()[1]
	if tall {
		x = b.Transpose(x, 1, 0)
	}
	c0, c1, c2 := lower.Num(newtonSchulz[0]), lower.Num(newtonSchulz[1]), lower.Num(newtonSchulz[2])
	for range steps {
		gram := b.MatMul(x, b.Transpose(x, 1, 0))
		y := b.Map(c1.Mul(a0).Add(c2.Mul(a1)), gram, b.MatMul(gram, gram))
		x = b.Map(c0.Mul(a0).Add(a1), x, b.MatMul(y, x))
	}
	if tall {
		x = b.Transpose(x, 1, 0)
	}
	return x
}
