package plan

import (
	"fmt"
	"slices"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/exprgraph"
	"github.com/stheno-ml/stheno/internal/op"
	"github.com/stheno-ml/stheno/lower"
)

// gatherer writes a graph as one function.
type gatherer struct {
	*Plan
	matcher   *Matcher
	operands  map[*graph.Node][]*graph.Node
	lowerings map[*graph.Node]*Lowering     // of Gorgonia's ops
	from      map[*graph.Node][]*graph.Node // a matched pattern's operands
	inputs    map[*graph.Node][]int         // the inputs of the function that belong to a node
	values    map[*graph.Node]lower.Value
	written   map[*graph.Node]bool // nodes whose value a program's own Do may overwrite
	next      []lower.Value
	boxes     map[*graph.Node]int // the boxes of computed nodes of another type
}

// gather writes the computation of the kept nodes and the updates as one function.
func gather(s Source) (*Plan, error) {
	g, err := gatherAll(s)
	if err != nil {
		return nil, err
	}
	return g.Plan, g.Func.Err()
}

func gatherAll(s Source) (*gatherer, error) {
	nodes := 0 // an upper bound
	if s.Graph != nil {
		nodes = len(s.Graph.AllNodes())
	}
	g := &gatherer{
		Plan:      &Plan{Dtype: s.Dtype, Kept: s.Keep, Unpublished: s.Unpublished, Updates: s.Updates},
		operands:  make(map[*graph.Node][]*graph.Node, nodes),
		lowerings: make(map[*graph.Node]*Lowering, nodes),
		from:      make(map[*graph.Node][]*graph.Node, nodes),
		inputs:    map[*graph.Node][]int{},
		values:    make(map[*graph.Node]lower.Value, nodes),
		written:   map[*graph.Node]bool{},
		boxes:     map[*graph.Node]int{},
	}
	g.matcher = NewMatcher(nodes, func(n *graph.Node) []*graph.Node { return g.operands[n] })
	targets := append([]*graph.Node(nil), s.Keep...)
	for _, u := range s.Updates {
		targets = append(targets, u.Next)
	}
	if len(targets) == 0 {
		return nil, fmt.Errorf("plan: the graph has no outputs: keep a node, or update a parameter")
	}
	var err error
	if g.order, err = exprgraph.Order(s.Graph, targets...); err != nil {
		return nil, err
	}
	for _, o := range g.order {
		g.operands[o.Node] = o.Operands
	}
	g.repairShapes()
	shapes, err := g.sources(s, targets)
	if err != nil {
		return nil, err
	}
	f := lower.NewFunc(shapes...)
	f.Grow(2 * len(g.order))
	for i, o := range g.order {
		if err := g.node(f, o); err != nil {
			return nil, err
		}
		if v, ok := g.values[o.Node]; ok {
			f.Tag(v, i)
		}
	}
	results := make([]lower.Value, len(targets))
	for i, n := range targets {
		results[i] = g.values[n]
	}
	f.Return(append(results, g.next...)...)
	g.boxOf = g.boxesOf(s.Keep)
	g.Func = f
	return g, nil
}

