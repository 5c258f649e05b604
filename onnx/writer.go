package onnx

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/stheno-ml/stheno/internal/forward"
	"github.com/stheno-ml/stheno/internal/interp"
	"github.com/stheno-ml/stheno/internal/onnxproto"
	"github.com/stheno-ml/stheno/lower"
)

// writer writes a function in primitives, given at each of the batches, as a graph of
// ONNX nodes.
type writer struct {
	nets   []*forward.Net
	f      *lower.Func // of nets[0]
	steps  [len(batches)][]lower.Step
	graph  *onnxproto.Graph
	values []*array // by value of f
	names  map[string]bool
	scalar map[uint64]string        // names of numbers, by their bits
	ints   map[string]string        // names of integer vectors, by their text
	extent map[extent]string        // names of extents that depend on the batch
	rows   string                   // the input whose first axis is the batch
	place  forward.Place            // of the present step
	prims  [len(batches)]lower.Prim // the present step's
}

// array is a value of the function.
type array struct {
	name     string // "" until a node computes it
	shape    []extent
	elements []float64     // of a constant
	base     string        // a constant's name, as far as it has one
	trained  bool          // a constant that depends on a weight
	node     func() string // writes the nodes that compute it, if set
	wide     *array        // it is this array, broadcast
	last     string        // of the states of a recurrence: the name of the last one
	lastAt   int           // its time
	missing  error         // why it has no value
}

// inner is the array without the broadcasts.
func (a *array) inner() *array {
	for a.wide != nil {
		a = a.wide
	}
	return a
}

// isConstant reports whether the elements are known and their number is fixed.
func (a *array) isConstant() bool { return a.elements != nil }

func newWriter(nets []*forward.Net) (*writer, error) {
	if err := checkAligned(nets); err != nil {
		return nil, err
	}
	w := &writer{
		nets: nets, f: nets[0].Func, graph: &onnxproto.Graph{},
		values: make([]*array, nets[0].Func.Values()),
		names:  map[string]bool{}, scalar: map[uint64]string{}, ints: map[string]string{}, extent: map[extent]string{},
	}
	for k := range nets {
		w.steps[k] = nets[k].Func.Steps()
	}
	for _, s := range nets[0].Sources {
		w.names[s.Name] = s.Kind == forward.Given
	}
	for _, name := range nets[0].Outputs {
		w.names[name] = true
	}
	for i := range nets[0].Sources {
		if err := w.source(i); err != nil {
			return nil, err
		}
	}
	return w, nil
}

// write writes all steps that the outputs depend on, and the outputs.
func (w *writer) write() error {
	live := w.alive()
	for i, s := range w.steps[0] {
		if !slices.ContainsFunc(s.Out, func(v lower.Value) bool { return live[v] }) {
			continue
		}
		w.place = w.nets[0].Places[i]
		for k := range w.prims {
			w.prims[k] = w.steps[k][i].Prim
		}
		if err := w.step(s); err != nil {
			return fmt.Errorf("%v: %w", w.place, err)
		}
	}
	return w.outputs()
}

// alive returns the values that the results depend on.
func (w *writer) alive() []bool {
	live := make([]bool, w.f.Values())
	for _, v := range w.f.Results() {
		live[v] = true
	}
	for _, s := range slices.Backward(w.steps[0]) {
		if slices.ContainsFunc(s.Out, func(v lower.Value) bool { return live[v] }) {
			for _, v := range s.In {
				live[v] = true
			}
		}
	}
	return live
}

// outputs declares the outputs and gives their names to the values.
func (w *writer) outputs() error {
	renamed, inner := map[string]string{}, map[string]bool{}
	for _, n := range w.graph.Nodes {
		for _, out := range n.Outputs {
			inner[out] = true
		}
	}
	for i, name := range w.nets[0].Outputs {
		v := w.f.Results()[i]
		a := w.values[v]
		from, err := w.use(v)
		if err != nil {
			return fmt.Errorf("output %q: %w", name, err)
		}
		if w.made(from) && renamed[from] == "" {
			renamed[from] = name
		} else {
			w.graph.Nodes = append(w.graph.Nodes, &onnxproto.Node{Name: name, Op: "Identity", Inputs: []string{from}, Outputs: []string{name}})
		}
		w.graph.Outputs = append(w.graph.Outputs, valueInfo(name, a.shape, ""))
	}
	for _, n := range w.graph.Nodes {
		for _, list := range [][]string{n.Inputs, n.Outputs} {
			for i, name := range list {
				if to := renamed[name]; to != "" {
					list[i] = to
				}
			}
		}
	}
	w.dropUnread()
	return nil
}

