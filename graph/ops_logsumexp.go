package graph

import (
	"math"

	"github.com/stheno-ml/stheno/lower"
)

// logSumExpOp is the logarithm of the sum of e^x along axes, which keep extent 1.
func logSumExpOp() Op[axesAttrs] {
	return Op[axesAttrs]{
		Name:  "logsumexp",
		Arity: 1,
		Shape: reducedShape,
		Define: func(a axesAttrs, in, out []Array) {
			for i := range out[0].Data {
				out[0].Data[i] = math.Inf(-1)
			}
			each(in[0].Shape, func(idx []int) {
				at := broadcastIndex(out[0].Shape, idx)
				out[0].Set(max(out[0].At(at...), in[0].At(idx...)), at...)
			})
			sums := lower.NewArray[float64](out[0].Shape)
			each(in[0].Shape, func(idx []int) {
				at := broadcastIndex(out[0].Shape, idx)
				if v, most := in[0].At(idx...), out[0].At(at...); v != most { // also avoids inf - inf
					sums.Add(math.Exp(v-most), at...)
				} else {
					sums.Add(1, at...)
				}
			})
			each(out[0].Shape, func(idx []int) {
				out[0].Add(math.Log(sums.At(idx...)), idx...)
			})
		},
		Lower: func(a axesAttrs, f *lower.Func, in []lower.Value) []lower.Value {
			most := f.Max(in[0], a.Axes...)
			// Infinity minus infinity is NaN, so an infinite maximum is the result itself.
			finite := func(e lower.Expr) lower.Expr { return lower.Abs(e).Less(lower.Num(math.MaxFloat32)) }
			sum := f.Sum(f.Map(lower.Exp(a0().Sub(lower.Where(finite(a1()), a1(), zero()))), in[0], most), a.Axes...)
			return []lower.Value{f.Map(lower.Where(finite(a0()), a0().Add(lower.Log(a1())), a0()), most, sum)}
		},
		Grad: func(a axesAttrs, p *Pullback) []*Node { // softmax times the gradient
			return []*Node{p.B.Map(lower.Exp(a0().Sub(a1())).Mul(lower.Arg(2)), p.In[0], p.Out[0], p.Grad[0])}
		},
	}
}

// LogSumExp is log sum e^x over the axes, which it drops, or over all axes if none is
// given. It does not overflow. If the greatest element is infinite, the result is
// that element.
func (b *Builder) LogSumExp(x *Node, axes ...int) *Node {
	return b.dropAxes(logSumExpOp().Apply(b, axesAttrs{allAxes(x, axes)}, x), allAxes(x, axes))
}

// LogMeanExp is LogSumExp minus the logarithm of the number of elements. For K
// importance weights it is the bound of Burda et al. (2015), eq. 8.
func (b *Builder) LogMeanExp(x *Node, axes ...int) *Node {
	y := b.LogSumExp(x, axes...)
	if y == nil {
		return nil
	}
	return b.AddConst(y, -math.Log(float64(x.DataSize()/y.DataSize())))
}
