package checkpoint

import (
	"fmt"

	"github.com/stheno-ml/stheno/graph"
)

// Layer is a kind of layer of package graph, for PyTorch and Keras.
type Layer string

// The kinds of layers. Conv is for convolutions and transposed ones, along one axis or
// two. RNN is for the plain recurrence with tanh.
const (
	Dense         Layer = "Dense"
	Conv          Layer = "Conv"
	DepthwiseConv Layer = "DepthwiseConv"
	LSTM          Layer = "LSTM"
	GRU           Layer = "GRU"
	RNN           Layer = "RNN"
	BatchNorm     Layer = "BatchNorm"
	LayerNorm     Layer = "LayerNorm"
	Embedding     Layer = "Embedding"
)

// PyTorch returns the names of a layer's weights and states: here is its scope in the
// model, such as "encoder/fc1", and there its name in PyTorch, such as "encoder.0". Both
// can have a "*"; see Name. Recurrent layers may be stacked and bidirectional.
//
//	Names: slices.Concat(
//		checkpoint.PyTorch(checkpoint.Conv, "conv*", "features.*"),
//		checkpoint.PyTorch(checkpoint.LSTM, "lstm", "rnn"),
//	)
//
// docs/weights.md has the tables.
func PyTorch(l Layer, here, there string) []Name { return scoped(pyTorch[l], here, there, ".") }

// Keras returns the names of a layer's weights and states as scripts/weights_from_keras.py
// writes them: here is its scope in the model, and there the path of its variables, such
// as "dense" or "lstm/lstm_cell". Both can have a "*"; see Name. A GRU must have its reset
// gate after the product, which is the default of Keras. docs/weights.md has the tables.
func Keras(l Layer, here, there string) []Name { return scoped(keras[l], here, there, "/") }

// pyTorch has the names and layouts of PyTorch's layers.
var pyTorch = map[Layer][]Name{
	Dense:         {{Here: "w", There: "weight", Permute: []int{1, 0}}, {Here: "b", There: "bias"}},
	Conv:          {{Here: "w", There: "weight"}, {Here: "b", There: "bias"}},
	DepthwiseConv: {{Here: "w", There: "weight"}, {Here: "b", There: "bias"}},
	LSTM:          pyTorchRecurrent(added),
	GRU:           pyTorchRecurrent(gruBiases),
	RNN:           pyTorchRecurrent(added),
	BatchNorm: {
		{Here: "gamma", There: "weight"}, {Here: "beta", There: "bias"},
		{Here: "mean", There: "running_mean"}, {Here: "var", There: "running_var"},
		{There: "num_batches_tracked"},
	},
	LayerNorm: {{Here: "gamma", There: "weight"}, {Here: "beta", There: "bias"}},
	Embedding: {{Here: "table", There: "weight"}},
}

// pyTorchRecurrent has the names of a recurrent layer: a single one, one of several, and
// each of them in two directions.
func pyTorchRecurrent(bias func(...Array) (Array, error)) (rows []Name) {
	for _, layer := range []struct{ here, there string }{{"", "l0"}, {"layer*/", "l*"}} {
		for _, d := range []struct{ here, there string }{{"", ""}, {"forward/", ""}, {"backward/", "_reverse"}} {
			of := layer.there + d.there
			rows = append(rows,
				Name{Here: layer.here + d.here + "wx", There: "weight_ih_" + of, Permute: []int{1, 0}},
				Name{Here: layer.here + d.here + "wh", There: "weight_hh_" + of, Permute: []int{1, 0}},
				Name{Here: layer.here + d.here + "b", There: "bias_ih_" + of, With: []string{"bias_hh_" + of}, Convert: bias},
			)
		}
	}
	return rows
}

// keras has the names and layouts of Keras' layers.
var keras = map[Layer][]Name{
	Dense:         {{Here: "w", There: "kernel"}, {Here: "b", There: "bias"}},
	Conv:          {{Here: "w", There: "kernel", Convert: kerasKernels}, {Here: "b", There: "bias"}},
	DepthwiseConv: {{Here: "w", There: "kernel", Convert: kerasDepthwise}, {Here: "b", There: "bias"}},
	LSTM:          {{Here: "wx", There: "kernel"}, {Here: "wh", There: "recurrent_kernel"}, {Here: "b", There: "bias"}},
	GRU: {
		{Here: "wx", There: "kernel", Convert: resetFirst}, {Here: "wh", There: "recurrent_kernel", Convert: resetFirst},
		{Here: "b", There: "bias", Convert: kerasGRUBiases},
	},
	RNN: {{Here: "wx", There: "kernel"}, {Here: "wh", There: "recurrent_kernel"}, {Here: "b", There: "bias"}},
	BatchNorm: {
		{Here: "gamma", There: "gamma"}, {Here: "beta", There: "beta"},
		{Here: "mean", There: "moving_mean"}, {Here: "var", There: "moving_variance"},
	},
	LayerNorm: {{Here: "gamma", There: "gamma"}, {Here: "beta", There: "beta"}},
	Embedding: {{Here: "table", There: "embeddings"}},
}

// scoped puts the layer's scopes in front of the names.
func scoped(rows []Name, here, there, separator string) []Name {
	under := func(scope, separator, name string) string {
		if scope == "" || name == "" {
			return name
		}
		return scope + separator + name
	}
	out := make([]Name, len(rows))
	for i, n := range rows {
		n.Here, n.There = under(here, "/", n.Here), under(there, separator, n.There)
		with := make([]string, len(n.With))
		for k := range with {
			with[k] = under(there, separator, n.With[k])
		}
		n.With = with
		out[i] = n
	}
	return out
}

// kerasKernels turns kernels [..., in, out] into [out, in, ...], and those of transposed
// convolutions [..., out, in] into [in, out, ...].
func kerasKernels(a ...Array) (Array, error) {
	n := len(a[0].Shape)
	if n < 3 {
		return a[0], fmt.Errorf("%q %v: want kernels [..., in, out]", a[0].Name, a[0].Shape)
	}
	permute := []int{n - 1, n - 2}
	for k := range n - 2 {
		permute = append(permute, k)
	}
	return permuted(a[0], permute)
}

// kerasDepthwise turns kernels [KH,KW,C,M] into [C*M,1,KH,KW].
func kerasDepthwise(a ...Array) (Array, error) {
	if len(a[0].Shape) != 4 {
		return a[0], fmt.Errorf("%q %v: want kernels [KH,KW,C,M]", a[0].Name, a[0].Shape)
	}
	out, err := permuted(a[0], []int{2, 3, 0, 1})
	if s := out.Shape; err == nil {
		out.Shape = graph.Shape{s[0] * s[1], 1, s[2], s[3]}
	}
	return out, err
}
