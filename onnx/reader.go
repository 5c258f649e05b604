package onnx

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/forward"
	"github.com/stheno-ml/stheno/internal/interp"
	"github.com/stheno-ml/stheno/internal/onnxproto"
	"github.com/stheno-ml/stheno/lower"
)

// reader adds the nodes of a file to a graph. Shapes are known when a graph is built, so
// what a file computes of shapes is computed at once, and does not reach the graph.
type reader struct {
	file    *onnxproto.Model
	b       *graph.Builder
	values  map[string]value
	version int64 // of the ops
}

// value is a value of the file: a node of the graph, or an array that is known.
type value struct {
	node  *graph.Node
	known []float64 // if node is nil
	shape []int
	whole bool // it has integers or truth values in the file
}

func (v value) isKnown() bool { return v.node == nil }

// The kinds of parameters.
const (
	weight = 1 + iota
	state
)

func isFloat(elem int64) bool { return (&onnxproto.Tensor{Type: elem}).IsFloat() }

// parameters returns the kinds of those initializers that are parameters.
func parameters(g *onnxproto.Graph) map[string]int {
	kinds := map[string]int{}
	for _, t := range g.Initializers {
		if t.IsFloat() && len(t.Dims) > 0 {
			kinds[t.Name] = weight
		}
	}
	for _, n := range g.Nodes {
		for i, name := range n.Inputs {
			switch {
			case n.Op == "BatchNormalization" && i >= 3 && kinds[name] != 0:
				kinds[name] = state
			case i > 0 && (n.Op == "Resize" || n.Op == "Upsample" || n.Op == "Clip" || n.Op == "Pad" || n.Op == "Dropout"):
				delete(kinds, name) // settings
			}
		}
	}
	return kinds
}

func newReader(file *onnxproto.Model, b *graph.Builder) *reader {
	return &reader{file: file, b: b, values: map[string]value{"": {}}, version: opsetOf(file)}
}

// run adds all nodes.
func (r *reader) run() error {
	kinds := parameters(r.file.Graph)
	for _, t := range r.file.Graph.Initializers {
		v, err := r.initializer(t, kinds[t.Name])
		if err != nil {
			return err
		}
		r.values[t.Name] = v
	}
	for _, n := range r.file.Graph.Nodes {
		if err := r.node(n); err != nil {
			return fmt.Errorf("node %q, %s: %w", n.Name, n.Op, err)
		}
	}
	return r.b.Err()
}

// initializer returns an array of the file: a parameter, or a known one.
func (r *reader) initializer(t *onnxproto.Tensor, kind int) (value, error) {
	shape := make([]int, len(t.Dims))
	if _, err := t.Size(); err != nil {
		return value{}, err
	}
	for i, d := range t.Dims {
		shape[i] = int(d)
	}
	if kind == 0 || slices.Contains(shape, 0) {
		floats, ints, err := t.Elements()
		if err != nil {
			return value{}, err
		}
		for _, v := range ints {
			floats = append(floats, float64(v))
		}
		return value{known: floats, shape: shape, whole: !t.IsFloat()}, nil
	}
	start := func(_ graph.Draw, _ graph.Shape, w []float64) error {
		if len(t.Raw)+len(t.Floats)+len(t.Doubles)+len(t.Ints32) == 0 {
			return errNoElements
		}
		floats, _, err := t.Elements()
		copy(w, floats)
		return err
	}
	if kind == state {
		return value{node: r.b.State(t.Name, start, shape...), shape: shape}, r.b.Err()
	}
	return value{node: r.b.Param(t.Name, start, shape...), shape: shape}, r.b.Err()
}

// node adds one node. If all operands are known, so are the results.
func (r *reader) node(n *onnxproto.Node) error {
	c := &call{reader: r, b: r.b.Scope(strings.Trim(n.Name, "/")), n: n}
	for _, name := range n.Inputs {
		v, ok := r.values[name]
		if !ok {
			return fmt.Errorf("nothing computes its operand %q", name)
		}
		c.in = append(c.in, v)
	}
	known := !slices.ContainsFunc(c.in, func(v value) bool { return !v.isKnown() })
	var outs []value
	var err error
	switch o := ops[n.Op]; {
	case o.run == nil:
		return fmt.Errorf("the op is not supported")
	case len(c.in) < o.operands || slices.Contains(n.Inputs[:o.operands], ""):
		return fmt.Errorf("it has %d operands, want at least %d", len(c.in), o.operands)
	case known && !o.shapes:
		outs, err = r.compute(c, o)
	default:
		outs, err = o.run(c)
	}
	if err == nil {
		err = r.b.Err()
	}
	if err != nil {
		return err
	}
	for i, name := range n.Outputs {
		if i < len(outs) && name != "" {
			r.values[name] = outs[i]
		}
	}
	return nil
}

// mostKnown is the most elements of an array that is computed when a graph is built.
const mostKnown = 1 << 24

// compute computes an op of known operands in a graph of its own.
func (r *reader) compute(c *call, o operation) ([]value, error) {
	b := graph.New(graph.NewParams(graph.Float64, 0), graph.Config{})
	own := *c
	own.b, own.in = b, slices.Clone(c.in)
	own.reader = &reader{file: r.file, b: b, version: r.version}
	outs, err := o.run(&own)
	if err == nil {
		err = b.Err()
	}
	if err != nil {
		return nil, err
	}
	var named []int
	for i, v := range outs {
		if v.isKnown() {
			continue
		}
		if graph.Shape(v.shape).Size() > mostKnown {
			return nil, fmt.Errorf("it computes a constant of shape %v: that is too large", v.shape)
		}
		b.Output(fmt.Sprint(i), v.node)
		named = append(named, i)
	}
	if len(named) == 0 {
		return outs, nil
	}
	p, err := b.Program()
	if err != nil {
		return nil, err
	}
	f, err := forward.Of(p, forward.Options{})
	if err != nil {
		return nil, err
	}
	args := make([]lower.Array[float64], len(f.Sources))
	for i, s := range f.Sources {
		args[i] = lower.ArrayOf(s.Elements, s.Shape)
	}
	results, err := interp.Run(f.Func, args...)
	if err != nil {
		return nil, err
	}
	for k, i := range named {
		outs[i] = value{known: slices.Clone(results[k].Elements()), shape: outs[i].shape, whole: outs[i].whole}
	}
	return outs, nil
}

// float returns a value as a node.
func (r *reader) float(v value) (*graph.Node, error) {
	if v.node != nil {
		return v.node, nil
	}
	if slices.Contains(v.shape, 0) || len(v.known) == 0 {
		return nil, fmt.Errorf("an operand of shape %v has no elements", v.shape)
	}
	n := r.b.Constant(v.known, v.shape...)
	return n, r.b.Err()
}

// ints returns the elements of a known value as integers.
func (v value) ints() ([]int, error) {
	if !v.isKnown() {
		return nil, fmt.Errorf("a shape, an axis or a bound depends on the samples: it must be known when the graph is built")
	}
	out := make([]int, len(v.known))
	for i, x := range v.known {
		switch {
		case x != x:
			return nil, fmt.Errorf("a number is NaN, want a whole one")
		case x >= math.MaxInt32: // such as the end of a slice that goes on to the end
			out[i] = math.MaxInt32
		case x <= math.MinInt32:
			out[i] = math.MinInt32
		default:
			out[i] = int(x)
		}
	}
	return out, nil
}
