package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
)

// Checks for nodes that stand for several: Gorgonia merges two nodes although they
// differ in something that it does not compare.

// sameName checks for an input that the program made more than once.
func (x *graphFacts) sameName(n *graph.Node) string {
	if len(x.operands[n]) > 0 || IsConstant(n) || x.timesMade(n) < 2 {
		return ""
	}
	return fmt.Sprintf("%d inputs have this name, type and shape, and Gorgonia made them one node: give each its own name (WithName)", x.timesMade(n))
}

// constantOfOtherType checks for a constant of another type than the operand beside
// it.
func (x *graphFacts) constantOfOtherType(n *graph.Node) string {
	if !IsConstant(n) {
		return ""
	}
	for _, r := range x.readers[n] {
		for _, c := range x.operands[r] {
			if KindOf(r.Op()) == "elemBinOp" && c.Dtype() != n.Dtype() {
				return fmt.Sprintf("it is %v and is read with %s, which is %v: Gorgonia merges constants that print the same, whatever their types; give each its own name", n.Dtype(), c.Name(), c.Dtype())
			}
		}
	}
	return ""
}

// samePrint checks for a constant too large to print in full.
func (x *graphFacts) samePrint(n *graph.Node) string {
	if KindOf(n.Op()) != "constantTensor" || !x.shared(n) || !strings.Contains(n.Name(), "...") {
		return ""
	}
	return "Gorgonia merges large constants that agree at their edges: give each its own name, or make them inputs"
}

// twice checks for an op that reads one node twice where that makes no sense.
func (x *graphFacts) twice(n *graph.Node) string {
	in := x.operands[n]
	if len(in) < 2 || x.backward[n] || IsConstant(in[0]) || !slices.ContainsFunc(in[1:], func(c *graph.Node) bool { return c == in[0] }) {
		return ""
	}
	kind, name := KindOf(n.Op()), textOf(n)
	switch {
	case kind == "elemBinOp" && (strings.HasPrefix(name, "⊙") || strings.HasPrefix(name, "^")): // x*x and x^x make sense
		return ""
	case kind == "elemBinOp", kind == "concatOp", kind == "minBetween", kind == "maxBetween":
		return fmt.Sprintf("its operands are one node, %s: if you meant two, Gorgonia took them for equal", in[0].Name())
	}
	return ""
}

// sameSlice checks for a slice that may stand for another whose bounds differ by a
// multiple of 256. Gorgonia compares only the low byte of each bound.
func (x *graphFacts) sameSlice(n *graph.Node) string {
	c, extent, ok := x.rangeAt(n)
	if !ok || x.backward[n] {
		return ""
	}
	end := c.start + (c.count-1)*c.step + 1
	for shift := c.start%256 - c.start; end+shift <= extent; shift += 256 {
		if shift == 0 || !x.shared(n) && !x.coversAllBut(n, c, shift) {
			continue
		}
		return fmt.Sprintf("slices %d:%d and %d:%d of axis %d of %s are one node, because Gorgonia compares bounds modulo 256: use package graph's Slice, or reshape first", c.start, end, c.start+shift, end+shift, c.axis, x.operands[n][0].Name())
	}
	return ""
}

// rangeAt reads the range of a slice node and the extent of the sliced axis.
func (x *graphFacts) rangeAt(n *graph.Node) (c stridedRange, extent int, ok bool) {
	operands := x.operands[n]
	if KindOf(n.Op()) != "sliceOp" || len(operands) != 1 {
		return stridedRange{}, 0, false
	}
	s := newOpContext(n, "sliceOp", operands)
	if s.m.Host != "" {
		return stridedRange{}, 0, false
	}
	if c, ok = s.readRange(s.in[0], s.out.Size()); !ok || c.count == 0 {
		return stridedRange{}, 0, false
	}
	return c, s.in[0][c.axis], true
}

// coversAllBut reports whether other slices read the operand along the same axis, and
// none of them overlaps the range shifted from this one. Then that range may have
// been merged with this one.
func (x *graphFacts) coversAllBut(n *graph.Node, c stridedRange, shift int) bool {
	others := 0
	for _, r := range x.readers[x.operands[n][0]] {
		o, _, ok := x.rangeAt(r)
		if !ok || o.axis != c.axis || r == n {
			continue
		}
		others++
		if o.start < c.start+shift+c.count*c.step && c.start+shift < o.start+o.count*o.step {
			return false
		}
	}
	return others > 0
}

// sameParts checks the gradients of a concatenation's operands. Gorgonia makes them
// as slices, and merges those whose bounds are equal modulo 256.
func (x *graphFacts) sameParts(n *graph.Node) string {
	if KindOf(n.Op()) != "concatOp" || n.Deriv() == nil {
		return ""
	}
	s := newOpContext(n, "concatOp", x.operands[n])
	axis := s.int("axis")
	starts := make([]int, len(s.in))
	for j, at := 0, 0; j < len(s.in); j++ {
		if s.err != nil || axis < 0 || axis >= len(s.in[j]) {
			return ""
		}
		starts[j] = at
		at += s.in[j][axis]
		for i := range j {
			if lower.Shape(s.in[i]).Equal(s.in[j]) && (starts[j]-starts[i])%256 == 0 && s.operands[i].Deriv() != nil && s.operands[j].Deriv() != nil {
				return fmt.Sprintf("the gradients of its operands %d and %d are one node, the first's gradient: they begin at %d and %d, and Gorgonia compares bounds modulo 256; use package graph's Concat and Grad", i, j, starts[i], starts[j])
			}
		}
	}
	return ""
}

// sameDropout checks for a dropout that may stand for several.
func (x *graphFacts) sameDropout(n *graph.Node) string {
	if KindOf(n.Op()) != "dropoutOp" || !x.shared(n) {
		return ""
	}
	return "dropouts of one input are one node, with the first's probability: if you meant two, use package graph's Dropout"
}

// softmax checks for a softmax that became, or was merged with, its logarithm.
func (x *graphFacts) softmax(n *graph.Node) string {
	if KindOf(n.Op()) != "softmaxOp" {
		return ""
	}
	s := newOpContext(n, "softmaxOp", x.operands[n])
	switch log := s.bool("isLog"); {
	case s.err != nil:
	case log:
		return "it is the logarithm of a softmax for every reader: Log of a SoftMax changes the SoftMax itself, and a SoftMax of a LogSoftMax's operand is that LogSoftMax; for the probabilities take Exp of it"
	case x.timesMade(n) > 1:
		return "a LogSoftMax of a SoftMax's operand is that SoftMax: if you meant a logarithm, take Log of it, and Exp of that for the probabilities"
	}
	return ""
}
