// Package conv is the convolutional autoencoder. The encoder maps an image to the
// code, a smaller image with more channels; the decoder maps it back.
//
//	net := conv.Config{}.Build(b, 128)                // 28x28 to 8 channels of 7x7
//	dcn := conv.Config{Strided: true, Encoder: []int{16, 32, 8}}
//	rgb := conv.Config{Size: graph.Pair{33, 50}, Channels: 3} // any size is restored
package conv

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/stheno-ml/stheno/graph"
)

// Name identifies the model where models are chosen by name.
const Name = "conv"

// Config describes the autoencoder. The zero value takes 28x28 images with one
// channel. Its encoder has 3x3 convolutions to 16, 8 and 8 channels, with max pooling
// between them. Its decoder has convolutions to 8, 8, 16 and 1 channels, with
// nearest-neighbour upsampling by 2 between them. The activation is ReLU, the loss
// cross entropy from logits.
//
// Between two convolutions of the encoder the image shrinks by Factor, rounded up.
// The decoder crops the enlarged images to the encoder's sizes, so images of any size
// are restored.
type Config struct {
	// Size is the number of rows and columns of an image; {} means 28x28.
	Size graph.Pair `json:"size,omitzero"`
	// Channels is the number of channels of an image; 0 means 1.
	Channels int `json:"channels,omitzero"`
	// Encoder lists the output channels of the encoder's convolutions. The last is
	// the number of channels of the code. nil means 16, 8, 8.
	Encoder []int `json:"encoder,omitzero"`
	// Decoder lists the output channels of the decoder's convolutions, except for the
	// last one, which returns the image. It is as long as Encoder. nil means Encoder
	// in reverse order.
	Decoder []int `json:"decoder,omitzero"`
	// Kernel is the size of all kernels; {} means 3x3.
	Kernel graph.Pair `json:"kernel,omitzero"`
	// Factor is the factor by which the image shrinks between two convolutions of the
	// encoder; {} means 2.
	Factor graph.Pair `json:"factor,omitzero"`
	// Strided replaces pooling by strides: all convolutions of the encoder but the
	// last have the stride Factor, and the decoder enlarges the image by transposed
	// convolutions.
	Strided bool `json:"strided,omitzero"`
	// Activation is the activation between convolutions; "" means "relu", and
	// "linear" is none.
	Activation graph.Activation `json:"activation,omitzero"`
	// CodeActivation is the activation of the code; "" means Activation.
	CodeActivation graph.Activation `json:"codeActivation,omitzero"`
	// Loss is graph.BCE or graph.MSE; "" means BCE.
	Loss graph.ReconLoss `json:"loss,omitzero"`
	// Init initialises the kernels; nil means Glorot's uniform distribution. Biases
	// start at 0. Init is not written to JSON.
	Init graph.Init `json:"-"`
}

// withDefaults replaces zero settings by their defaults.
func (c Config) withDefaults() Config {
	c.Size = c.Size.Or(28)
	c.Channels = cmp.Or(c.Channels, 1)
	if c.Encoder == nil {
		c.Encoder = []int{16, 8, 8}
	}
	if c.Decoder == nil {
		c.Decoder = slices.Clone(c.Encoder)
		slices.Reverse(c.Decoder)
	}
	c.Kernel = c.Kernel.Or(3)
	c.Factor = c.Factor.Or(2)
	c.Activation = cmp.Or(c.Activation, "relu")
	c.CodeActivation = cmp.Or(c.CodeActivation, c.Activation)
	c.Loss = cmp.Or(c.Loss, graph.BCE)
	return c
}

