package checkpoint_test

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/stheno-ml/stheno/checkpoint"
	"github.com/stheno-ml/stheno/graph"
)

// kerasNets are the nets of testdata/keras_nets.py.
func kerasNets() []peer {
	const epsilon = 1e-3 // Keras' default
	return []peer{
		{"dense", slices.Concat(
			checkpoint.Keras(checkpoint.Dense, "fc*", "fc*"),
			checkpoint.Keras(checkpoint.LayerNorm, "norm", "norm"),
		), func(b *graph.Builder, x *graph.Node) *graph.Node {
			x = graph.Dense{Units: 7, Activation: "tanh"}.Apply(b.Scope("fc1"), x)
			x = graph.LayerNorm{Epsilon: epsilon}.Apply(b.Scope("norm"), x)
			return graph.Dense{Units: 3}.Apply(b.Scope("fc2"), x)
		}},
		{"conv", slices.Concat(
			checkpoint.Keras(checkpoint.DepthwiseConv, "conv2", "conv2"),
			checkpoint.Keras(checkpoint.Conv, "conv*", "conv*"),
			checkpoint.Keras(checkpoint.BatchNorm, "norm", "norm"),
		), func(b *graph.Builder, x *graph.Node) *graph.Node {
			x = graph.Conv2D{Filters: 4, Kernel: graph.Pair{3}}.Apply(b.Scope("conv1"), x)
			x = graph.BatchNorm{Epsilon: epsilon}.Apply(b.Scope("norm"), x)
			x = graph.DepthwiseConv2D{Multiplier: 2, Kernel: graph.Pair{3}}.Apply(b.Scope("conv2"), x)
			return graph.ConvTranspose2D{Filters: 3, Kernel: graph.Pair{2}, Stride: graph.Pair{2}}.Apply(b.Scope("conv3"), x)
		}},
		{"conv1d", checkpoint.Keras(checkpoint.Conv, "conv*", "conv*"), func(b *graph.Builder, x *graph.Node) *graph.Node {
			x = graph.Conv1D{Filters: 4, Kernel: 3}.Apply(b.Scope("conv1"), x)
			return graph.ConvTranspose1D{Filters: 3, Kernel: 3, Stride: 2}.Apply(b.Scope("conv2"), x)
		}},
		{"lstm", checkpoint.Keras(checkpoint.LSTM, "lstm", "lstm/lstm_cell"), func(b *graph.Builder, x *graph.Node) *graph.Node {
			return graph.LSTM{Units: 6, ReturnSequences: true}.Apply(b.Scope("lstm"), x)
		}},
		{"both", checkpoint.Keras(checkpoint.LSTM, "both/*", "*_lstm/lstm_cell"), func(b *graph.Builder, x *graph.Node) *graph.Node {
			return graph.LSTM{Units: 6, Bidirectional: true, ReturnSequences: true}.Apply(b.Scope("both"), x)
		}},
		{"gru", checkpoint.Keras(checkpoint.GRU, "gru", "gru/gru_cell"), func(b *graph.Builder, x *graph.Node) *graph.Node {
			return graph.GRU{Units: 6, ReturnSequences: true}.Apply(b.Scope("gru"), x)
		}},
		{"rnn", checkpoint.Keras(checkpoint.RNN, "rnn", "rnn/simple_rnn_cell"), func(b *graph.Builder, x *graph.Node) *graph.Node {
			return graph.RNN{Units: 6, ReturnSequences: true}.Apply(b.Scope("rnn"), x)
		}},
	}
}

func TestNetsOfKerasGiveTheSameOutputs(t *testing.T) {
	dir := t.TempDir()
	python(t, "testdata/keras_nets.py", dir)
	convert := []string{"-c", "import sys; sys.path.append('../scripts'); import weights_from_keras as w\n" +
		"for i in range(1, len(sys.argv), 2): w.main(*sys.argv[i:i+2])"}
	weights := map[string]string{}
	for i, p := range kerasNets() {
		weights[p.name] = filepath.Join(dir, p.name+"-weights"+[]string{".npz", ".safetensors"}[i%2])
		convert = append(convert, filepath.Join(dir, p.name+".keras"), weights[p.name])
	}
	require.Contains(t, python(t, convert...), "forward_lstm/lstm_cell/kernel [5, 24]")
	for _, p := range kerasNets() {
		t.Run(p.name, func(t *testing.T) { p.agrees(t, weights[p.name], filepath.Join(dir, p.name+".npz")) })
	}
	_, err := checkpoint.ReadWeights(filepath.Join(dir, "dense.keras"))
	require.ErrorContains(t, err, "weights_from_keras.py")
}
