package vae

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/stheno-ml/stheno/graph"
)

// Name identifies the model where models are chosen by name.
const Name = "vae"

// Config describes the autoencoder. The zero value is 784-400-20-400-784 with ReLU
// and beta 1.
type Config struct {
	// Input is the number of values of a sample, in [0,1] for likelihoods
	// that say so; 0 means 784. With Conv or Blocks, it follows from them.
	Input int `json:"input,omitzero"`
	// Hidden lists the sizes of the dense layers between the latent and the input or
	// the last convolution. nil means 400, or none with Conv. The decoder has them in
	// reverse order, if Decoder is nil.
	Hidden []int `json:"hidden,omitzero"`
	// Decoder lists the sizes of the decoder's dense layers, from the latent on; nil
	// means those of Hidden in reverse order.
	Decoder []int `json:"decoder,omitzero"`
	// Latent is the number of latent dimensions; 0 means 20.
	Latent int `json:"latent,omitzero"`
	// Activation is the activation of the hidden layers and of the convolutions; ""
	// means "relu", or "linear" with Gated. "linear" is none.
	Activation graph.Activation `json:"activation,omitzero"`
	// Gated multiplies each hidden dense layer by the sigmoid of another dense layer of
	// the same input (Tomczak and Welling 2018, section 5.2).
	Gated bool `json:"gated,omitzero"`
	// BatchNorm normalises the hidden layers and the convolutions before their
	// activation.
	BatchNorm bool `json:"batchNorm,omitzero"`
	// Likelihood is p(x|z); "" means "bernoulli".
	Likelihood Likelihood `json:"likelihood,omitzero"`
	// Scale is the scale of the Gaussian and the Laplace likelihood, in the units of
	// the data; 0 means 1.
	Scale float64 `json:"scale,omitzero"`
	// Levels is the number of levels of the logistic, the beta-binomial and the
	// categorical likelihood, from 2 to 65,536; 0 means 256.
	Levels int `json:"levels,omitzero"`
	// Blocks are the columns of a table whose likelihoods differ, from left to right.
	// Then Input is their number, and Likelihood stays empty.
	Blocks []Block `json:"blocks,omitzero"`
	// Binarize replaces each value of a sample in training by 1 with the value as
	// probability, else by 0, drawn anew in each step.
	Binarize bool `json:"binarize,omitzero"`
	// LogVar is the range, two numbers, to which log variances are clamped; nil means
	// -30 to 20. A log variance outside the range has no gradient.
	LogVar []float64 `json:"logVar,omitzero"`
	// Beta is the weight of the KL term, at least 0 (Higgins et al. 2017, eq. 4). nil
	// means 1, the evidence lower bound; 0 removes the term from the loss. It is the
	// default of the scalar input "beta".
	Beta *float64 `json:"beta,omitzero"`
	// Capacity, if not nil, replaces the KL term by |KL - Capacity|, in nats and at least
	// 0, so that the code keeps as much information (Burgess et al. 2018, eq. 8, where
	// Beta is called gamma). It is the default of the scalar input "capacity".
	Capacity *float64 `json:"capacity,omitzero"`
	// FreeBits is the part of each dimension's KL term, averaged over the batch, that
	// costs nothing: the dimension costs max(FreeBits, KL), in nats (Kingma et al.
	// 2016, eq. 15). 0 means none.
	FreeBits float64 `json:"freeBits,omitzero"`
	// Classes is the number of classes if encoder and decoder are conditional on the
	// class of each sample (Kingma et al. 2014, M2). The input "label" holds the
	// classes. 0 means not conditional.
	Classes int `json:"classes,omitzero"`
	// Condition is the number of values that encoder and decoder are conditional on. The
	// input "condition" [N, Condition] holds them. 0 means not conditional.
	Condition int `json:"condition,omitzero"`
	// Conv adds convolutions to the encoder and transposed convolutions to the
	// decoder.
	Conv *Conv `json:"conv,omitzero"`
	// Init initialises the weights; nil means Glorot's uniform distribution. Biases
	// start at 0. Init is not written to JSON.
	Init graph.Init `json:"-"`
}

