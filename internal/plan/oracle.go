package plan

import (
	"fmt"
	"slices"

	"gorgonia.org/gorgonia"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/exprgraph"
	"github.com/stheno-ml/stheno/internal/op"
	"github.com/stheno-ml/stheno/lower"
)

// Definition is a node before any pass. A machine's value of the node is checked
// against it.
type Definition struct {
	Node *graph.Node
	// From are the nodes that it is computed from: its operands, or the operands of
	// the whole pattern if it ends a pattern of Gorgonia's nodes.
	From []*graph.Node
	// Func computes it from From and then State; nil for inputs, constants and nodes
	// that run on the host.
	Func  *lower.Func
	State []InputSource
	// Written marks a node if a program's own Do may have written into its value or
	// an operand's value. Then its value need not follow from its operands.
	Written bool
	// Value is a constant's value.
	Value gorgonia.Value
}

// Definitions returns the nodes that a source needs, operands first.
func Definitions(s Source) ([]Definition, error) {
	g, err := gatherAll(s)
	if err != nil {
		return nil, err
	}
	out := make([]Definition, len(g.order))
	for i, o := range g.order {
		d := Definition{Node: o.Node, From: o.Operands}
		if g.from[o.Node] != nil {
			d.From = g.from[o.Node]
		}
		if g.otherType(o) != "" {
			out[i] = d // on the host
			continue
		}
		if a, ours := op.At(o.Node); ours {
			d.Func = packedFunc(a.Lowered())
		} else if m := g.lowerings[o.Node]; m != nil {
			d.Func, d.Value = m.Func, m.Value
			for _, k := range g.inputs[o.Node] {
				d.State = append(d.State, g.Inputs[k])
			}
		}
		d.Written = g.written[o.Node] || slices.ContainsFunc(d.From, func(x *graph.Node) bool { return g.written[x] })
		out[i] = d
	}
	return out, nil
}

// packedFunc returns f with its results packed into one, as their node has them.
func packedFunc(f *lower.Func) *lower.Func {
	if len(f.Results()) == 1 {
		return f
	}
	shapes := make([]lower.Shape, f.Inputs())
	args := make([]lower.Value, f.Inputs())
	for i := range shapes {
		shapes[i], args[i] = f.Shape(lower.Value(i)), lower.Value(i)
	}
	one := lower.NewFunc(shapes...)
	one.Return(packed(one, one.Inline(f, args...)))
	return one
}

// Everything returns all nodes with an op that a source needs. If all of them are
// kept, no pass can remove their values.
func (s Source) Everything() ([]*graph.Node, error) {
	targets := slices.Clone(s.Keep)
	for _, u := range s.Updates {
		targets = append(targets, u.Next)
	}
	order, err := exprgraph.Order(s.Graph, targets...)
	if err != nil {
		return nil, fmt.Errorf("plan: %w", err)
	}
	var out []*graph.Node
	for _, o := range order {
		if o.Node.Op() != nil {
			out = append(out, o.Node)
		}
	}
	return out, nil
}
