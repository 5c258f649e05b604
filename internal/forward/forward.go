// Package forward writes what a program computes from its inputs as one function in
// the primitives of package lower, with the layer and the op that each step comes from.
// Programs that translate nets into other languages start from it.
package forward

import (
	"fmt"
	"slices"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/exprgraph"
	"github.com/stheno-ml/stheno/internal/op"
	"github.com/stheno-ml/stheno/internal/value"
	"github.com/stheno-ml/stheno/lower"
)

// Kind is what a source of the function is.
type Kind uint8

// The kinds.
const (
	Given    Kind = iota // an input of the program
	Weight               // a parameter that training changes
	State                // a parameter that it does not, such as a running mean
	Constant             // an array that is the same in every run; also a scalar input, at its default
	Clock                // the counter of random numbers
)

// Source is where an input of the function comes from.
type Source struct {
	Kind     Kind
	Name     string
	Shape    lower.Shape
	Elements []float64 // nil for Given and Clock
}

// Place is where a step comes from: a layer, such as "encoder/conv1", and an op.
type Place struct{ Layer, Op string }

func (p Place) String() string {
	if p.Layer == "" {
		return p.Op
	}
	return p.Layer + "/" + p.Op
}

// Net is a program as one function.
type Net struct {
	Func    *lower.Func
	Sources []Source // of the function's inputs
	Outputs []string // names of the function's results
	Places  []Place  // of the function's steps
}

// Options are the settings of Of. The zero value is the default.
type Options struct {
	// Before scales inputs, by name. Undo brings outputs back, by name.
	Before, Undo map[string]*data.Scaler
}

// writer writes a program.
type writer struct {
	p       *graph.Program
	net     *Net
	leafs   []*graph.Node // of the sources, as far as they have one
	sources map[*graph.Node]int
	values  map[*graph.Node][]lower.Value
}

// Of writes the outputs of a program. It is an error if the program updates a
// parameter, or has an op that package graph did not build.
func Of(p *graph.Program, o Options) (*Net, error) {
	if len(p.Updates()) > 0 {
		return nil, fmt.Errorf("the program trains: it changes %q", p.Updates()[0].Param.Name())
	}
	if err := p.Params().Sync(); err != nil {
		return nil, err
	}
	w := &writer{p: p, net: &Net{}, sources: map[*graph.Node]int{}, values: map[*graph.Node][]lower.Value{}}
	var targets []*graph.Node
	for _, out := range p.Outputs() {
		targets = append(targets, out.Node)
		w.net.Outputs = append(w.net.Outputs, out.Name)
	}
	order, err := exprgraph.Order(p.Graph(), targets...)
	if err != nil {
		return nil, err
	}
	if err := w.leaves(order); err != nil {
		return nil, err
	}
	before, undo, err := w.scalings(o)
	if err != nil {
		return nil, err
	}
	shapes := make([]lower.Shape, len(w.net.Sources))
	for i, s := range w.net.Sources {
		shapes[i] = s.Shape
	}
	f := lower.NewFunc(shapes...)
	w.net.Func = f
	for i, n := range w.leafs {
		w.values[n] = []lower.Value{f.In(i)}
		if s := before[n]; s != nil {
			w.values[n][0] = s.transform(f, f.In(i))
			w.mark(n, "scale")
		}
	}
	for _, o := range order {
		if err := w.node(o); err != nil {
			return nil, err
		}
	}
	var results []lower.Value
	for _, n := range targets {
		v := w.values[n][0]
		if s := undo[n]; s != nil {
			v = s.undo(f, v)
			w.mark(n, "unscale")
		}
		results = append(results, v)
	}
	f.Return(results...)
	return w.net, f.Err()
}

// mark says where the steps since the last call come from.
func (w *writer) mark(n *graph.Node, name string) {
	for len(w.net.Places) < len(w.net.Func.Steps()) {
		w.net.Places = append(w.net.Places, Place{w.p.LayerOf(n), name})
	}
}

// leaves finds the sources: first the inputs in the order of the program, then the others.
func (w *writer) leaves(order []exprgraph.Ordered) error {
	given, rank := map[*graph.Node]graph.Input{}, map[*graph.Node]int{}
	for i, in := range w.p.Inputs() {
		given[in.Node], rank[in.Node] = in, i-len(w.p.Inputs())
	}
	order = slices.Clone(order)
	slices.SortStableFunc(order, func(a, b exprgraph.Ordered) int { return rank[a.Node] - rank[b.Node] })
	for _, o := range order {
		n := o.Node
		if len(o.Operands) > 0 || n.Op() != nil && n.Value() == nil {
			continue // a constant of Gorgonia's is an op with a value
		}
		s := Source{Kind: Constant, Name: n.Name(), Shape: lower.Shape(n.Shape()).Clone()}
		in, isInput := given[n]
		q := w.p.ParamOf(n)
		switch {
		case q != nil:
			if s.Kind = State; q.Trainable() {
				s.Kind = Weight
			}
			s.Name, s.Elements = q.Name(), q.Floats()
		case n == w.p.Clock():
			s.Kind = Clock
		case isInput && in.Optional:
			s.Name, s.Elements = in.Name, []float64{in.Default}
		case isInput:
			s.Kind, s.Name = Given, in.Name
		default:
			x, err := value.Floats(n.Value())
			if err != nil {
				return fmt.Errorf("constant %s: %w", n.Name(), err)
			}
			s.Elements = x
		}
		w.sources[n], w.leafs = len(w.net.Sources), append(w.leafs, n)
		w.net.Sources = append(w.net.Sources, s)
	}
	return nil
}

// node writes one node.
func (w *writer) node(o exprgraph.Ordered) error {
	n := o.Node
	if _, leaf := w.sources[n]; leaf {
		return nil
	}
	a, ours := op.At(n)
	if !ours {
		return fmt.Errorf("layer %q: %v is an op of Gorgonia: only ops of package graph say what they are in primitives", w.p.LayerOf(n), n.Op())
	}
	f := w.net.Func
	if from := w.values[o.Operands[0]]; len(o.Operands) == 1 && len(from) > 1 {
		if v, ok := unpacked(f, a.Lowered(), from); ok {
			w.values[n] = []lower.Value{v}
			return nil
		}
	}
	args := make([]lower.Value, len(o.Operands))
	for i, x := range o.Operands {
		from := w.values[x]
		if len(from) > 1 {
			from = []lower.Value{packed(f, from)}
		}
		args[i] = from[0]
	}
	w.values[n] = f.Inline(a.Lowered(), args...)
	w.mark(n, a.Name())
	return f.BuildErr()
}

// unpacked returns the one of an op's several results that a view of the packed node
// reads.
func unpacked(f, view *lower.Func, results []lower.Value) (lower.Value, bool) {
	slice, ok := lower.Slice{}, false
	if len(view.Steps()) > 0 {
		slice, ok = view.Steps()[0].Prim.(lower.Slice)
	} else {
		return 0, false
	}
	at := 0
	for _, v := range results {
		size := f.Shape(v).Size()
		if ok && slice.Start == at && slice.Stop == at+size && f.Shape(v).Equal(view.Shape(view.Results()[0])) {
			return v, true
		}
		at += size
	}
	return 0, false
}

// packed joins several results into one flat array, as the graph's one node for such an
// op has them.
func packed(f *lower.Func, outs []lower.Value) lower.Value {
	flat := make([]lower.Value, len(outs))
	for i, v := range outs {
		flat[i] = f.Reshape(v, f.Shape(v).Size())
	}
	return f.Concat(0, flat...)
}
