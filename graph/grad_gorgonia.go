package graph

import (
	"fmt"
	"math"
	"reflect"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/internal/exprgraph"
	"github.com/stheno-ml/stheno/lower"
)

// pullGorgonia differentiates one of Gorgonia's own ops: by what is here where
// Gorgonia's gradient is wrong or missing, else by Gorgonia's.
func pullGorgonia(p *Pullback) []*Node {
	n := p.Out[0]
	defer p.B.recoverPanic("gradient of", n.Name())
	t := reflect.TypeOf(n.Op())
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.PkgPath() == reflect.TypeFor[gorgonia.Node]().PkgPath() {
		for _, name := range []string{t.Name(), t.Name() + " " + fmt.Sprint(n.Op())} {
			if pull := pulls[name]; pull != nil {
				return pull(p, reflect.Indirect(reflect.ValueOf(n.Op())))
			}
		}
	}
	return symDiff(p)
}

// pulls are the gradients of ops of Gorgonia's, by the name of the op's type,
// or that and the op's text. op is its struct.
var pulls = map[string]func(p *Pullback, op reflect.Value) []*Node{
	"repeatOp":            pullRepeat,
	"concatOp":            pullConcat,
	"linAlgBinOp a ⊗ b":   pullOuter,
	"globalAveragePoolOp": pullGlobalMean,

	"elemUnaryOp log2":    pullMap(lower.Log(a0()).Mul(lower.Num(1 / math.Ln2))),
	"elemUnaryOp invSqrt": pullMap(one().Div(lower.Sqrt(a0()))),
	"elemBinOp ^ false":   pullMap(lower.Pow(a0(), a1())),
}

// pullMap is the gradient of an expression of operands, each of which may be
// one number.
func pullMap(e lower.Expr) func(p *Pullback, op reflect.Value) []*Node {
	return func(p *Pullback, _ reflect.Value) []*Node {
		return mapOp().Grad(mapAttrs{e}, p)
	}
}

// pullRepeat sums what went to each copy of an element. An operand's axes of
// extent 1 may be missing at its end, as along those it is repeated.
func pullRepeat(p *Pullback, op reflect.Value) []*Node {
	x, along := p.In[0], int(op.FieldByName("along").Int())
	split := Shape(x.Shape()).Clone()
	for len(split) <= along {
		split = append(split, 1)
	}
	times := Shape(p.Out[0].Shape()).Size() / split.Size()
	split = append(append(split[:along+1].Clone(), times), split[along+1:]...)
	g := p.B.Sum(p.B.Reshape(p.Grad[0], split...), along+1)
	return []*Node{p.B.Reshape(g, x.Shape()...), nil}
}

// pullConcat cuts the gradient into parts: Gorgonia's slices are one where their
// bounds are the same modulo 256.
func pullConcat(p *Pullback, op reflect.Value) []*Node {
	axis, at := int(op.FieldByName("axis").Int()), 0
	gs := make([]*Node, len(p.In))
	for i, x := range p.In {
		end := at + x.Shape()[axis]
		if p.Want[i] {
			gs[i] = p.B.Slice(p.Grad[0], axis, at, end)
		}
		at = end
	}
	return gs
}

// pullOuter is the gradient of the product of a column with a row: g b and g^T a.
func pullOuter(p *Pullback, _ reflect.Value) []*Node {
	b, gs := p.B, make([]*Node, 2)
	column := func(x *Node) *Node { return b.Reshape(x, x.DataSize(), 1) }
	if p.Want[0] {
		gs[0] = b.Reshape(b.MatMul(p.Grad[0], column(p.In[1])), p.In[0].Shape()...)
	}
	if p.Want[1] {
		gs[1] = b.Reshape(b.MatMul(b.Transpose(p.Grad[0], 1, 0), column(p.In[0])), p.In[1].Shape()...)
	}
	return gs
}

// pullGlobalMean gives each pixel an equal share.
func pullGlobalMean(p *Pullback, _ reflect.Value) []*Node {
	x := p.In[0]
	s := x.Shape()
	g := p.B.Reshape(p.Grad[0], s[0], s[1], 1, 1)
	return []*Node{p.B.Map(a0().Mul(lower.Num(1/float64(s[2]*s[3]))), g, x)}
}

// symDiff differentiates by the op's own gradient.
func symDiff(p *Pullback) []*Node {
	b, n := p.B, p.Out[0]
	op, ok := n.Op().(gorgonia.SDOp)
	if !ok {
		b.Failf("gradient: %s cannot be differentiated", n.Name())
		return nil
	}
	var gs gorgonia.Nodes
	var err error
	exprgraph.WithBuildLock(func() { gs, err = op.SymDiff(p.In, n, p.Grad[0]) })
	if err != nil {
		b.Failf("gradient of %s: gorgonia: %w", n.Name(), err)
		return nil
	}
	return gs
}

// differentiable tells, for each operand of a node, whether its op has a gradient
// with respect to it. An op that says nothing of it has.
func differentiable(n *Node, operands int) []bool {
	if op, ok := n.Op().(gorgonia.SDOp); ok {
		if d := op.DiffWRT(operands); len(d) == operands {
			return d
		}
	}
	d := make([]bool, operands)
	for i := range d {
		d[i] = true
	}
	return d
}
