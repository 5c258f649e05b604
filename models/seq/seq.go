// Package seq has autoencoders for sequences of recurrent layers (Srivastava, Mansimov
// and Salakhutdinov 2015). The encoder computes the code from its last output or from
// a weighted mean of all. The decoder reads the code at every step and, with
// TeacherForcing, the step before. Steps are values, as of a series, or tokens, as of a
// text. VAE is the variational form.
//
//	net := seq.Config{}.Build(b, 128) // images of 28x28 as 28 steps of 28 pixels
//	net = seq.Config{Steps: 140, Features: 1, Hidden: []int{64, 32}, Code: 8, Loss: graph.MSE}.Build(b, 32)
//	net = seq.VAE{Config: seq.Config{Steps: 16, Vocabulary: 28, Cell: seq.GRU, TeacherForcing: true, Lengths: true}}.Build(b, 64)
package seq

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stheno-ml/stheno/graph"
)

// Build adds the autoencoder to the graph, for batches of the given size, with one
// task. The input is "x" [batch, Steps, Features], or [batch, Steps] with a Vocabulary,
// and with Lengths "lengths" [batch]. The outputs are "recon" in the shape of x, in the
// data's own range, "code" [batch, Code] and, in evaluation, "score" [batch], the loss
// of each sample. Steps of the reconstruction beyond a sequence's length have no
// meaning.
//
// The task is named after the loss, "bce", "mse" or "nll", or "forced" if values are
// decoded with TeacherForcing. The loss of a sample of values is the mean over its values; that of a sample of
// tokens is the sum of their cross entropies, in nats. In evaluation there is the
// metric "mse" or, with a Vocabulary, "accuracy", the share of tokens in their places
// in the reconstruction. If a setting is invalid, the net is empty and the builder has
// the error.
func (c Config) Build(b *graph.Builder, batch int) graph.Net {
	if !c.valid(b) {
		return graph.Net{}
	}
	c = c.withDefaults()
	x, lengths := c.input(b, batch)
	code := c.Encode(b, x, lengths)
	y := c.DecodeAfter(b, code, c.within(b, x, lengths))
	mean, each := c.loss(b.Scope("loss"), y, x, lengths)
	task := graph.Task{Name: c.taskName(), Loss: mean}
	net := graph.Net{Outputs: map[string]*graph.Node{graph.OutputCode: code}}
	if !b.Training {
		net.Outputs[graph.OutputScore] = each
	}
	return c.finish(b, net, task, x, lengths, code, y)
}

// finish adds the reconstruction and its metric to the net. y is the decoder's output
// for the loss; in evaluation, the reconstruction is that of the code alone.
func (c Config) finish(b *graph.Builder, net graph.Net, task graph.Task, x, lengths, code, y *graph.Node) graph.Net {
	if !b.Training {
		y = c.Decode(b, code)
	}
	recon := c.Recon(b, y)
	net.Outputs[graph.OutputRecon] = recon
	if !b.Training && task.Name != graph.MetricMSE {
		task.Metrics = append(task.Metrics, c.metric(b.Scope("evaluate"), recon, x, lengths))
	}
	if b.Err() != nil {
		return graph.Net{}
	}
	net.Tasks = []graph.Task{task}
	return net
}

// input adds the inputs of a batch. Without Lengths, lengths is nil.
func (c Config) input(b *graph.Builder, batch int) (x, lengths *graph.Node) {
	x = b.Input(graph.InputX, append([]int{batch}, c.sample()...)...)
	if c.Lengths {
		lengths = b.Input(graph.InputLengths, batch)
	}
	return x, lengths
}

// within is x with zeros in place of the values beyond the lengths, which can be NaN:
// the gradient of a weight is a product with them.
func (c Config) within(b *graph.Builder, x, lengths *graph.Node) *graph.Node {
	if c.Vocabulary != 0 || lengths == nil {
		return x
	}
	return b.Mask(x, b.LengthMask(lengths, c.Steps))
}