// sources finds the source of each of the function's inputs and the lowerings of
// Gorgonia's ops. It returns the inputs' shapes.
func (g *gatherer) sources(s Source, targets []*graph.Node) ([]lower.Shape, error) {
	var shapes []lower.Shape
	add := func(n *graph.Node, in InputSource, shape lower.Shape) {
		g.inputs[n] = append(g.inputs[n], len(shapes))
		g.Inputs = append(g.Inputs, in)
		shapes = append(shapes, shape)
	}
	clock := -1
	for _, o := range g.order {
		n := o.Node
		if why := g.otherType(o); why != "" {
			if n.Op() == nil && slices.Contains(targets, n) {
				return nil, fmt.Errorf("plan: input %s is %v, the graph is %v: keep nodes computed from it, not the input itself", n.Name(), n.Dtype(), g.Dtype)
			}
			if n.Op() == nil {
				continue
			}
			note := Note{Node: n, Host: why}
			if g.boxed(n) {
				m, err := g.lowerBoxed(o, machineSettings{modes: s.Modes})
				if err != nil {
					return nil, err
				}
				g.lowerings[n], note.Fault = m, m.Fault
				if g.comparesArrays(o, m) {
					continue
				}
			}
			g.Notes = append(g.Notes, note)
			continue
		}
		if _, ours := op.At(n); ours {
			continue
		}
		shape := g.matcher.at(n).shape
		if n.Op() == nil {
			if err := shape.Check(); err != nil {
				return nil, fmt.Errorf("plan: input %s: %w", n.Name(), err)
			}
			in := InputSource{Node: n, bound: s.Bound[n], rows: s.Rows[n]}
			if s.ParamOf != nil {
				in.Param = s.ParamOf(n)
			}
			add(n, in, shape)
			continue
		}
		m, from, ok, err := g.matcher.Match(n)
		if err == nil && !ok {
			from = o.Operands
			m, ok, err = g.matcher.lowerBuiltin(n, o.Operands, machineSettings{s.DynamicSlices[n], s.Modes})
		}
		g.from[n] = from
		switch {
		case err != nil:
			return nil, err
		case !ok:
			g.Notes = append(g.Notes, Note{Node: n, Host: m.Host})
			continue
		case m.Fault != "":
			g.Notes = append(g.Notes, Note{Node: n, Fault: m.Fault})
		}
		g.lowerings[n] = m
		if m.Value != nil {
			add(n, InputSource{Value: m.Value}, shape)
		}
		if m.Stale != nil {
			g.Stale = append(g.Stale, m.Stale)
		}
		if m.Changed != nil {
			g.slices = append(g.slices, staticSlice{n, o.Operands[0], m.Changed})
		}
		for _, st := range m.State {
			if st.Clock { // all ops share one clock, so that a gradient draws the same numbers again
				if clock < 0 {
					clock = len(shapes)
					add(n, InputSource{Clock: true}, st.shape())
				} else {
					g.inputs[n] = append(g.inputs[n], clock)
				}
				continue
			}
			in := InputSource{Bounds: st.Bounds, Indices: st.Indices}
			if st.Memory != nil {
				in.Value = st.Memory
			}
			add(n, in, st.shape())
		}
	}
	return shapes, nil
}

// node adds the steps of one node.
func (g *gatherer) node(f *lower.Func, o exprgraph.Ordered) error {
	n := o.Node
	if g.otherType(o) != "" {
		if n.Op() != nil {
			g.host(f, o)
		}
		return f.BuildErr()
	}
	from := o.Operands
	if g.from[n] != nil {
		from = g.from[n]
	}
	if m := g.lowerings[n]; n.Op() != nil && m == nil {
		if _, ours := op.At(n); !ours {
			g.host(f, o)
			return f.BuildErr()
		}
	}
	args := make([]lower.Value, len(from))
	for i, x := range from {
		args[i] = g.values[x]
	}
	if a, ours := op.At(n); ours {
		g.values[n] = packed(f, f.Inline(a.Lowered(), args...))
		return f.BuildErr()
	}
	m := g.lowerings[n]
	switch {
	case n.Op() == nil || m != nil && m.Value != nil:
		g.values[n] = f.In(g.inputs[n][0])
	default:
		for _, i := range g.inputs[n] {
			args = append(args, f.In(i))
		}
		outs := f.Inline(m.Func, args...)
		g.values[n] = outs[0]
		outs = outs[1:]
		for _, st := range m.State {
			if st.Next {
				g.Next, g.next = append(g.Next, st.Memory), append(g.next, outs[0])
				outs = outs[1:]
			}
		}
	}
	return f.BuildErr()
}

// packed joins several results into one flat array, the value of the graph's one node
// for such an op. The pass unpack removes the packing.
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
