package graph

import (
	"fmt"

	"github.com/stheno-ml/stheno/lower"
)

// upsampleAttrs is the attribute of upsample and its gradient: how often each
// row and each column is repeated.
type upsampleAttrs struct{ Factor [2]int }

// check returns an error unless in[0] is a shape of images and the factors are in
// range.
func (a upsampleAttrs) check(in []Shape) error {
	if len(in[0]) != 4 {
		return fmt.Errorf("want images [N, C, H, W], have %v", in[0])
	}
	for _, f := range a.Factor {
		if f < 1 || f > 1<<30 {
			return fmt.Errorf("factor %d: want at least 1 and less than 2^30", f)
		}
	}
	return nil
}

// window covers the copies of one pixel.
func (a upsampleAttrs) window() lower.Window { return lower.Window{Size: a.Factor, Stride: a.Factor} }

// upsampleOp repeats each pixel Factor times along the rows and the columns.
func upsampleOp() Op[upsampleAttrs] {
	return Op[upsampleAttrs]{
		Name:  "upsample",
		Arity: 1,
		Shape: func(a upsampleAttrs, in []Shape) ([]Shape, error) {
			if err := a.check(in); err != nil {
				return nil, err
			}
			s := in[0]
			return []Shape{{s[0], s[1], s[2] * a.Factor[0], s[3] * a.Factor[1]}}, nil
		},
		Define: func(a upsampleAttrs, in, out []Array) {
			each(out[0].Shape, func(k []int) {
				out[0].Set(in[0].At(k[0], k[1], k[2]/a.Factor[0], k[3]/a.Factor[1]), k...)
			})
		},
		Lower: func(a upsampleAttrs, f *lower.Func, in []lower.Value) []lower.Value {
			s := f.Shape(in[0])
			to := [2]int{s[2] * a.Factor[0], s[3] * a.Factor[1]}
			return f.Apply(lower.PoolSpread{Window: a.window(), Divisor: lower.NoDivisor, In: to}, in...)[:1]
		},
		Grad: func(a upsampleAttrs, p *Pullback) []*Node {
			return []*Node{upsampleGradOp().Apply(p.B, a, p.Grad[0])}
		},
	}
}

// upsampleGradOp adds up the gradients of all copies of a pixel.
func upsampleGradOp() Op[upsampleAttrs] {
	return Op[upsampleAttrs]{
		Name:  "upsample_grad",
		Arity: 1,
		Shape: func(a upsampleAttrs, in []Shape) ([]Shape, error) {
			if err := a.check(in); err != nil {
				return nil, err
			}
			s := in[0]
			if s[2]%a.Factor[0] != 0 || s[3]%a.Factor[1] != 0 {
				return nil, fmt.Errorf("%v is not an upsampling by %v", s, a.Factor)
			}
			return []Shape{{s[0], s[1], s[2] / a.Factor[0], s[3] / a.Factor[1]}}, nil
		},
		Define: func(a upsampleAttrs, in, out []Array) {
			each(in[0].Shape, func(k []int) {
				out[0].Add(in[0].At(k...), k[0], k[1], k[2]/a.Factor[0], k[3]/a.Factor[1])
			})
		},
		Lower: func(a upsampleAttrs, f *lower.Func, in []lower.Value) []lower.Value {
			return f.Apply(lower.PoolSum{Window: a.window(), Divisor: lower.NoDivisor}, in...)[:1]
		},
		Grad: func(a upsampleAttrs, p *Pullback) []*Node {
			return []*Node{upsampleOp().Apply(p.B, a, p.Grad[0])}
		},
	}
}

// Upsample2D repeats each pixel of images x [N, C, H, W] factor times along the
// rows and the columns: [N, C, H*factor, W*factor]. This is interpolation by the
// nearest neighbour.
func (b *Builder) Upsample2D(x *Node, factor Pair) *Node {
	return upsampleOp().Apply(b, upsampleAttrs{factor.Or(0)}, x)
}
