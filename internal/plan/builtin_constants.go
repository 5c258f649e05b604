package plan

import (
	"fmt"
	"math"
	"strings"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/internal/exprgraph"
	"github.com/stheno-ml/stheno/lower"
)

// Nodes whose value never changes: constants, sizes, and functions of them.

func builtinConstant(s *opContext) lower.Value {
	v, ok := s.node.Op().(interface{ Value() gorgonia.Value })
	if !ok {
		s.err = fmt.Errorf("plan: Gorgonia's %s has no Value as in version 0.9.18: use that version", s.kind)
		return 0
	}
	s.m.Value = v.Value()
	return 0
}

func builtinSize(s *opContext) lower.Value {
	axis := s.int("axis")
	switch {
	case !s.hasOperands(1):
	case len(s.in[0]) == 0:
		s.size, s.m.Value = 1, s.scalar(1)
	case axis < 0 || axis >= len(s.in[0]):
		s.host(fmt.Sprintf("axis %d is outside of shape %v", axis, s.in[0]))
	default:
		s.size = float64(s.in[0][axis])
		s.m.Value = s.scalar(s.size)
	}
	return 0
}

// directConstant returns the number that a constant node holds.
func directConstant(n *gorgonia.Node) (float64, bool) {
	c, ok := n.Op().(interface{ Value() gorgonia.Value })
	if !ok || !strings.HasPrefix(KindOf(n.Op()), "constant") || c.Value().Shape().TotalSize() != 1 {
		return 0, false
	}
	switch v := c.Value().Data().(type) {
	case float64:
		return v, true
	case float32:
		return float64(v), true
	case []float64:
		return v[0], true
	case []float32:
		return float64(v[0]), true
	}
	return 0, false
}

// constantOf returns the number that a node always has: a constant, a size, or an
// elementwise function of such numbers. The exponents in gradients of powers are of
// the last kind.
func constantOf(n *gorgonia.Node) (float64, bool) {
	if c, ok := directConstant(n); ok {
		return c, true
	}
	kind := KindOf(n.Op())
	if kind != "elemBinOp" && kind != "elemUnaryOp" && kind != "sizeOp" || shapeOf(n).Size() != 1 {
		return 0, false
	}
	operands, err := exprgraph.Operands(n.Graph(), n)
	if err != nil {
		return 0, false
	}
	c, ok := constantUnder(n, kind, operands)
	if n.Dtype() == tensor.Float32 {
		c = float64(float32(c))
	}
	return c, ok
}

func constantUnder(n *gorgonia.Node, kind string, operands []*gorgonia.Node) (float64, bool) {
	s := newOpContext(n, kind, operands)
	if kind == "sizeOp" {
		builtinSize(s)
		return s.size, s.err == nil && s.m.Host == ""
	}
	args := make([]float64, len(operands))
	for i, x := range operands {
		c, ok := constantOf(x)
		if !ok {
			return 0, false
		}
		args[i] = c
	}
	name, _, _ := strings.Cut(s.opText(), " ")
	unary, binary := unaries[name], binaries[name]
	switch {
	case name == "^" && len(args) == 2:
		return math.Pow(args[0], args[1]), true
	case len(args) == 1 && unary != nil:
		return unary(lower.Arg(0)).Eval(args...), true
	case len(args) == 2 && binary != nil:
		return binary(lower.Arg(0), lower.Arg(1)).Eval(args...), true
	}
	return 0, false
}