// dropUnread drops the weights and numbers that no node reads. A step that is written in
// another way than its parts leaves theirs behind.
func (w *writer) dropUnread() {
	read := map[string]bool{}
	for _, n := range w.graph.Nodes {
		for _, name := range n.Inputs {
			read[name] = true
		}
	}
	w.graph.Initializers = slices.DeleteFunc(w.graph.Initializers, func(t *onnxproto.Tensor) bool { return !read[t.Name] })
}

// made reports whether a node computes the value of that name.
func (w *writer) made(name string) bool {
	return slices.ContainsFunc(w.graph.Nodes, func(n *onnxproto.Node) bool { return slices.Contains(n.Outputs, name) })
}

// valueInfo declares an input or an output of float32.
func valueInfo(name string, shape []extent, doc string) *onnxproto.Value {
	s := &onnxproto.Shape{}
	for _, e := range shape {
		switch {
		case e.isFixed():
			s.Dims = append(s.Dims, &onnxproto.Dim{Value: int64(e.plus)})
		case e == extent{1, 0}:
			s.Dims = append(s.Dims, &onnxproto.Dim{Param: "batch"})
		default:
			s.Dims = append(s.Dims, &onnxproto.Dim{Param: strings.ReplaceAll(e.String(), "N", "*batch")})
		}
	}
	return &onnxproto.Value{Name: name, Doc: doc, Type: &onnxproto.Type{Tensor: &onnxproto.TensorType{Elem: onnxproto.Float, Shape: s}}}
}

// unique returns a name that no other value has.
func (w *writer) unique(base string) string {
	name := base
	for k := 1; w.names[name]; k++ {
		name = fmt.Sprintf("%s_%d", base, k)
	}
	w.names[name] = true
	return name
}

// add adds a node of the present step with one output, and returns the output's name.
func (w *writer) add(op string, inputs []string, attributes ...*onnxproto.Attribute) string {
	return w.addAll(op, 1, inputs, attributes...)[0]
}

// addAll adds a node with several outputs.
func (w *writer) addAll(op string, outputs int, inputs []string, attributes ...*onnxproto.Attribute) []string {
	n := &onnxproto.Node{Op: op, Inputs: inputs, Attributes: attributes}
	base := op
	if w.place.Layer != "" {
		base = w.place.Layer + "/" + op
	}
	for range outputs {
		n.Outputs = append(n.Outputs, w.unique(base))
	}
	n.Name = n.Outputs[0]
	w.graph.Nodes = append(w.graph.Nodes, n)
	return n.Outputs
}

// use returns the name of a value, as an operand of a node.
func (w *writer) use(v lower.Value) (string, error) { return w.name(w.values[v]) }

func (w *writer) name(a *array) (string, error) {
	if a == nil {
		return "", fmt.Errorf("a value is used before it is computed")
	}
	switch {
	case a.missing != nil:
		return "", a.missing
	case a.name != "":
	case a.wide != nil:
		from, err := w.name(a.inner())
		if err != nil {
			return "", err
		}
		a.name = w.add("Expand", []string{from, w.vector(a.shape)})
	case a.node != nil:
		a.name = a.node()
	case a.elements != nil:
		a.name = w.constant(a)
	default:
		return "", fmt.Errorf("a value has no elements")
	}
	return a.name, nil
}

