// Package conv is the convolutional autoencoder: an encoder that takes an
// image to a smaller one of more channels, the code, and a decoder that takes
// it back.
//
//	net := conv.Config{}.Build(b, 128)                // 28x28 to 8 channels of 7x7
//	dcn := conv.Config{Strided: true, Encoder: []int{16, 32, 8}}
//	rgb := conv.Config{Size: graph.Pair{33, 50}, Channels: 3} // any size comes back
package conv

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/stheno-ml/stheno/graph"
)

// Name is that of the model where models are chosen by name.
const Name = "conv"

// Config describes the autoencoder. Its zero value takes 28x28 images with one
// channel through 3x3 convolutions to 16, 8 and 8 channels, with a max pooling
// between each two, and back through 8, 8, 16 and 1 channels, doubling the
// image by its nearest neighbours where the encoder halved it; ReLU between;
// cross entropy from logits.
//
// Between two convolutions of the encoder the image shrinks by Factor,
// rounded up; the decoder cuts what it enlarges to the sizes the encoder had,
// so images of any size come back as they were.
type Config struct {
	// Size is the rows and columns of an image; {} means 28x28.
	Size graph.Pair `json:"size,omitzero"`
	// Channels is the number of channels of an image; 0 means 1.
	Channels int `json:"channels,omitzero"`
	// Encoder are the channels that the encoder's convolutions give, the last
	// of them the code's; nil means 16, 8, 8.
	Encoder []int `json:"encoder,omitzero"`
	// Decoder are the channels that the decoder's convolutions give, before
	// the one that gives the image: as many as in Encoder. nil means Encoder
	// in reverse order.
	Decoder []int `json:"decoder,omitzero"`
	// Kernel is the size of all kernels; {} means 3x3.
	Kernel graph.Pair `json:"kernel,omitzero"`
	// Factor is by how much the image shrinks between two convolutions of the
	// encoder; {} means 2.
	Factor graph.Pair `json:"factor,omitzero"`
	// Strided makes the encoder's convolutions, but for the last, shrink the
	// image by their stride, in place of pooling, and the decoder enlarge it by
	// transposed convolutions.
	Strided bool `json:"strided,omitzero"`
	// Activation is that between convolutions; "" means "relu", "linear" none.
	Activation graph.Activation `json:"activation,omitzero"`
	// CodeActivation is that of the code; "" means Activation.
	CodeActivation graph.Activation `json:"codeActivation,omitzero"`
	// Loss is graph.BCE or graph.MSE; "" means BCE.
	Loss graph.ReconLoss `json:"loss,omitzero"`
	// Init is the start of the kernels; nil means Glorot's uniform. Biases
	// start at 0. JSON leaves it out.
	Init graph.Init `json:"-"`
}

// withDefaults fills in what is not set.
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

// Validate returns an error that names the first layer or field that is wrong.
func (c Config) Validate() error {
	c = c.withDefaults()
	if c.Size[0] < 1 || c.Size[1] < 1 || c.Channels < 1 {
		return fmt.Errorf("conv: layer \"input\": Size is %v with %d Channels, want at least 1 of each", c.Size, c.Channels)
	}
	if len(c.Encoder) == 0 {
		return fmt.Errorf("conv: layer \"encoder\": Encoder is empty: want at least the channels of the code, or nil for 16, 8, 8")
	}
	if len(c.Decoder) != len(c.Encoder) {
		return fmt.Errorf("conv: layer \"decoder\": Decoder has %d convolutions, Encoder %d: want as many, or nil for the mirror image", len(c.Decoder), len(c.Encoder))
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
		return fmt.Errorf("conv: layer %q: Factor is %v, want at least 1", c.shrinker(0), c.Factor)
	}
	if c.Strided && (c.Kernel[0] < c.Factor[0] || c.Kernel[1] < c.Factor[1]) {
		return fmt.Errorf("conv: layer \"encoder/conv1\": kernels of %v with a stride of %v skip pixels: want Kernel at least Factor", c.Kernel, c.Factor)
	}
	for i := range len(c.Encoder) - 1 {
		if c.size(i) == c.size(i+1) {
			return fmt.Errorf("conv: layer %q: an image of %v cannot shrink by %v: give Encoder fewer convolutions", c.shrinker(i), c.size(i), c.Factor)
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

// shrinker names the layer that makes the image shrink for the i-th time.
func (c Config) shrinker(i int) string {
	if c.Strided {
		return fmt.Sprintf("encoder/conv%d", i+1)
	}
	return fmt.Sprintf("encoder/pool%d", i+1)
}

// decoderName names the layer that gives the decoder's i-th channels.
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

// Summary returns a table of the layers with the shapes of their results and
// the numbers of their weights, or the error of Validate.
func (c Config) Summary() (string, error) {
	return graph.SummaryOf("convolutional autoencoder "+c.String(), c.Build)
}

// String names the net by its channels, such as "1-16-8-8-8-8-16-1 28x28 relu bce".
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
