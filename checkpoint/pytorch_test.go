package checkpoint_test

import (
	"math"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/checkpoint"
	"github.com/stheno-ml/stheno/graph"
)

// pyTorchNets are the nets of testdata/pytorch_nets.py.
func pyTorchNets() []peer {
	return []peer{
		{"dense", slices.Concat(
			checkpoint.PyTorch(checkpoint.Dense, "fc?", "?"),
			checkpoint.PyTorch(checkpoint.LayerNorm, "norm", "2"),
		), func(b *graph.Builder, x *graph.Node) *graph.Node {
			x = graph.Dense{Units: 7, Activation: "tanh"}.Apply(b.Scope("fc0"), x)
			x = graph.LayerNorm{}.Apply(b.Scope("norm"), x)
			return graph.Dense{Units: 3}.Apply(b.Scope("fc3"), x)
		}},
		{"conv", slices.Concat(
			checkpoint.PyTorch(checkpoint.Conv, "conv*", "*"),
			checkpoint.PyTorch(checkpoint.BatchNorm, "norm", "1"),
		), func(b *graph.Builder, x *graph.Node) *graph.Node {
			x = graph.Conv2D{Filters: 4, Kernel: graph.Pair{3}, Padding: graph.Same}.Apply(b.Scope("conv0"), x)
			x = b.Activate("relu", graph.BatchNorm{}.Apply(b.Scope("norm"), x))
			x = graph.Conv2D{Filters: 8, Kernel: graph.Pair{3}, Groups: 4}.Apply(b.Scope("conv3"), x)
			return graph.ConvTranspose2D{Filters: 3, Kernel: graph.Pair{2}, Stride: graph.Pair{2}}.Apply(b.Scope("conv4"), x)
		}},
		{"conv1d", checkpoint.PyTorch(checkpoint.Conv, "*", "*"), func(b *graph.Builder, x *graph.Node) *graph.Node {
			x = graph.Conv1D{Filters: 4, Kernel: 3}.Apply(b.Scope("0"), x)
			return graph.ConvTranspose1D{Filters: 3, Kernel: 3, Stride: 2}.Apply(b.Scope("1"), x)
		}},
		{"lstm", checkpoint.PyTorch(checkpoint.LSTM, "lstm", "rnn"), func(b *graph.Builder, x *graph.Node) *graph.Node {
			return graph.LSTM{Units: 6, ReturnSequences: true}.Apply(b.Scope("lstm"), x)
		}},
		{"deep", checkpoint.PyTorch(checkpoint.LSTM, "", "rnn"), func(b *graph.Builder, x *graph.Node) *graph.Node {
			return graph.LSTM{Units: 6, Layers: 2, Bidirectional: true, ReturnSequences: true}.Apply(b, x)
		}},
		{"gru", checkpoint.PyTorch(checkpoint.GRU, "gru", "rnn"), func(b *graph.Builder, x *graph.Node) *graph.Node {
			return graph.GRU{Units: 6, ReturnSequences: true}.Apply(b.Scope("gru"), x)
		}},
		{"rnn", checkpoint.PyTorch(checkpoint.RNN, "rnn", "rnn"), func(b *graph.Builder, x *graph.Node) *graph.Node {
			return graph.RNN{Units: 6, ReturnSequences: true}.Apply(b.Scope("rnn"), x)
		}},
	}
}

func TestNetsOfPyTorchGiveTheSameOutputs(t *testing.T) {
	dir := t.TempDir()
	python(t, "testdata/pytorch_nets.py", dir)
	for _, p := range pyTorchNets() {
		t.Run(p.name, func(t *testing.T) {
			p.agrees(t, filepath.Join(dir, p.name+".safetensors"), filepath.Join(dir, p.name+".npz"))
		})
	}
	full := arraysOf(t, filepath.Join(dir, "dense.safetensors"))
	for file, digits := range map[string]int{"float16": 11, "bfloat16": 8} {
		for name, half := range arraysOf(t, filepath.Join(dir, file+".safetensors")) {
			for i, v := range half.Floats() {
				want := full[name].Floats()[i]
				require.InDelta(t, want, v, math.Ldexp(math.Abs(want), -digits), "%s of %s", name, file)
			}
		}
	}
}

func arraysOf(t *testing.T, path string) map[string]checkpoint.Array {
	t.Helper()
	arrays, err := checkpoint.ReadWeights(path)
	require.NoError(t, err)
	out := map[string]checkpoint.Array{}
	for _, a := range arrays {
		out[a.Name] = a
	}
	return out
}
