package onnx_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/onnxproto"
	"github.com/stheno-ml/stheno/models/conv"
	"github.com/stheno-ml/stheno/models/dense"
	"github.com/stheno-ml/stheno/onnx"
	"github.com/stheno-ml/stheno/train"
)

// headed is a net from a file with a layer of its own behind it.
type headed struct{ Encoder onnx.Model }

func (m headed) Build(b *graph.Builder, batch int) graph.Net {
	x, label := b.Input("x", batch, 20), b.Input("label", batch)
	code := m.Encoder.Apply(b.Scope("encoder"), map[string]*graph.Node{"x": x})["code"]
	logits := graph.Dense{Units: 3}.Apply(b.Scope("head"), code)
	return graph.Net{
		Outputs: map[string]*graph.Node{"logits": logits},
		Tasks:   []graph.Task{{Name: "class", Loss: b.CrossEntropyOfLabels(logits, label)}},
	}
}

func TestAReadNetIsTrainedOn(t *testing.T) {
	b, err := onnx.Encode(netOf(t, dense.Config{Input: 20, Hidden: []int{12, 5}}), onnx.Options{})
	require.NoError(t, err)
	m, err := onnx.Parse(b)
	require.NoError(t, err)
	x, label := make([]float32, 64*20), make([]float32, 64)
	for i := range x {
		x[i] = float32((i/20+i%20)%3) / 2
	}
	for i := range label {
		label[i] = float32(i % 3)
	}
	set, err := data.InMemory(data.Array{Name: "x", Shape: []int{20}, Values: x}, data.Array{Name: "label", Values: label, Classes: 3})
	require.NoError(t, err)
	for name, model := range map[string]train.Model{
		"as it is": m, "by another loss": onnx.Model{}, "with a head": headed{m},
	} {
		if name == "by another loss" {
			other := m
			other.Loss, other.Output, other.Target = "cross entropy", "code", "label"
			model = other
		}
		r, err := train.Fit(context.Background(), model, set, train.Options{Backend: cpu.Config{Threads: 1}, Epochs: 12, Batch: 16, Seed: 1})
		require.NoError(t, err, name)
		require.Less(t, r.Epochs[11].Loss, 0.97*r.Epochs[0].Loss, name)
	}
}

func TestAModelGoesThroughJSONWithoutItsWeights(t *testing.T) {
	n := netOf(t, conv.Config{Size: graph.Pair{9, 10}, Encoder: []int{8, 6}, Code: 30})
	b, err := onnx.Encode(n, onnx.Options{})
	require.NoError(t, err)
	m, err := onnx.Parse(b)
	require.NoError(t, err)
	m.Target = "x"
	text, err := json.Marshal(m)
	require.NoError(t, err)
	require.Less(t, len(text), len(b)/2)
	var back onnx.Model
	require.NoError(t, json.Unmarshal(text, &back))
	require.Equal(t, "x", back.Target)
	_, err = train.EvalProgram(back, 1, train.Options{Params: graph.NewParams(graph.Float32, 1)})
	require.ErrorContains(t, err, "takes them from a checkpoint")
	p := graph.NewParams(graph.Float32, 1)
	_, err = train.EvalProgram(m, 1, train.Options{Params: p})
	require.NoError(t, err)
	_, err = train.EvalProgram(back, 1, train.Options{Params: p})
	require.NoError(t, err)
}

func TestWeightsInAnotherFileAreRead(t *testing.T) {
	n := netOf(t, dense.Config{Input: 4, Hidden: []int{2}})
	b, err := onnx.Encode(n, onnx.Options{})
	require.NoError(t, err)
	p, err := onnxproto.Unmarshal(b)
	require.NoError(t, err)
	var weights []byte
	entry := func(k, v string) *onnxproto.Entry { return &onnxproto.Entry{Key: k, Value: v} }
	w := p.Graph.Initializers[0]
	weights = append(weights, w.Raw...)
	w.Raw, w.Location, w.External = nil, 1, []*onnxproto.Entry{entry("location", "w.data"), entry("offset", "0")}
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "w.data"), weights, 0o644))
	path := filepath.Join(dir, "net.onnx")
	write := func() { require.NoError(t, os.WriteFile(path, onnxproto.Marshal(p), 0o644)) }
	write()
	m, err := onnx.Read(path)
	require.NoError(t, err)
	params := graph.NewParams(graph.Float32, 1)
	_, err = train.EvalProgram(m, 1, train.Options{Params: params})
	require.NoError(t, err)
	require.Equal(t, n.params.Get(w.Name).Floats(), params.Get(w.Name).Floats())
	_, err = onnx.Parse(onnxproto.Marshal(p))
	require.ErrorContains(t, err, "read the file itself")
	for want, change := range map[string][]*onnxproto.Entry{
		"not inside":   {entry("location", "../w.data")},
		"no such file": {entry("location", "v.data")},
		"from 9000 on": {entry("location", "w.data"), entry("offset", "9000")},
		"want 8":       {entry("location", "w.data"), entry("length", "4")},
	} {
		w.External = change
		write()
		_, err = onnx.Read(path)
		require.ErrorContains(t, err, want)
	}
}

func TestWrongFilesAreNamed(t *testing.T) {
	value := func(name string, dims ...*onnxproto.Dim) *onnxproto.Value {
		return &onnxproto.Value{Name: name, Type: &onnxproto.Type{Tensor: &onnxproto.TensorType{Elem: onnxproto.Float, Shape: &onnxproto.Shape{Dims: dims}}}}
	}
	free, four := &onnxproto.Dim{Param: "N"}, &onnxproto.Dim{Value: 4}
	file := func(in *onnxproto.Value, nodes ...*onnxproto.Node) []byte {
		return onnxproto.Marshal(&onnxproto.Model{IRVersion: 8, Opsets: []*onnxproto.Opset{{Version: 18}}, Graph: &onnxproto.Graph{
			Nodes: nodes, Inputs: []*onnxproto.Value{in}, Outputs: []*onnxproto.Value{value("y", free)},
		}})
	}
	node := func(op string, in ...string) *onnxproto.Node {
		return &onnxproto.Node{Name: "first", Op: op, Inputs: in, Outputs: []string{"y"}}
	}
	for _, c := range []struct {
		b    []byte
		want string
	}{
		{file(value("x", free, four), node("Loop", "x")), `node "first" is Loop; there are Abs, Add`},
		{file(value("x", free, four), node("Relu", "z")), `node "first", Relu, reads "z", which nothing before it computes`},
		{file(value("x", free, four), &onnxproto.Node{Name: "first", Op: "Relu", Inputs: []string{"x"}, Outputs: []string{"z"}}), `nothing computes the output "y"`},
		{file(value("x", free, four), node("MatMul", "x", "x")), `node "first", MatMul: a product of shapes [2 4] and [2 4]`},
		{file(value("x", free, free), node("Relu", "x")), `leaves axis 1 of the input "x" [N N] free: set Model.Extents["N"]`},
		{file(value("x", four, four), node("Relu", "x")), `takes batches of 4 alone`},
		{file(value("x", free, four), node("Add", "x")), `it has 1 operands, want at least 2`},
	} {
		m, err := onnx.Parse(c.b)
		if err == nil {
			_, err = train.EvalProgram(m, 2, train.Options{Params: graph.NewParams(graph.Float32, 1)})
		}
		require.ErrorContains(t, err, c.want)
	}
}
