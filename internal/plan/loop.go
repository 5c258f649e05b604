package plan

import (
	"fmt"
	"strings"

	"github.com/stheno-ml/stheno/lower"
)

// Loop is one pass over operands of one shape that computes several results. Each
// result is an expression in the operands, stored element by element or reduced along
// axes.
type Loop struct{ Results []LoopResult }

// LoopResult is one result of a Loop.
type LoopResult struct {
	Expr lower.Expr
	// Along is how the elements are reduced; nil if every element is stored.
	Along *lower.Reduce
}

func (r LoopResult) String() string {
	if r.Along == nil {
		return r.Expr.String()
	}
	return r.Along.String() + " " + r.Expr.String()
}

func (p Loop) String() string { return "loop " + p.list() }

func (p Loop) list() string {
	parts := make([]string, len(p.Results))
	for i, r := range p.Results {
		parts[i] = r.String()
	}
	return "{" + strings.Join(parts, "; ") + "}"
}

// Exprs returns the expressions of the results.
func (p Loop) Exprs() []lower.Expr {
	out := make([]lower.Expr, len(p.Results))
	for i, r := range p.Results {
		out[i] = r.Expr
	}
	return out
}

// Infer takes operands of one shape, as many as the expressions read.
func (p Loop) Infer(in []lower.Shape) ([]lower.Shape, error) {
	if len(p.Results) == 0 {
		return nil, fmt.Errorf("the loop has no results")
	}
	var out []lower.Shape
	for _, r := range p.Results {
		shapes, err := lower.Map{Expr: r.Expr}.Infer(in)
		if err == nil && r.Along != nil {
			shapes, err = r.Along.Infer(shapes)
		}
		if err != nil {
			return nil, err
		}
		out = append(out, shapes[0])
	}
	return out, nil
}

// Product is a product of two arrays (lower.MatMul, lower.Conv, lower.ConvData) or a
// pool, with a loop that runs on it block by block while the block is in the cache. Its
// operands are the product's and then the loop's, without the loop's first operand,
// which is the product.
type Product struct {
	Of   lower.Prim
	Loop Loop
}

// Reads returns the number of the product's own operands.
func (p Product) Reads() int { return p.Of.Facts().Operands }

func (p Product) String() string { return p.Of.String() + " then " + p.Loop.list() }

// Infer takes the product's operands and then arrays of the product's shape.
func (p Product) Infer(in []lower.Shape) ([]lower.Shape, error) {
	n := p.Reads()
	if len(in) < n {
		return nil, fmt.Errorf("want at least %d operands, have %d", n, len(in))
	}
	c, err := p.Of.Infer(in[:n])
	if err != nil {
		return nil, err
	}
	return p.Loop.Infer(append(c, in[n:]...))
}

// Group is several small loops that do not depend on each other, as one step. Each
// has its own shape. Their operands follow one another.
type Group struct{ Members []Member }

// Member is one loop of a Group.
type Member struct {
	Loop  Loop
	Reads int // the number of its operands
}

func (p Group) String() string {
	parts := make([]string, len(p.Members))
	for i, m := range p.Members {
		parts[i] = m.Loop.list()
	}
	return "group " + strings.Join(parts, " ")
}

// Infer takes the members' operands, one member after the other.
func (p Group) Infer(in []lower.Shape) ([]lower.Shape, error) {
	var out []lower.Shape
	for _, m := range p.Members {
		if len(in) < m.Reads {
			return nil, fmt.Errorf("want %d more operands, have %d", m.Reads, len(in))
		}
		shapes, err := m.Loop.Infer(in[:m.Reads])
		if err != nil {
			return nil, err
		}
		out, in = append(out, shapes...), in[m.Reads:]
	}
	if len(in) > 0 {
		return nil, fmt.Errorf("%d operands too many", len(in))
	}
	return out, nil
}

// LoopOf returns an elementwise step or a reduction as a loop.
func LoopOf(p lower.Prim) (Loop, bool) {
	switch p := p.(type) {
	case Loop:
		return p, true
	case lower.Map:
		return Loop{[]LoopResult{{Expr: p.Expr}}}, true
	case lower.Reduce:
		return Loop{[]LoopResult{{Expr: lower.Arg(0), Along: &p}}}, true
	}
	return Loop{}, false
}
