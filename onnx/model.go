package onnx

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/onnxproto"
)

// Model is a net from an ONNX file. It is a model like those under models: it runs on
// every backend, and its weights can be trained on. Read and Parse make it.
//
// The weights of the net are the float initializers of the file that are not scalars;
// they have the names they have there, and start from their values there. Means and
// variances of BatchNormalization are states. The first axis of each input is the batch,
// unless the file fixes it. Numbers of other types than floats are floats on the
// machines, whole where they are whole in the file.
//
// As JSON it is the file without the weights, so that a checkpoint has all of it.
type Model struct {
	// Loss is what training minimises: "mse" is the mean squared difference between
	// Output and Target; "cross entropy" takes Output as logits [N, C] and Target as
	// classes [N]. "" is "mse".
	Loss string
	// Output is the output to train; "" is "recon" if there is one, else the first.
	Output string
	// Target is the input that the output is compared with, which need not be in the
	// file; "" is the file's first input for "mse", and "label" for "cross entropy".
	Target string
	// Extents are the extents of inputs, apart from the batch, that the file leaves
	// free, by their names there.
	Extents map[string]int

	file *onnxproto.Model
}

// Inputs and Outputs return the names of the file's inputs and outputs.
func (m Model) Inputs() (names []string) {
	for _, in := range m.inputs() {
		names = append(names, in.Name)
	}
	return names
}

func (m Model) Outputs() (names []string) {
	if m.file != nil {
		for _, out := range m.file.Graph.Outputs {
			names = append(names, out.Name)
		}
	}
	return names
}

// inputs are the inputs without those that have an initializer.
func (m Model) inputs() (out []*onnxproto.Value) {
	if m.file == nil {
		return nil
	}
	for _, in := range m.file.Graph.Inputs {
		if !slices.ContainsFunc(m.file.Graph.Initializers, func(t *onnxproto.Tensor) bool { return t.Name == in.Name }) {
			out = append(out, in)
		}
	}
	return out
}

// Build builds the net for a batch size: all outputs of the file, and the task that the
// settings describe if the output fits them.
func (m Model) Build(b *graph.Builder, batch int) graph.Net {
	in := map[string]*graph.Node{}
	for i, v := range m.inputs() {
		shape, err := m.inputShape(v, i == 0, batch)
		if err != nil {
			b.Failf("onnx: %w", err)
			return graph.Net{}
		}
		in[v.Name] = b.Input(v.Name, shape...)
	}
	outputs := m.Apply(b, in)
	if b.Err() != nil {
		return graph.Net{}
	}
	net := graph.Net{Outputs: outputs}
	if t, ok := m.task(b, in, outputs); ok {
		net.Tasks = []graph.Task{t}
	}
	return net
}

// inputShape returns the shape of an input for a batch. The first input has the batch as
// its first axis; of others, the file says it.
func (m Model) inputShape(v *onnxproto.Value, first bool, batch int) ([]int, error) {
	if v.Type == nil || v.Type.Tensor == nil || v.Type.Tensor.Shape == nil {
		return nil, fmt.Errorf("the input %q has no shape in the file: export it with one", v.Name)
	}
	var shape []int
	for axis, d := range v.Type.Tensor.Shape.Dims {
		n := int(d.Value)
		switch free := d.Param != "" || d.Value <= 0; {
		case !free && first && axis == 0 && n != batch:
			return nil, fmt.Errorf("the file takes batches of %d alone: its input %q is %s: export it with a free first axis", n, v.Name, v.Type.Tensor.Shape.ShapeText())
		case free && m.Extents[d.Param] > 0:
			n = m.Extents[d.Param]
		case free && axis == 0:
			n = batch
		case free:
			return nil, fmt.Errorf("the file leaves axis %d of the input %q %s free: set Model.Extents[%q]", axis, v.Name, v.Type.Tensor.Shape.ShapeText(), d.Param)
		}
		shape = append(shape, n)
	}
	return shape, nil
}

