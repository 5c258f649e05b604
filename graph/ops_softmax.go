package graph

import (
	"math"

	"github.com/stheno-ml/stheno/lower"
)

// softmaxAttrs are the attributes of softmax: the axis that adds up to 1, and
// whether the result is the logarithm.
type softmaxAttrs struct {
	Axis int
	Log  bool
}

// softmaxOp is e^x over the sum of e^x along an axis, or its logarithm.
func softmaxOp() Op[softmaxAttrs] {
	return Op[softmaxAttrs]{
		Name:  "softmax",
		Arity: 1,
		Shape: func(a softmaxAttrs, in []Shape) ([]Shape, error) { return inferBy(lower.Softmax(a), in) },
		Define: func(a softmaxAttrs, in, out []Array) {
			n := in[0].Shape[a.Axis]
			each(in[0].Shape, func(idx []int) {
				if idx[a.Axis] != 0 {
					return
				}
				at := append([]int(nil), idx...)
				x := func(k int) float64 { at[a.Axis] = k; return in[0].At(at...) }
				most, sum := math.Inf(-1), 0.0
				for k := range n {
					most = max(most, x(k))
				}
				for k := range n {
					sum += math.Exp(x(k) - most)
				}
				for k := range n {
					y := math.Exp(x(k)-most) / sum
					if a.Log {
						y = x(k) - most - math.Log(sum)
					}
					out[0].Set(y, at...)
				}
			})
		},
		Lower: func(a softmaxAttrs, f *lower.Func, in []lower.Value) []lower.Value {
			return f.Apply(lower.Softmax(a), in[0])[:1]
		},
		Grad: func(a softmaxAttrs, p *Pullback) []*Node {
			b, y, g := p.B, p.Out[0], p.Grad[0]
			if a.Log { // g - e^y sum g
				e := a0().Sub(lower.Exp(a1()).Mul(lower.Arg(2)))
				return []*Node{b.Map(e, g, y, b.SumKeep(g, a.Axis))}
			}
			e := a1().Mul(a0().Sub(lower.Arg(2))) // y (g - sum g y)
			return []*Node{b.Map(e, g, y, b.SumKeep(b.Mul(g, y), a.Axis))}
		},
	}
}

// Softmax is e^x / sum e^x along an axis of x, counted from 0: numbers from 0 to 1
// that add up to 1 along the axis. It is correct for any finite x. A row that contains
// NaN or +infinity is NaN; it does not affect other rows.
func (b *Builder) Softmax(x *Node, axis int) *Node {
	return softmaxOp().Apply(b, softmaxAttrs{Axis: axis}, x)
}

// LogSoftmax is x - log sum e^x along an axis of x, counted from 0: the logarithm of
// Softmax, without its underflow.
func (b *Builder) LogSoftmax(x *Node, axis int) *Node {
	return softmaxOp().Apply(b, softmaxAttrs{Axis: axis, Log: true}, x)
}
