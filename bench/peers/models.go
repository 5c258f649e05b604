package main

import (
	"fmt"

	"github.com/stheno-ml/stheno/bench/peers/internal/talk"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/train"
)

// The nets of ops and layers that no package under models has. Each is the same
// net as the class of its kind in pytorch/variants.py.

// built is a net with the function that builds it: a train.Model.
type built struct {
	talk.Net
	build func(n talk.Net, b *graph.Builder, batch int) graph.Net
}

func (m built) Build(b *graph.Builder, batch int) graph.Net { return m.build(m.Net, b, batch) }

// variant returns a maker of models for a build function.
func variant(build func(n talk.Net, b *graph.Builder, batch int) graph.Net) func(talk.Net) train.Model {
	return func(n talk.Net) train.Model { return built{n, build} }
}

// gru is an autoencoder of sequences: a GRU to the code, and one back that reads
// the code at every step.
func gru(n talk.Net, b *graph.Builder, batch int) graph.Net {
	x := b.Input(graph.InputX, batch, n.Steps, n.Input)
	h := graph.GRU{Units: n.Hidden[0]}.Apply(b.Scope("encoder/gru"), x)
	z := graph.Dense{Units: n.Code}.Apply(b.Scope("encoder/code"), h)
	h = graph.GRU{Units: n.Hidden[0], Steps: n.Steps, ReturnSequences: true}.Apply(b.Scope("decoder/gru"), z)
	y := graph.Dense{Units: n.Input}.Apply(b.Scope("decoder/out"), h)
	return graph.BCE.Net(b, x, z, y)
}

// heads is the number of heads of the attention net.
const heads = 4

// attention reconstructs sequences by one transformer block of width Code, whose
// first dense layer has Hidden[0] units.
func attention(n talk.Net, b *graph.Builder, batch int) graph.Net {
	x := b.Input(graph.InputX, batch, n.Steps, n.Input)
	z := graph.Dense{Units: n.Code}.Apply(b.Scope("embed"), x)
	z = graph.SinePositions{}.Apply(b.Scope("positions"), z)
	z = graph.TransformerBlock{Heads: heads, Hidden: n.Hidden[0]}.Apply(b.Scope("block"), z)
	y := graph.Dense{Units: n.Input}.Apply(b.Scope("out"), z)
	return graph.BCE.Net(b, x, z, y)
}

// entries is the number of vectors in the codebook of the vq net.
const entries = 512

// vq quantises each code to the nearest vector of a codebook that is trained by
// gradient (van den Oord et al. 2017). A dense encoder gives 16 codes of Code values
// for each sample.
func vq(n talk.Net, b *graph.Builder, batch int) graph.Net {
	const codes = 16
	x := b.Input(graph.InputX, batch, n.Input)
	h := graph.Dense{Units: n.Hidden[0], Activation: "relu"}.Apply(b.Scope("encoder/fc1"), x)
	z := b.Reshape(graph.Dense{Units: codes * n.Code}.Apply(b.Scope("encoder/fc2"), h), batch*codes, n.Code)
	book := b.Param("codebook", graph.Normal(0, 1), entries, n.Code)
	// |z - e|² without the term |z|², which all entries share
	distance := b.Sub(b.Reshape(b.Sum(b.Square(book), 1), 1, entries), b.Scale(b.MatMul(z, b.Transpose(book, 1, 0)), 2))
	nearest := b.Gather(book, b.ArgMin(b.StopGradient(distance), 1), 0)
	codebook, commitment := b.MSE(nearest, b.StopGradient(z)), b.MSE(z, b.StopGradient(nearest))
	q := b.Reshape(b.StraightThrough(nearest, z), batch, codes*n.Code)
	h = graph.Dense{Units: n.Hidden[0], Activation: "relu"}.Apply(b.Scope("decoder/fc1"), q)
	y := graph.Dense{Units: n.Input}.Apply(b.Scope("decoder/fc2"), h)
	net := graph.BCE.Net(b, x, q, y)
	if b.Err() == nil {
		net.Tasks[0].Loss = b.Add(net.Tasks[0].Loss, b.Add(codebook, b.Scale(commitment, 0.25)))
	}
	return net
}