// Conv describes the convolutions. Those before the encoder's dense layers have
// stride 2 and same padding. Transposed ones after the decoder's dense layers restore
// the shapes.
type Conv struct {
	// Shape is the shape of a sample: channels, rows and columns; nil means 1, 28,
	// 28.
	Shape []int `json:"shape,omitzero"`
	// Channels lists the output channels of the encoder's convolutions; nil means 32,
	// 64. The decoder has them in reverse order.
	Channels []int `json:"channels,omitzero"`
	// Kernel is the width of the square kernels; 0 means 3.
	Kernel int `json:"kernel,omitzero"`
}

// WithDefaults returns the settings with zero values replaced by their defaults.
func (c Config) WithDefaults() Config { return c.withDefaults() }

func (c Config) withDefaults() Config {
	hidden := []int{400}
	if c.Conv != nil {
		conv := *c.Conv
		if conv.Shape == nil {
			conv.Shape = []int{1, 28, 28}
		}
		if conv.Channels == nil {
			conv.Channels = []int{32, 64}
		}
		conv.Kernel = cmp.Or(conv.Kernel, 3)
		c.Conv = &conv
		hidden = nil
		c.Input = cmp.Or(c.Input, graph.Shape(conv.Shape).Size())
	}
	if c.Hidden == nil {
		c.Hidden = hidden
	}
	if c.Decoder == nil {
		c.Decoder = slices.Clone(c.Hidden)
		slices.Reverse(c.Decoder)
	}
	if len(c.Blocks) > 0 {
		c.Blocks = slices.Clone(c.Blocks)
		columns := 0
		for i, k := range c.Blocks {
			c.Blocks[i] = k.withDefaults()
			columns += c.Blocks[i].Size
		}
		c.Input = cmp.Or(c.Input, columns)
	}
	c.Input = cmp.Or(c.Input, 784)
	c.Latent = cmp.Or(c.Latent, 20)
	if c.Gated {
		c.Activation = cmp.Or(c.Activation, "linear")
	}
	c.Activation = cmp.Or(c.Activation, "relu")
	if len(c.Blocks) == 0 {
		c.Likelihood = cmp.Or(c.Likelihood, Bernoulli)
	}
	c.Scale = cmp.Or(c.Scale, 1)
	c.Levels = cmp.Or(c.Levels, 256)
	if c.LogVar == nil {
		c.LogVar = []float64{-30, 20}
	}
	if c.Beta == nil {
		c.Beta = new(1.0)
	}
	return c
}

// sampleShape is the shape of a sample in Build's input.
func (c Config) sampleShape() graph.Shape {
	if c.Conv != nil {
		return c.Conv.Shape
	}
	return graph.Shape{c.Input}
}

// String describes the net by its sizes, such as "784-400-20 relu beta 1" or
// "1x28x28-32-64-20 relu beta 1".
func (c Config) String() string {
	c = c.withDefaults()
	var sizes []string
	for _, n := range c.sampleShape() {
		sizes = append(sizes, fmt.Sprint(n))
	}
	sizes = []string{strings.Join(sizes, "x")}
	layers := c.Hidden
	if c.Conv != nil {
		layers = slices.Concat(c.Conv.Channels, c.Hidden)
	}
	for _, n := range append(slices.Clone(layers), c.Latent) {
		sizes = append(sizes, fmt.Sprint(n))
	}
	mirror := slices.Clone(c.Hidden)
	slices.Reverse(mirror)
	if !slices.Equal(mirror, c.Decoder) {
		for _, n := range c.Decoder {
			sizes = append(sizes, fmt.Sprint(n))
		}
	}
	name := fmt.Sprintf("%s %s beta %g", strings.Join(sizes, "-"), c.Activation, *c.Beta)
	for _, s := range []struct {
		on   bool
		text string
	}{
		{c.Gated, "gated"},
		{c.BatchNorm, "batch norm"},
		{c.Capacity != nil, fmt.Sprintf("capacity %g", deref(c.Capacity))},
		{c.FreeBits > 0, fmt.Sprintf("free bits %g", c.FreeBits)},
		{len(c.Blocks) > 0, fmt.Sprintf("%d blocks", len(c.Blocks))},
		{c.Likelihood != Bernoulli && len(c.Blocks) == 0, string(c.Likelihood)},
		{c.Binarize, "binarised"},
		{c.Classes > 0, fmt.Sprintf("of %d classes", c.Classes)},
		{c.Condition > 0, fmt.Sprintf("given %d values", c.Condition)},
	} {
		if s.on {
			name += " " + s.text
		}
	}
	return name
}