// Apply adds the net to a graph, for models that have it inside: from the inputs by name
// to the outputs by name. Parameters have the builder's scope before their names.
func (m Model) Apply(b *graph.Builder, in map[string]*graph.Node) map[string]*graph.Node {
	if b.Err() != nil {
		return nil
	}
	if m.file == nil {
		b.Failf("onnx: no file: make the model by onnx.Read")
		return nil
	}
	r := newReader(m.file, b)
	for _, v := range m.inputs() {
		n := in[v.Name]
		if n == nil {
			b.Failf("onnx: the input %q is missing: the file has %q", v.Name, m.Inputs())
			return nil
		}
		r.values[v.Name] = value{node: n, shape: n.Shape(), whole: v.Type != nil && v.Type.Tensor != nil && !isFloat(v.Type.Tensor.Elem)}
	}
	out := map[string]*graph.Node{}
	if err := r.run(); err != nil {
		b.Failf("onnx: %w", err)
		return nil
	}
	for _, v := range m.file.Graph.Outputs {
		n, err := r.float(r.values[v.Name])
		if err != nil {
			b.Failf("onnx: output %q: %w", v.Name, err)
			return nil
		}
		out[v.Name] = n
	}
	return out
}

// task returns the task of training, if the output and the target fit together.
func (m Model) task(b *graph.Builder, in, outputs map[string]*graph.Node) (graph.Task, bool) {
	name := m.Output
	if name == "" {
		if name = graph.OutputRecon; outputs[name] == nil {
			name = m.Outputs()[0]
		}
	}
	y := outputs[name]
	if y == nil {
		b.Failf("onnx: the file has no output %q to train: it has %q", name, m.Outputs())
		return graph.Task{}, false
	}
	target := func(name string, shape ...int) *graph.Node {
		if n := in[name]; n != nil {
			return n
		}
		return b.Input(name, shape...)
	}
	switch m.Loss {
	case "", "mse":
		name := m.Target
		if name == "" && len(m.Inputs()) > 0 {
			name = m.Inputs()[0]
		}
		if m.Target == "" && m.Output == "" && m.Loss == "" && (in[name] == nil || !in[name].Shape().Eq(y.Shape())) {
			return graph.Task{}, false // the net does not reconstruct, and nothing asks for training
		}
		return graph.Task{Name: "mse", Loss: b.MSE(y, target(name, y.Shape()...))}, true
	case "cross entropy":
		if y.Dims() != 2 {
			b.Failf("onnx: the output %q is %v: the cross entropy wants logits [N, C]", name, graph.Shape(y.Shape()))
			return graph.Task{}, false
		}
		label := target(cmp.Or(m.Target, graph.InputLabel), y.Shape()[0])
		return graph.Task{
			Name: "cross entropy", Loss: b.CrossEntropyOfLabels(y, label),
			Metrics: []graph.Metric{{Name: "accuracy", Node: b.Accuracy(y, label)}},
		}, true
	}
	b.Failf("onnx: the loss %q is unknown: want %q or %q", m.Loss, "mse", "cross entropy")
	return graph.Task{}, false
}

// modelJSON is a model as JSON.
type modelJSON struct {
	Loss    string         `json:"loss,omitempty"`
	Output  string         `json:"output,omitempty"`
	Target  string         `json:"target,omitempty"`
	Extents map[string]int `json:"extents,omitempty"`
	Graph   []byte         `json:"graph,omitempty"` // the file without the weights
}

// MarshalJSON writes the model without the values of its weights.
func (m Model) MarshalJSON() ([]byte, error) {
	j := modelJSON{m.Loss, m.Output, m.Target, m.Extents, nil}
	if m.file != nil {
		file, g := *m.file, *m.file.Graph
		file.Graph, g.Initializers = &g, nil
		kinds := parameters(m.file.Graph)
		for _, t := range m.file.Graph.Initializers {
			if kinds[t.Name] != 0 {
				t = &onnxproto.Tensor{Name: t.Name, Dims: t.Dims, Type: t.Type}
			}
			g.Initializers = append(g.Initializers, t)
		}
		j.Graph = onnxproto.Marshal(&file)
	}
	return json.Marshal(j)
}

// UnmarshalJSON reads what MarshalJSON writes.
func (m *Model) UnmarshalJSON(text []byte) error {
	var j modelJSON
	if err := json.Unmarshal(text, &j); err != nil {
		return fmt.Errorf("onnx: %w", err)
	}
	read := Model{}
	if len(j.Graph) > 0 {
		var err error
		if read, err = parse(j.Graph, "", true); err != nil {
			return fmt.Errorf("onnx: %w", err)
		}
	}
	read.Loss, read.Output, read.Target, read.Extents = j.Loss, j.Output, j.Target, j.Extents
	*m = read
	return nil
}

var errNoElements = errors.New("it has no elements: a model that comes from JSON takes them from a checkpoint")
