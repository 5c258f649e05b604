package plan

import (
	"fmt"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
)

// gather writes what the kept nodes and the updates need as one function.
func gather(s Source) (*Plan, error) {
	b := s.Builder
	if err := b.Err(); err != nil {
		return nil, err
	}
	p := &Plan{Dtype: b.Dtype(), Kept: s.Keep, Updates: b.Updates()}
	targets := append([]*graph.Node(nil), p.Kept...)
	for _, u := range p.Updates {
		targets = append(targets, u.Next)
	}
	if len(targets) == 0 {
		return nil, fmt.Errorf("plan: nothing is wanted of the graph: keep a node, or update a parameter")
	}
	order, err := graph.Order(b.Graph(), targets...)
	if err != nil {
		return nil, err
	}
	var shapes []lower.Shape
	for _, n := range order {
		if len(n.Operands) == 0 {
			p.Inputs = append(p.Inputs, n.Node)
			shapes = append(shapes, lower.Shape(n.Node.Shape()))
		}
	}
	f := lower.NewFunc(shapes...)
	values := map[*graph.Node]lower.Value{}
	for i, n := range p.Inputs {
		values[n] = f.In(i)
	}
	for _, n := range order {
		if len(n.Operands) == 0 {
			continue
		}
		args := make([]lower.Value, len(n.Operands))
		for i, o := range n.Operands {
			args[i] = values[o]
		}
		if a, ok := graph.AppliedAt(n.Node); ok {
			values[n.Node] = packed(f, f.Inline(a.Lowered(), args...))
			continue
		}
		if n.Node.Dtype() != p.Dtype {
			return nil, fmt.Errorf("plan: node %s is %v, the graph %v", n.Node.Name(), n.Node.Dtype(), p.Dtype)
		}
		values[n.Node] = f.Apply(Host{n.Node}, args...)[0]
	}
	results := make([]lower.Value, len(targets))
	for i, n := range targets {
		results[i] = values[n]
	}
	f.Return(results...)
	p.Func = f
	return p, f.Err()
}

// packed puts several results one after the other, as the graph's node of such
// an op holds them. The pass unpack takes the packing away again.
func packed(f *lower.Func, outs []lower.Value) lower.Value {
	if len(outs) == 1 {
		return outs[0]
	}
	flat := make([]lower.Value, len(outs))
	for i, v := range outs {
		flat[i] = f.Reshape(v, f.Shape(v).Size())
	}
	return f.Concat(0, flat...)
}
