package onnx_test

import (
	"testing"

	"github.com/stheno-ml/stheno/internal/edges"
	"github.com/stheno-ml/stheno/models/dense"
	"github.com/stheno-ml/stheno/onnx"
)

func TestNoArgumentMakesAFunctionPanic(t *testing.T) {
	edges.Walk(t, func() (receivers []any, functions map[string]any, values []any) {
		n := netOf(t, dense.Config{Input: 4, Hidden: []int{2}})
		return nil, map[string]any{
			"Encode": onnx.Encode,
			"Write":  func(n onnx.Net, o onnx.Options) error { return onnx.Write(t.TempDir()+"/x.onnx", n, o) },
		}, []any{n, onnx.Options{Part: onnx.Encoder}, onnx.Options{Outputs: []string{"recon"}, Given: []string{"code"}}}
	})
}