// Encode adds the encoder. It maps x [N, Steps, Features], or [N, Steps] with a
// Vocabulary, to the code [N, Code]. With Lengths, lengths [N] holds the steps of each
// sequence; otherwise it is nil.
func (c Config) Encode(b *graph.Builder, x, lengths *graph.Node) *graph.Node {
	if !c.valid(b) {
		return nil
	}
	c = c.withDefaults()
	h := c.encode(b, x, lengths)
	return graph.Dense{Units: c.Code, Activation: c.CodeActivation}.Apply(b.Scope("encoder").Scope("code"), h)
}

// encode adds the encoder up to the layer before the code: [N, last of Hidden], or
// twice that if it is bidirectional.
func (c Config) encode(b *graph.Builder, x, lengths *graph.Node) *graph.Node {
	enc := b.Scope("encoder")
	if !checkShape(enc, x, c.sample()...) || !c.checkLengths(enc, x, lengths) {
		return nil
	}
	x = c.embed(b, c.within(b, x, lengths))
	for i, units := range c.Hidden {
		last := i == len(c.Hidden)-1
		layer := c.Cell.layer(graph.Recurrent{Units: units, Bidirectional: c.Bidirectional, ReturnSequences: !last || c.Attention})
		if lengths == nil {
			x = layer.Apply(c.Cell.scope(enc, i), x)
		} else {
			x = layer.ApplyLengths(c.Cell.scope(enc, i), x, lengths)
		}
		if !last {
			x = c.dropout(c.Cell.scope(enc, i), x)
		}
	}
	if c.Attention {
		x = attend(enc.Scope("attention"), x, lengths)
	}
	return x
}

// embed maps tokens [N, ...] to vectors [N, ..., Embedding]; values stay as they are.
func (c Config) embed(b *graph.Builder, x *graph.Node) *graph.Node {
	if c.Vocabulary == 0 {
		return x
	}
	return graph.Embedding{Rows: c.Vocabulary, Units: c.Embedding, Init: graph.Normal(0, 0.1)}.Apply(b.Scope("embedding"), x)
}

// dropout drops outputs of a layer that another layer reads.
func (c Config) dropout(b *graph.Builder, x *graph.Node) *graph.Node {
	if c.Dropout == 0 {
		return x
	}
	return graph.Dropout{Rate: c.Dropout}.Apply(b.Scope("dropout"), x)
}

// Summary returns a table of the layers, with their output shapes and numbers of
// weights, or the error of Validate.
func (c Config) Summary() (string, error) {
	return graph.SummaryOf(strings.ToUpper(c.withDefaults().Cell.String())+" autoencoder "+c.String(), c.Build)
}

// valid reports whether the settings are valid. If not, the builder gets the error.
func (c Config) valid(b *graph.Builder) bool {
	if err := c.Validate(); err != nil {
		b.Failf("%w", err)
	}
	return b.Err() == nil
}

// checkLengths reports whether there are lengths [N] where the settings ask for them.
func (c Config) checkLengths(b *graph.Builder, x, lengths *graph.Node) bool {
	switch {
	case b.Err() != nil:
	case !c.Lengths && lengths != nil:
		b.Failf("seq: there are lengths, but Lengths is false: set it")
	case c.Lengths && lengths == nil:
		b.Failf("seq: want the length of each of %d sequences, have nil", x.Shape()[0])
	case c.Lengths && !graph.Shape(lengths.Shape()).Equal(graph.Shape{x.Shape()[0]}):
		b.Failf("seq: want the length of each of %d sequences, have %v", x.Shape()[0], graph.Shape(lengths.Shape()))
	}
	return b.Err() == nil
}

// checkShape reports whether x is [N, sample...]. If not, the builder gets an error.
func checkShape(b *graph.Builder, x *graph.Node, sample ...int) bool {
	if b.Err() != nil {
		return false
	}
	if x == nil || x.Dims() != 1+len(sample) || !slices.Equal(x.Shape()[1:], sample) {
		have := "nil"
		if x != nil {
			have = graph.Shape(x.Shape()).String()
		}
		b.Failf("seq: want [N, %s], have %s", strings.Trim(strings.Join(strings.Fields(fmt.Sprint(sample)), ", "), "[]"), have)
	}
	return b.Err() == nil
}