// topK is a sparse autoencoder that keeps the Code greatest of its Hidden[0] units.
func topK(n talk.Net, b *graph.Builder, batch int) graph.Net {
	x := b.Input(graph.InputX, batch, n.Input)
	h := graph.Dense{Units: n.Hidden[0]}.Apply(b.Scope("encoder"), x)
	z := b.KeepTopK(h, n.Code, 1)
	y := graph.Dense{Units: n.Input}.Apply(b.Scope("decoder"), z)
	return graph.MSE.Net(b, x, z, y)
}

// conv1D halves signals by strided convolutions, and doubles them back by
// transposed ones.
func conv1D(n talk.Net, b *graph.Builder, batch int) graph.Net {
	x := b.Input(graph.InputX, batch, 1, n.Steps)
	h, lengths := x, []int{}
	for i, filters := range n.Hidden {
		lengths = append(lengths, h.Shape()[2])
		h = graph.Conv1D{Filters: filters, Kernel: 7, Stride: 2, Padding: graph.Same, Activation: "relu"}.Apply(b.Scope(fmt.Sprintf("encoder/conv%d", i+1)), h)
		if b.Err() != nil {
			return graph.Net{}
		}
	}
	z := h
	for i := len(n.Hidden) - 1; i >= 0; i-- {
		up := graph.ConvTranspose1D{Filters: 1, Kernel: 7, Stride: 2, Padding: graph.Same, Out: lengths[i]}
		if i > 0 {
			up.Filters, up.Activation = n.Hidden[i-1], "relu"
		}
		h = up.Apply(b.Scope(fmt.Sprintf("decoder/up%d", len(n.Hidden)-i)), h)
	}
	return graph.MSE.Net(b, x, z, h)
}

// residual is a convolutional autoencoder with a block of two convolutions and a
// skip connection at each size. Images are pooled to a quarter of their rows and
// columns, and upsampled back.
func residual(n talk.Net, b *graph.Builder, batch int) graph.Net {
	width := n.Hidden[0]
	x := b.Input(graph.InputX, batch, n.Channels, n.Size, n.Size)
	conv := func(name string, filters int, activation graph.Activation, x *graph.Node) *graph.Node {
		return graph.Conv2D{Filters: filters, Kernel: graph.Pair{3}, Padding: graph.Same, Activation: activation}.Apply(b.Scope(name), x)
	}
	block := func(name string, x *graph.Node) *graph.Node {
		return b.Relu(b.Add(x, conv(name+"/conv2", width, "", conv(name+"/conv1", width, "relu", x))))
	}
	h := conv("encoder/in", width, "relu", x)
	for i := range 2 {
		h = graph.MaxPool2D{Size: graph.Pair{2}}.Apply(b, h)
		h = block(fmt.Sprintf("encoder/block%d", i+1), h)
	}
	z := conv("encoder/code", n.Code, "", h)
	h = conv("decoder/in", width, "relu", z)
	for i := range 2 {
		h = block(fmt.Sprintf("decoder/block%d", i+1), h)
		h = graph.Upsample2D{Factor: graph.Pair{2}}.Apply(b, h)
	}
	return graph.BCE.Net(b, x, z, conv("decoder/out", n.Channels, "", h))
}

// greatest is an op alone: the Code greatest of the Input values of a row, the
// greatest first.
func greatest(n talk.Net, b *graph.Builder) *graph.Node {
	values, _ := b.TopK(b.Input(graph.InputX, n.Batch, n.Input), n.Code, 1)
	return values
}

// embedded is a lookup alone. Each of a row's Input values, from 0 to below 1, chooses a
// vector of Code values from a table of Hidden[0]; the result is the sum of a row's.
func embedded(n talk.Net, b *graph.Builder) *graph.Node {
	rows := n.Hidden[0]
	chosen := b.Floor(b.Scale(b.Input(graph.InputX, n.Batch, n.Input), float64(rows)))
	return b.Sum(graph.Embedding{Rows: rows, Units: n.Code}.Apply(b, chosen), 1)
}
