package onnx_test

import (
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/onnxproto"
	"github.com/stheno-ml/stheno/models/conv"
	"github.com/stheno-ml/stheno/models/dense"
	"github.com/stheno-ml/stheno/models/seq"
	"github.com/stheno-ml/stheno/onnx"
	"github.com/stheno-ml/stheno/train"
)

var update = flag.Bool("update", false, "rewrite the listings in testdata")

// listing writes a file as text: inputs, weights, nodes, outputs.
func listing(t *testing.T, b []byte) string {
	m, err := onnxproto.Unmarshal(b)
	require.NoError(t, err)
	var out strings.Builder
	fmt.Fprintf(&out, "%s of %s, format %d, opset %d\n", m.Graph.Name, m.ProducerName, m.IRVersion, m.Opsets[0].Version)
	for _, e := range m.Metadata {
		fmt.Fprintf(&out, "%s: %s\n", e.Key, e.Value)
	}
	for _, v := range m.Graph.Inputs {
		fmt.Fprintf(&out, "input %s %s\n", v.Name, v.Type.Tensor.Shape.ShapeText())
	}
	for _, w := range m.Graph.Initializers {
		fmt.Fprintf(&out, "%s %v %s\n", w.Name, w.Dims, onnxproto.TypeName(w.Type))
	}
	for _, n := range m.Graph.Nodes {
		fmt.Fprintf(&out, "%s = %s(%s)", strings.Join(n.Outputs, ", "), n.Op, strings.Join(n.Inputs, ", "))
		for _, a := range n.Attributes {
			switch {
			case a.Type == onnxproto.AttrInt:
				fmt.Fprintf(&out, " %s=%d", a.Name, a.I)
			case a.Type == onnxproto.AttrInts:
				fmt.Fprintf(&out, " %s=%v", a.Name, a.Ints)
			case a.Type == onnxproto.AttrString:
				fmt.Fprintf(&out, " %s=%s", a.Name, a.S)
			case a.T != nil:
				fmt.Fprintf(&out, " %s=%v", a.Name, a.T.Dims)
			}
		}
		out.WriteByte('\n')
	}
	for _, v := range m.Graph.Outputs {
		fmt.Fprintf(&out, "output %s %s\n", v.Name, v.Type.Tensor.Shape.ShapeText())
	}
	return out.String()
}

func TestFilesHaveTheNetsAsListed(t *testing.T) {
	for _, c := range []struct {
		name  string
		model train.Model
		o     onnx.Options
	}{
		{"dense", dense.Config{Input: 20, Hidden: []int{12, 5}}, onnx.Options{Version: "1.2"}},
		{"conv-decoder", conv.Config{Size: graph.Pair{9, 10}, Encoder: []int{4, 3}, Norm: conv.BatchNorm}, onnx.Options{Part: onnx.Decoder}},
		{"lstm-encoder", seq.Config{Steps: 6, Features: 4, Hidden: []int{7, 5}, Code: 3}, onnx.Options{Part: onnx.Encoder, Name: "heartbeats"}},
	} {
		b, err := onnx.Encode(netOf(t, c.model), c.o)
		require.NoError(t, err, c.name)
		again, err := onnx.Encode(netOf(t, c.model), c.o)
		require.NoError(t, err, c.name)
		require.Equal(t, b, again, "the same net gives the same bytes")
		path := filepath.Join("testdata", c.name+".txt")
		got := listing(t, b)
		if *update {
			require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
		}
		want, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, string(want), got, c.name)
	}
}

// drawing has an output that depends on random numbers.
type drawing struct{}

func (drawing) Build(b *graph.Builder, batch int) graph.Net {
	x := b.Input("x", batch, 3)
	return graph.Net{Outputs: map[string]*graph.Node{"y": b.Add(x, b.Scope("noise").Normal("e", batch, 3))}}
}

func TestRandomNumbersAreInputs(t *testing.T) {
	b, err := onnx.Encode(netOf(t, drawing{}), onnx.Options{})
	require.NoError(t, err)
	m, err := onnxproto.Unmarshal(b)
	require.NoError(t, err)
	require.Len(t, m.Graph.Inputs, 2)
	require.Equal(t, "noise/normal", m.Graph.Inputs[1].Name)
	require.Equal(t, "draw normal numbers of mean 0 and variance 1", m.Graph.Inputs[1].Doc)
}

// odd is a net whose computation depends on the number of samples.
type odd struct {
	build func(b *graph.Builder, x *graph.Node, batch int) *graph.Node
}

func (o odd) Build(b *graph.Builder, batch int) graph.Net {
	return graph.Net{Outputs: map[string]*graph.Node{"y": o.build(b, b.Input("x", batch, 3), batch)}}
}

func TestWhatCannotBeWrittenIsNamed(t *testing.T) {
	for _, c := range []struct {
		name  string
		build func(b *graph.Builder, x *graph.Node, batch int) *graph.Node
		want  string
	}{
		{"a number of the batch", func(b *graph.Builder, x *graph.Node, batch int) *graph.Node {
			return b.Scope("mean").Scale(x, 1/float64(batch))
		}, "mean/map: an expression depends on the number of samples"},
		{"a constant of the batch", func(b *graph.Builder, x *graph.Node, batch int) *graph.Node {
			v := make([]float64, batch)
			for i := range v {
				v[i] = math.Sin(float64(i))
			}
			return b.Scope("waves").Add(x, b.Constant(v, batch, 1))
		}, "depends on the number of samples"},
		{"as many layers as samples", func(b *graph.Builder, x *graph.Node, batch int) *graph.Node {
			for range batch {
				x = b.Scope("again").Tanh(x)
			}
			return x
		}, "again/map: the net's steps depend on the number of samples"},
		{"a gradient", func(b *graph.Builder, x *graph.Node, batch int) *graph.Node {
			y := b.MaxPool2D(b.Reshape(x, batch, 1, 1, 3), graph.PoolGeometry{Size: graph.Pair{1, 2}})
			return b.Grad(b.Sum(y), x)[0]
		}, "has no ONNX op"},
	} {
		_, err := onnx.Encode(netOf(t, odd{c.build}), onnx.Options{})
		require.ErrorContains(t, err, c.want, c.name)
	}
}

func TestWrongOptionsAreRefused(t *testing.T) {
	n := netOf(t, dense.Config{Input: 20, Hidden: []int{5}})
	for want, o := range map[string]onnx.Options{
		`no part "coder": want one of whole, encoder, decoder`: {Part: "coder"},
		`no output "logits": it has`:                           {Outputs: []string{"logits"}},
		"Options.Given without Outputs":                        {Given: []string{"code"}},
	} {
		_, err := onnx.Encode(n, o)
		require.ErrorContains(t, err, want)
	}
	_, err := onnx.Encode(nil, onnx.Options{})
	require.ErrorContains(t, err, "no net")
	_, err = onnx.Encode(net{}, onnx.Options{})
	require.ErrorContains(t, err, "no net")
	_, err = onnx.Encode(netOf(t, odd{func(b *graph.Builder, x *graph.Node, _ int) *graph.Node { return x }}), onnx.Options{Part: onnx.Decoder})
	require.ErrorContains(t, err, `no output "code"`)
	require.ErrorContains(t, onnx.Write(filepath.Join(t.TempDir(), "no", "x.onnx"), n, onnx.Options{}), "no such file")
}
