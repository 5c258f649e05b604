package vae

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/stheno-ml/stheno/graph"
)

// Name identifies the model where models are chosen by name.
const Name = "vae"

// Config describes the autoencoder. The zero value is 784-400-20-400-784 with ReLU
// and beta 1.
type Config struct {
	// Input is the number of values of a sample, each in [0,1]; 0 means 784. With
	// Conv, it follows from Conv.Shape.
	Input int `json:"input,omitzero"`
	// Hidden lists the sizes of the dense layers between the latent and the input or
	// the last convolution. nil means 400, or none with Conv. The decoder has them in
	// reverse order.
	Hidden []int `json:"hidden,omitzero"`
	// Latent is the number of latent dimensions; 0 means 20.
	Latent int `json:"latent,omitzero"`
	// Activation is the activation of the hidden layers and of the convolutions; ""
	// means "relu", and "linear" is none.
	Activation graph.Activation `json:"activation,omitzero"`
	// Beta is the weight of the KL term, at least 0 (Higgins et al. 2017, eq. 4). nil
	// means 1, the evidence lower bound; 0 removes the term from the loss. It is the
	// default of the scalar input "beta".
	Beta *float64 `json:"beta,omitzero"`
	// Classes is the number of classes if encoder and decoder are conditional on the
	// class of each sample (Kingma et al. 2014, M2). The input "label" holds the
	// classes. 0 means not conditional.
	Classes int `json:"classes,omitzero"`
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

// withDefaults replaces zero settings by their defaults.
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
	c.Input = cmp.Or(c.Input, 784)
	c.Latent = cmp.Or(c.Latent, 20)
	c.Activation = cmp.Or(c.Activation, "relu")
	if c.Beta == nil {
		c.Beta = new(1.0)
	}
	return c
}

// Validate returns an error that names the first field out of range.
func (c Config) Validate() error {
	c = c.withDefaults()
	if c.Conv != nil {
		if err := c.Conv.validate(c.Input); err != nil {
			return err
		}
	}
	switch {
	case c.Input < 1:
		return fmt.Errorf("vae: Input is %d, want at least 1", c.Input)
	case c.Latent < 1:
		return fmt.Errorf("vae: Latent is %d, want at least 1", c.Latent)
	case c.Classes < 0:
		return fmt.Errorf("vae: Classes is %d, want the number of classes, or 0 for none", c.Classes)
	case !(*c.Beta >= 0) || math.IsInf(*c.Beta, 0):
		return fmt.Errorf("vae: Beta is %g, want a finite number, at least 0", *c.Beta)
	}
	for i, units := range c.Hidden {
		if units < 1 {
			return fmt.Errorf("vae: Hidden[%d] is %d, want at least 1", i, units)
		}
	}
	if err := c.Activation.Check(); err != nil {
		return fmt.Errorf("vae: Activation: %w", err)
	}
	return nil
}

func (v Conv) validate(input int) error {
	if len(v.Shape) != 3 {
		return fmt.Errorf("vae: Conv.Shape is %v, want channels, rows and columns", v.Shape)
	}
	shape := graph.Shape(v.Shape)
	if err := shape.Check(); err != nil {
		return fmt.Errorf("vae: Conv.Shape: %w", err)
	}
	if input != shape.Size() {
		return fmt.Errorf("vae: Input is %d, but Conv.Shape %v has %d values: leave Input at 0", input, shape, shape.Size())
	}
	if len(v.Channels) == 0 {
		return errors.New("vae: Conv.Channels is empty: list the channels of at least one convolution, or set nil for 32, 64")
	}
	for i, channels := range v.Channels {
		if channels < 1 {
			return fmt.Errorf("vae: Conv.Channels[%d] is %d, want at least 1", i, channels)
		}
	}
	if v.Kernel < 1 {
		return fmt.Errorf("vae: Conv.Kernel is %d, want at least 1", v.Kernel)
	}
	return nil
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
	name := fmt.Sprintf("%s %s beta %g", strings.Join(sizes, "-"), c.Activation, *c.Beta)
	if c.Classes > 0 {
		name += fmt.Sprintf(" of %d classes", c.Classes)
	}
	return name
}
