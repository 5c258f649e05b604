package onnx_test

import (
	"testing"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/edges"
	"github.com/stheno-ml/stheno/models/dense"
	"github.com/stheno-ml/stheno/onnx"
)

func TestNoArgumentMakesAFunctionPanic(t *testing.T) {
	edges.Walk(t, func() (receivers []any, functions map[string]any, values []any) {
		n := netOf(t, dense.Config{Input: 4, Hidden: []int{2}})
		b, err := onnx.Encode(n, onnx.Options{})
		if err != nil {
			panic(err)
		}
		m, err := onnx.Parse(b)
		if err != nil {
			panic(err)
		}
		p := graph.NewParams(graph.Float32, 1)
		return []any{m, onnx.Model{}, onnx.Model{Loss: "cross entropy"}}, map[string]any{
			"Parse":  onnx.Parse,
			"Read":   onnx.Read,
			"Encode": onnx.Encode,
			"Write":  func(n onnx.Net, o onnx.Options) error { return onnx.Write(t.TempDir()+"/x.onnx", n, o) },
		}, []any{n, onnx.Options{Part: onnx.Encoder}, onnx.Options{Outputs: []string{"recon"}, Given: []string{"code"}}, b, p, graph.New(p, graph.Config{})}
	})
}
