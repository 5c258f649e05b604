package graph

import (
	"fmt"

	"github.com/stheno-ml/stheno/lower"
)

// mapAttrs is the expression of an elementwise op.
type mapAttrs struct{ Expr lower.Expr }

// mapOp applies a scalar expression to operands that broadcast together. All
// elementwise ops use it. Its gradient is another map, of the expression's
// derivative, summed over the axes along which the operand was broadcast.
func mapOp() Op[mapAttrs] {
	return Op[mapAttrs]{
		Name:       "map",
		Arity:      -1,
		Overwrites: true,
		Shape: func(a mapAttrs, in []Shape) ([]Shape, error) {
			if !a.Expr.Valid() {
				return nil, fmt.Errorf("the expression is the zero Expr")
			}
			if n := a.Expr.Args(); n > len(in) {
				return nil, fmt.Errorf("the expression %v reads %d operands, have %d", a.Expr, n, len(in))
			}
			s, err := lower.Broadcast(in...)
			return []Shape{s}, err
		},
		Define: func(a mapAttrs, in, out []Array) {
			args := make([]float64, len(in))
			each(out[0].Shape, func(idx []int) {
				for k, x := range in {
					args[k] = x.At(broadcastIndex(x.Shape, idx)...)
				}
				out[0].Set(a.Expr.Eval(args...), idx...)
			})
		},
		Lower: func(a mapAttrs, f *lower.Func, in []lower.Value) []lower.Value {
			return []lower.Value{f.Map(a.Expr, in...)}
		},
		Grad: func(a mapAttrs, p *Pullback) []*Node {
			gs := make([]*Node, len(p.In))
			for i, x := range p.In {
				if !p.Want[i] || !a.Expr.Reads(i) {
					continue
				}
				e := a.Expr.Pullback(i, len(p.In))
				if e.Fn() == lower.FnNum && e.Value() == 0 {
					continue // such as of a comparison: the operand gets no gradient
				}
				args := append(append([]*Node(nil), p.In...), p.Grad[0])
				if short, ok := fromResult(a.Expr, e, len(p.In)); ok {
					e, args = short, []*Node{p.Grad[0], p.Out[0]}
				}
				gs[i] = p.B.SumTo(p.B.Map(e, args...), x)
			}
			return gs
		},
	}
}

// fromResult rewrites the pullback of an expression e of n operands in terms of the
// gradient, argument 0, and of the result of e, argument 1. ok is false if it would
// still read an operand. This way the backward pass needs only the result of an
// activation, not its operand.
func fromResult(e, pullback lower.Expr, n int) (short lower.Expr, ok bool) {
	short = pullback.Replace(e, lower.Arg(n+1))
	args := make([]lower.Expr, n+2)
	for i := range n {
		if short.Reads(i) {
			return pullback, false
		}
		args[i] = lower.Arg(0) // unused
	}
	args[n], args[n+1] = lower.Arg(0), lower.Arg(1)
	return short.Subst(args...), true
}

// each calls f with every index of the shape in row-major order.
func each(s Shape, f func(idx []int)) {
	idx := make([]int, len(s))
	for range s.Size() {
		f(idx)
		for i := len(s) - 1; i >= 0; i-- {
			if idx[i]++; idx[i] < s[i] {
				break
			}
			idx[i] = 0
		}
	}
}

// broadcastIndex returns the index in an operand of shape s of the element at idx of
// the broadcast shape.
func broadcastIndex(s Shape, idx []int) []int {
	at := make([]int, len(s))
	for i, d := range s {
		if d > 1 {
			at[i] = idx[len(idx)-len(s)+i]
		}
	}
	return at
}

// Map applies a scalar expression to the corresponding elements of nodes whose
// shapes broadcast together: Arg(i) is the element of xs[i]. It is
// differentiable as often as the expression is. Operands that the expression
// does not read only contribute their shape.
func (b *Builder) Map(e lower.Expr, xs ...*Node) *Node {
	used := len(xs) // drop operands that are not read and do not change the shape
	for used > 1 && e.Valid() && e.Args() < used && sameShape(xs[0], xs[used-1]) {
		used--
	}
	return mapOp().Apply(b, mapAttrs{e}, xs[:used]...)
}

func sameShape(a, b *Node) bool {
	return a != nil && b != nil && Shape(a.Shape()).Equal(Shape(b.Shape()))
}

func zero() lower.Expr { return lower.Num(0) }
func one() lower.Expr  { return lower.Num(1) }

// a0 and a1 are the operands of unary and binary expressions.
func a0() lower.Expr { return lower.Arg(0) }
func a1() lower.Expr { return lower.Arg(1) }

// Add is x + y, elementwise with broadcasting.
func (b *Builder) Add(x, y *Node) *Node { return b.Map(a0().Add(a1()), x, y) }

// Sub is x - y, elementwise with broadcasting.
func (b *Builder) Sub(x, y *Node) *Node { return b.Map(a0().Sub(a1()), x, y) }

// Mul is x * y, elementwise with broadcasting.
func (b *Builder) Mul(x, y *Node) *Node { return b.Map(a0().Mul(a1()), x, y) }

// Div is x / y, elementwise with broadcasting.
func (b *Builder) Div(x, y *Node) *Node { return b.Map(a0().Div(a1()), x, y) }

// AddN is the sum of one or more nodes, from left to right, with broadcasting.
func (b *Builder) AddN(xs ...*Node) *Node {
	e := a0()
	for i := 1; i < len(xs); i++ {
		e = e.Add(lower.Arg(i))
	}
	if len(xs) == 1 {
		return xs[0]
	}
	return b.Map(e, xs...)
}

// Scale is x times the constant c.
func (b *Builder) Scale(x *Node, c float64) *Node { return b.Map(a0().Mul(lower.Num(c)), x) }

// AddConst is x plus the constant c.
func (b *Builder) AddConst(x *Node, c float64) *Node { return b.Map(a0().Add(lower.Num(c)), x) }

// Neg is -x.
func (b *Builder) Neg(x *Node) *Node { return b.Map(a0().Neg(), x) }

// Square is x*x.
func (b *Builder) Square(x *Node) *Node { return b.Map(a0().Square(), x) }

// Sqrt is the square root of x.
func (b *Builder) Sqrt(x *Node) *Node { return b.Map(lower.Sqrt(a0()), x) }

// Exp is e to the power of x.
func (b *Builder) Exp(x *Node) *Node { return b.Map(lower.Exp(a0()), x) }

// Log is the natural logarithm of x.
func (b *Builder) Log(x *Node) *Node { return b.Map(lower.Log(a0()), x) }
