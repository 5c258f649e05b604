package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
)

// Nodes that may stand for several, since Gorgonia tells nodes apart by less
// than all that makes them.

// sameName suspects an input that was made more than once.
func (x *graphFacts) sameName(n *graph.Node) string {
	if len(x.operands[n]) > 0 || IsConstant(n) || x.timesMade(n) < 2 {
		return ""
	}
	return fmt.Sprintf("%d inputs of this name, type and shape are this one: give each a name of its own (WithName)", x.timesMade(n))
}

// otherType suspects a constant of another type than what it is used with.
func (x *graphFacts) constantOfOtherType(n *graph.Node) string {
	if !IsConstant(n) {
		return ""
	}
	for _, r := range x.readers[n] {
		for _, c := range x.operands[r] {
			if KindOf(r.Op()) == "elemBinOp" && c.Dtype() != n.Dtype() {
				return fmt.Sprintf("it is %v and is read with %s, which is %v: constants that print the same are one whatever their types; give each a name of its own", n.Dtype(), c.Name(), c.Dtype())
			}
		}
	}
	return ""
}

// samePrint suspects a constant too large to be printed whole.
func (x *graphFacts) samePrint(n *graph.Node) string {
	if KindOf(n.Op()) != "constantTensor" || !x.shared(n) || !strings.Contains(n.Name(), "...") {
		return ""
	}
	return "large constants that agree at their edges are one node: give each a name of its own, or make them inputs"
}

// twice suspects an op whose operands are one node, where that makes no sense.
func (x *graphFacts) twice(n *graph.Node) string {
	in := x.operands[n]
	if len(in) < 2 || x.backward[n] || IsConstant(in[0]) || !slices.ContainsFunc(in[1:], func(c *graph.Node) bool { return c == in[0] }) {
		return ""
	}
	kind, name := KindOf(n.Op()), textOf(n)
	switch {
	case kind == "elemBinOp" && (strings.HasPrefix(name, "⊙") || strings.HasPrefix(name, "^")): // a square, a tetration
		return ""
	case kind == "elemBinOp", kind == "concatOp", kind == "minBetween", kind == "maxBetween":
		return fmt.Sprintf("its operands are one node, %s: if two were meant, Gorgonia took them for equal", in[0].Name())
	}
	return ""
}

// sameSlice suspects a slice for which another, with bounds that differ by a
// multiple of 256, may have been meant: bounds are compared by their low bytes.
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
		return fmt.Sprintf("slices %d:%d and %d:%d of axis %d of %s are one node, for bounds are compared modulo 256: use package graph's Slice, or reshape before", c.start, end, c.start+shift, end+shift, c.axis, x.operands[n][0].Name())
	}
	return ""
}

// cutAt reads a slice.
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

// missing reports whether an operand is taken apart by slices, but for what
// lies shifted from this one.
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

// sameParts suspects the gradients of a concatenation's operands, which are
// slices of its own.
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
				return fmt.Sprintf("the gradients of its operands %d and %d are one node, that of the first: they begin at %d and %d, which are compared modulo 256; use package graph's Concat and Grad", i, j, starts[i], starts[j])
			}
		}
	}
	return ""
}

// sameDropout suspects a dropout that may be several.
func (x *graphFacts) sameDropout(n *graph.Node) string {
	if KindOf(n.Op()) != "dropoutOp" || !x.shared(n) {
		return ""
	}
	return "dropouts of one input are one node, with the first's probability: if two were meant, use package graph's Dropout"
}

// softmax suspects one that is its logarithm, or that its logarithm merged with.
func (x *graphFacts) softmax(n *graph.Node) string {
	if KindOf(n.Op()) != "softmaxOp" {
		return ""
	}
	s := newOpContext(n, "softmaxOp", x.operands[n])
	switch log := s.bool("isLog"); {
	case s.err != nil:
	case log:
		return "it is the logarithm of a softmax, for all that read it: Log of a SoftMax turns the SoftMax itself, and a SoftMax of the operand of a LogSoftMax is that one; for the probabilities take Exp of it"
	case x.timesMade(n) > 1:
		return "a LogSoftMax of the operand of a SoftMax is that SoftMax: if one was meant, take Log of it, and Exp of that for the probabilities"
	}
	return ""
}
