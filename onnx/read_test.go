package onnx_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/onnxproto"
	"github.com/stheno-ml/stheno/internal/zoo"
	"github.com/stheno-ml/stheno/onnx"
	"github.com/stheno-ml/stheno/vm"
)

// again computes a file's outputs from the same inputs.
func again(t *testing.T, b []byte, batch int, in []vm.Array) []vm.Array {
	m, err := onnx.Parse(b)
	require.NoError(t, err)
	n := net{model: m, params: graph.NewParams(graph.Float32, 1)}
	_, out := n.run(t, batch, m.Outputs(), nil, func(p *graph.Program) map[string][]float32 {
		values := map[string][]float32{}
		for _, a := range in {
			values[a.Name] = a.Data
		}
		return values
	})
	return out
}

// requireAllRead requires that nodes read all weights and numbers of a file.
func requireAllRead(t *testing.T, b []byte) {
	m, err := onnxproto.Unmarshal(b)
	require.NoError(t, err)
	for _, w := range m.Graph.Initializers {
		require.True(t, slices.ContainsFunc(m.Graph.Nodes, func(n *onnxproto.Node) bool { return slices.Contains(n.Inputs, w.Name) }), w.Name)
	}
}

func TestAFileReadAgainComputesTheSame(t *testing.T) {
	for _, e := range zoo.All() {
		n := netOf(t, e.Model)
		parts := n.parts(t)
		for _, part := range slices.Sorted(maps.Keys(parts)) {
			t.Run(fmt.Sprintf("%s, %s", e.Name, part), func(t *testing.T) {
				b, err := onnx.Encode(n, onnx.Options{Part: part})
				require.NoError(t, err)
				requireAllRead(t, b)
				in, want := n.run(t, 3, parts[part][0], parts[part][1], feedOf(e))
				got := again(t, b, 3, in)
				for _, w := range want {
					i := slices.IndexFunc(got, func(a vm.Array) bool { return a.Name == w.Name })
					require.GreaterOrEqual(t, i, 0, w.Name)
					require.Equal(t, w.Shape, got[i].Shape, w.Name)
					require.LessOrEqual(t, distance(got[i].Data, w.Data), 1e-5, w.Name)
				}
			})
		}
	}
}
