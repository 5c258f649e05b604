package stheno_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/cpu"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/models/conv"
	"github.com/stheno-ml/stheno/train"
	"github.com/stheno-ml/stheno/vm"
)

// BenchmarkEncodeOne encodes one image with the convolutional autoencoder, directly
// on a machine and through a function.
func BenchmarkEncodeOne(b *testing.B) {
	o := train.Options{Backend: cpu.Config{Threads: 1}, Params: graph.NewParams(graph.Float32, 1)}
	x := make([]float32, 784)
	p, err := train.EvalProgram(conv.Config{}, 1, o)
	require.NoError(b, err)
	p, err = p.Select([]string{graph.OutputCode})
	require.NoError(b, err)
	code := make([]float32, p.Outputs()[0].Shape.Size())
	m, err := o.Backend.Compile(p)
	require.NoError(b, err)
	defer m.Close()
	f, err := train.NewFunction(conv.Config{}, o, vm.FunctionOptions{})
	require.NoError(b, err)
	defer f.Close()
	in := []vm.Array{{Name: graph.InputX, Shape: p.Inputs()[0].Shape, Data: x}}
	out := []vm.Array{{Name: graph.OutputCode, Data: code}}
	for name, run := range map[string]func() error{
		"machine": func() error {
			if err := m.Feed(graph.InputX, x); err != nil {
				return err
			}
			if err := vm.Run(m); err != nil {
				return err
			}
			return m.Read(graph.OutputCode, code)
		},
		"function": func() error { return f.Call(in, out) },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := run(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