// Validate returns an error that names the first invalid layer or field.
func (c Config) Validate() error {
	c = c.withDefaults()
	if c.Size[0] < 1 || c.Size[1] < 1 || c.Channels < 1 {
		return fmt.Errorf("conv: layer \"input\": Size is %v with %d Channels, want at least 1 of each", c.Size, c.Channels)
	}
	if len(c.Encoder) == 0 {
		return fmt.Errorf("conv: layer \"encoder\": Encoder is empty: list at least the channels of the code, or set nil for 16, 8, 8")
	}
	if len(c.Decoder) != len(c.Encoder) {
		return fmt.Errorf("conv: layer \"decoder\": Decoder has %d convolutions, Encoder %d: want the same number, or nil for the reverse of Encoder", len(c.Decoder), len(c.Encoder))
	}
	for i, n := range c.Encoder {
		if n < 1 {
			return fmt.Errorf("conv: layer \"encoder/conv%d\": Encoder[%d] is %d, want at least 1", i+1, i, n)
		}
	}
	for i, n := range c.Decoder {
		if n < 1 {
			return fmt.Errorf("conv: layer %q: Decoder[%d] is %d, want at least 1", "decoder/"+c.decoderName(i), i, n)
		}
	}
	if min(c.Kernel[0], c.Kernel[1]) < 1 {
		return fmt.Errorf("conv: layer \"encoder/conv1\": Kernel is %v, want at least 1", c.Kernel)
	}
	if min(c.Factor[0], c.Factor[1]) < 1 {
		return fmt.Errorf("conv: layer %q: Factor is %v, want at least 1", c.shrinkingLayer(0), c.Factor)
	}
	if c.Strided && (c.Kernel[0] < c.Factor[0] || c.Kernel[1] < c.Factor[1]) {
		return fmt.Errorf("conv: layer \"encoder/conv1\": kernels of %v with a stride of %v skip pixels: make Kernel at least as large as Factor", c.Kernel, c.Factor)
	}
	for i := range len(c.Encoder) - 1 {
		if c.size(i) == c.size(i+1) {
			return fmt.Errorf("conv: layer %q: an image of %v cannot shrink by %v: use fewer convolutions in Encoder", c.shrinkingLayer(i), c.size(i), c.Factor)
		}
	}
	if err := c.Activation.Check(); err != nil {
		return fmt.Errorf("conv: layer \"encoder/conv1\": Activation: %w", err)
	}
	if err := c.CodeActivation.Check(); err != nil {
		return fmt.Errorf("conv: layer \"encoder/conv%d\": CodeActivation: %w", len(c.Encoder), err)
	}
	if err := c.Loss.Check(); err != nil {
		return fmt.Errorf("conv: layer \"loss\": Loss: %w", err)
	}
	return nil
}

// size returns the rows and columns of the image after it has shrunk i times.
func (c Config) size(i int) graph.Pair {
	s := c.Size
	for range i {
		s[0], s[1] = (s[0]-1)/c.Factor[0]+1, (s[1]-1)/c.Factor[1]+1
	}
	return s
}

// shrinkingLayer names the layer in which the image shrinks for the i-th time, from
// 0.
func (c Config) shrinkingLayer(i int) string {
	if c.Strided {
		return fmt.Sprintf("encoder/conv%d", i+1)
	}
	return fmt.Sprintf("encoder/pool%d", i+1)
}

// decoderName names the decoder's layer i.
func (c Config) decoderName(i int) string {
	switch {
	case !c.Strided:
		return fmt.Sprintf("conv%d", i+1)
	case i == 0:
		return "conv1"
	case i == len(c.Encoder):
		return "conv2"
	}
	return fmt.Sprintf("up%d", i)
}

// Summary returns a table of the layers, with their output shapes and numbers of
// weights, or the error of Validate.
func (c Config) Summary() (string, error) {
	return graph.SummaryOf("convolutional autoencoder "+c.String(), c.Build)
}

// String describes the net by its channels, such as "1-16-8-8-8-8-16-1 28x28 relu
// bce".
func (c Config) String() string {
	c = c.withDefaults()
	var channels []string
	for _, n := range slices.Concat([]int{c.Channels}, c.Encoder, c.Decoder, []int{c.Channels}) {
		channels = append(channels, fmt.Sprint(n))
	}
	s := fmt.Sprintf("%s %dx%d %s %s", strings.Join(channels, "-"), c.Size[0], c.Size[1], c.Activation, c.Loss)
	if c.Strided {
		s += " strided"
	}
	return s
}