// constant writes a constant: as an initializer if it depends on weights, so that it is
// one where the file is read, else as a node.
func (w *writer) constant(a *array) string {
	if len(a.elements) == 1 && len(a.shape) == 0 && !a.trained {
		return w.number(a.elements[0])
	}
	base := a.base
	if base == "" {
		base = w.place.String() + "/constant"
	}
	dims := make([]int64, len(a.shape))
	for i, e := range a.shape {
		dims[i] = int64(e.plus)
	}
	name := w.unique(base)
	if a.trained {
		w.graph.Initializers = append(w.graph.Initializers, onnxproto.FloatTensor(name, a.elements, dims...))
		return name
	}
	w.graph.Nodes = append(w.graph.Nodes, &onnxproto.Node{
		Name: name, Op: "Constant", Outputs: []string{name},
		Attributes: []*onnxproto.Attribute{{Name: "value", Type: onnxproto.AttrTensor, T: onnxproto.FloatTensor("", a.elements, dims...)}},
	})
	return name
}

// number returns the name of a scalar.
func (w *writer) number(v float64) string {
	bits := math.Float64bits(v)
	if w.scalar[bits] == "" {
		w.scalar[bits] = w.unique(fmt.Sprintf("number/%.9g", v))
		w.graph.Initializers = append(w.graph.Initializers, onnxproto.FloatTensor(w.scalar[bits], []float64{v}))
	}
	return w.scalar[bits]
}

// integers returns the name of a vector of int64.
func (w *writer) integers(x ...int) string {
	text := fmt.Sprint(x)
	if w.ints[text] == "" {
		w.ints[text] = w.unique("integers/" + strings.ReplaceAll(strings.Trim(text, "[]"), " ", "_"))
		y := make([]int64, len(x))
		for i, v := range x {
			y[i] = int64(v)
		}
		w.graph.Initializers = append(w.graph.Initializers, onnxproto.IntTensor(w.ints[text], y, int64(len(x))))
	}
	return w.ints[text]
}

// vector returns the name of a vector of extents.
func (w *writer) vector(es []extent) string {
	if allFixed(es) {
		return w.integers(numbers(es)...)
	}
	parts := make([]string, len(es))
	for i, e := range es {
		parts[i] = w.extentName(e)
	}
	if len(parts) == 1 {
		return parts[0]
	}
	return w.add("Concat", parts, attrInt("axis", 0))
}

// extentName returns the name of a vector of one extent.
func (w *writer) extentName(e extent) string {
	if e.isFixed() {
		return w.integers(e.plus)
	}
	if w.extent[e] != "" {
		return w.extent[e]
	}
	place := w.place
	w.place = forward.Place{Layer: "batch"}
	var name string
	switch {
	case e == extent{1, 0}:
		name = w.add("Shape", []string{w.rows}, attrInt("start", 0), attrInt("end", 1))
	case e.plus == 0:
		name = w.add("Mul", []string{w.extentName(extent{1, 0}), w.integers(e.times)})
	default:
		name = w.add("Add", []string{w.extentName(extent{e.times, 0}), w.integers(e.plus)})
	}
	w.place = place
	w.extent[e] = name
	return name
}

// fold computes a step whose operands are constants, and reports whether they are.
func (w *writer) fold(s lower.Step) (bool, error) {
	var args []lower.Array[float64]
	var shapes []lower.Shape
	trained, base := false, ""
	for _, v := range s.In {
		a := w.values[v].inner()
		if a.missing != nil || !a.isConstant() || !allFixed(w.values[v].shape) {
			return false, nil
		}
		shapes = append(shapes, numbers(a.shape))
		args = append(args, lower.ArrayOf(a.elements, numbers(a.shape)))
		if trained = trained || a.trained; base == "" || a.trained {
			base = a.base
		}
	}
	f := lower.NewFunc(shapes...)
	in := make([]lower.Value, len(s.In))
	for i, v := range s.In {
		in[i] = f.Broadcast(f.In(i), numbers(w.values[v].shape)...)
	}
	f.Return(f.Apply(s.Prim, in...)[:len(s.Out)]...)
	outs, err := interp.Run(f, args...)
	if err != nil {
		return false, err
	}
	for i, v := range s.Out {
		shape, err := fitShape(func(k int) lower.Shape { return w.nets[k].Func.Shape(v) })
		if err != nil {
			return false, err
		}
		w.values[v] = &array{shape: shape, elements: slices.Clone(outs[i].Elements()), trained: trained, base: base}
	}
	return true, nil
}
