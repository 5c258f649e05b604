package graph

import (
	"fmt"
	"math"
	"reflect"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/internal/exprgraph"
	"github.com/stheno-ml/stheno/lower"
)

// pullGorgonia differentiates one of Gorgonia's own ops. It uses a gradient of this
// file where Gorgonia's is wrong or missing, and Gorgonia's elsewhere.
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

// pulls has gradients of Gorgonia's ops. The key is the name of the op's type, alone
// or with the op's text. op is the op's struct.
var pulls = map[string]func(p *Pullback, op reflect.Value) []*Node{
	"repeatOp":            pullRepeat,
	"concatOp":            pullConcat,
	"linAlgBinOp a ⊗ b":   pullOuter,
	"globalAveragePoolOp": pullGlobalMean,

	"elemUnaryOp log2":    pullMap(lower.Log(a0()).Mul(lower.Num(1 / math.Ln2))),
	"elemUnaryOp invSqrt": pullMap(one().Div(lower.Sqrt(a0()))),
	"elemBinOp ^ false":   pullMap(lower.Pow(a0(), a1())),
}

// pullMap is the gradient of an expression of the operands. An operand can be a
// scalar.
func pullMap(e lower.Expr) func(p *Pullback, op reflect.Value) []*Node {
	return func(p *Pullback, _ reflect.Value) []*Node {
		return mapOp().Grad(mapAttrs{e}, p)
	}
}

// pullRepeat sums the gradients of all copies of an element. The operand can lack
// trailing axes of extent 1 that the op repeats.
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

// pullConcat slices the gradient with our op: Gorgonia merges slices whose bounds
// are equal modulo 256.
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

// pullGlobalMean divides the gradient equally among the pixels.
func pullGlobalMean(p *Pullback, _ reflect.Value) []*Node {
	x := p.In[0]
	s := x.Shape()
	g := p.B.Reshape(p.Grad[0], s[0], s[1], 1, 1)
	return []*Node{p.B.Map(a0().Mul(lower.Num(1/float64(s[2]*s[3]))), g, x)}
}

// symDiff uses the op's own symbolic gradient.
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

// differentiable reports for each operand of a node whether the op has a gradient
// with respect to it. It assumes so for an op that does not say.
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
