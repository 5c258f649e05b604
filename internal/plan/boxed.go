package plan

import (
	"fmt"
	"slices"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/exprgraph"
	"github.com/stheno-ml/stheno/lower"
)

// boxed reports whether a node has another type than the plan: an integer, a truth
// value or the other float. Its value is in a box, or bound to the node if it is an
// input.
func (g *gatherer) boxed(n *graph.Node) bool { return n.Dtype() != g.Dtype }

// otherType says why a node of another type, or with an operand of another type, runs
// on the host. It returns "" for any other node.
func (g *gatherer) otherType(o exprgraph.Ordered) string {
	if g.boxed(o.Node) {
		return fmt.Sprintf("its elements are %v, the plan's are %v", o.Node.Dtype(), g.Dtype)
	}
	for i, x := range o.Operands {
		if g.boxed(x) && !(i == len(o.Operands)-1 && takesRows(o.Node, o.Operands)) {
			return fmt.Sprintf("operand %d, %s, is %v, the result is %v", i, x.Name(), x.Dtype(), o.Node.Dtype())
		}
	}
	return ""
}

// lowerBoxed lowers a boxed node as if the plan had the node's type. It returns an
// empty Lowering, and the node runs by its own Do, if the op keeps state between runs
// or can change between runs.
func (g *gatherer) lowerBoxed(o exprgraph.Ordered, settings machineSettings) (*Lowering, error) {
	if _, lowers := o.Node.Op().(graph.Lowerer); lowers {
		return &Lowering{}, nil
	}
	m, ok, err := g.matcher.lowerBuiltin(o.Node, o.Operands, settings)
	if err != nil {
		return nil, err
	}
	if !ok || len(m.State) > 0 || m.Stale != nil || m.Changed != nil {
		return &Lowering{}, nil
	}
	return m, nil
}

// comparesArrays reports whether a boxed node compares two arrays of the plan's type.
// The plan computes such a comparison as numbers, 1 and 0, and converts them to truth
// values.
func (g *gatherer) comparesArrays(o exprgraph.Ordered, m *Lowering) bool {
	of, ok := g.matcher.compares(o.Node, o.Operands)
	return ok && of == g.Dtype && m != nil && m.Func != nil
}

// host adds the step of a node that runs on the host.
func (g *gatherer) host(f *lower.Func, o exprgraph.Ordered) {
	p := Host{Node: o.Node, Box: -1}
	if m := g.lowerings[o.Node]; g.comparesArrays(o, m) {
		p.Box, p.Truth, p.From = g.Boxes, true, []Operand{{Box: -1}}
		g.boxes[o.Node] = p.Box
		g.Boxes++
		numbers := f.Inline(m.Func, g.values[o.Operands[0]], g.values[o.Operands[1]])
		g.values[o.Node] = f.Apply(p, numbers[0])[0]
		return
	}
	if g.boxed(o.Node) {
		p.Box = g.Boxes
		g.boxes[o.Node] = p.Box
		g.Boxes++
		if m := g.lowerings[o.Node]; m != nil && o.Node.Dtype() != tensor.Bool {
			p.Func, p.Value = m.Func, m.Value
		}
	}
	var args []lower.Value
	for _, x := range o.Operands {
		in := Operand{Box: -1}
		switch {
		case g.boxed(x) && x.Op() == nil:
			in.Input = x
		case g.boxed(x):
			in.Box = g.boxes[x]
			args = append(args, g.values[x])
		default:
			in.Back, in.Of = KindOf(o.Node.Op()) == "", x
			args = append(args, g.values[x])
		}
		p.From = append(p.From, in)
	}
	outs := f.Apply(p, args...)
	g.values[o.Node], outs = outs[0], outs[1:]
	for _, in := range p.From {
		if in.Back { // later readers see the operand as Do left it
			g.values[in.Of], outs = outs[0], outs[1:]
			g.written[in.Of] = true
		}
	}
}

// Box returns the box of the i-th kept node. ok is false if its value is not in a
// box.
func (p *Plan) Box(i int) (box int, ok bool) {
	if i < 0 || i >= len(p.boxOf) || p.boxOf[i] < 0 {
		return 0, false
	}
	return p.boxOf[i], true
}

// boxesOf returns the box of each node, or -1. It returns nil if the plan has no
// boxes.
func (g *gatherer) boxesOf(nodes []*graph.Node) []int {
	if g.Boxes == 0 {
		return nil
	}
	out := slices.Repeat([]int{-1}, len(nodes))
	for i, n := range nodes {
		if box, ok := g.boxes[n]; ok {
			out[i] = box
		}
	}
	return out
}
