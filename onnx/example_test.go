package onnx_test

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/models/dense"
	"github.com/stheno-ml/stheno/onnx"
)

func ExampleWrite() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "encoder.onnx")
	ae := net{model: dense.Config{Input: 20, Hidden: []int{12, 5}}, params: graph.NewParams(graph.Float32, 1)} // as a rule a *stheno.Autoencoder
	if err := onnx.Write(path, ae, onnx.Options{Part: onnx.Encoder}); err != nil {
		fmt.Println(err)
		return
	}
	m, err := onnx.Read(path)
	fmt.Println(m.Inputs(), m.Outputs(), err)
	// Output: [x] [code] <nil>
}
