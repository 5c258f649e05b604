// Package conv has the convolutional autoencoders. The encoder maps an image to the
// code, a smaller image with more channels or a vector; the decoder maps it back.
//
//	net := conv.Config{}.Build(b, 128)                // 28x28 to 8 channels of 7x7
//	dcn := conv.Config{Strided: true, Encoder: []int{16, 32, 8}}
//	rgb := conv.Config{Size: graph.Pair{33, 50}, Channels: 3} // any size is restored
//	vec := conv.Config{Code: 10, CodeActivation: "linear"}    // the code is a vector
//	ser := conv.Config{Steps: 140, Loss: graph.MSE}           // series instead of images
//	den := conv.Config{Noise: graph.Corruption{Kind: graph.AddedNoise, Level: 0.4}}
//
// Inpainting fills in the part of an image that is missing. Masked is the masked
// autoencoder, with attention over patches in place of convolutions.
package conv

import (
	"cmp"
	"slices"

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
// are restored; String lists the crops.
type Config struct {
	// Size is the number of rows and columns of an image; {} means 28x28.
	Size graph.Pair `json:"size,omitzero"`
	// Steps is the length of a series; 0 means images. A series is [Channels, Steps].
	// Size is then {}, and Kernel and Factor are numbers of steps.
	Steps int `json:"steps,omitzero"`
	// Channels is the number of channels of an image or a series; 0 means 1.
	Channels int `json:"channels,omitzero"`
	// Encoder lists the output channels of the encoder's convolutions. The last is
	// the number of channels of the code. nil means 16, 8, 8.
	Encoder []int `json:"encoder,omitzero"`
	// Decoder lists the output channels of the decoder's convolutions, except for the
	// last one, which returns the image. It is as long as Encoder. nil means Encoder
	// in reverse order.
	Decoder []int `json:"decoder,omitzero"`
	// Code is the size of a dense code after the convolutions; 0 means that the last
	// convolution returns the code.
	Code int `json:"code,omitzero"`
	// Tied makes the decoder use the encoder's kernels, by transposed convolutions,
	// and the transposed weight of a dense code. Biases are not shared, nor are the
	// weights of norms and of residual blocks.
	Tied bool `json:"tied,omitzero"`
	// Kernel is the size of all kernels; {} means 3x3.
	Kernel graph.Pair `json:"kernel,omitzero"`
	// Factor is the factor by which the image shrinks between two convolutions of the
	// encoder; {} means 2.
	Factor graph.Pair `json:"factor,omitzero"`
	// ShrinkLast lets the image shrink after the last convolution of the encoder too.
	ShrinkLast bool `json:"shrinkLast,omitzero"`
	// Down is how the image shrinks; "" means Max, or Stride if Strided is set.
	Down Down `json:"down,omitzero"`
	// Up is how the image grows; "" means Nearest, or Transpose if Strided is set.
	Up Up `json:"up,omitzero"`
	// Strided is short for Down Stride and Up Transpose.
	Strided bool `json:"strided,omitzero"`
	// Separable makes each convolution but the first one and transposed ones a
	// convolution within each channel followed by one of 1x1 between channels (Chollet
	// 2017), which has fewer weights.
	Separable bool `json:"separable,omitzero"`
	// Residual is the number of residual blocks after each convolution but those that
	// return the code and the image (He et al. 2016, "Identity Mappings"):
	//
	//	x + conv(act(norm(conv(act(norm(x))))))
	Residual int `json:"residual,omitzero"`
	// Norm normalises the results of all convolutions but those that return the code
	// and the image; "" is none.
	Norm Norm `json:"norm,omitzero"`
	// Groups is the number of groups of GroupNorm; 0 means the greatest common divisor
	// of the channels and 8.
	Groups int `json:"groups,omitzero"`
	// Activation is the activation between convolutions; "" means "relu", and
	// "linear" is none.
	Activation graph.Activation `json:"activation,omitzero"`
	// CodeActivation is the activation of the code; "" means Activation.
	CodeActivation graph.Activation `json:"codeActivation,omitzero"`
	// Noise damages what the encoder sees in training; the loss compares with the
	// clean image.
	Noise graph.Corruption `json:"noise,omitzero"`
	// Loss is graph.BCE or graph.MSE; "" means BCE.
	Loss graph.ReconLoss `json:"loss,omitzero"`
	// Init initialises the kernels; nil means Glorot's uniform distribution. Biases
	// start at 0. Init is not written to JSON.
	Init graph.Init `json:"-"`
}

// withDefaults replaces zero settings by their defaults.
func (c Config) withDefaults() Config {
	c.Size = c.Size.Or(28)
	c.Kernel = c.Kernel.Or(3)
	c.Factor = c.Factor.Or(2)
	if c.Steps != 0 {
		c.Size, c.Kernel[0], c.Factor[0] = graph.Pair{1, c.Steps}, 1, 1
	}
	c.Channels = cmp.Or(c.Channels, 1)
	if c.Encoder == nil {
		c.Encoder = []int{16, 8, 8}
	}
	if c.Decoder == nil && !c.Tied {
		c.Decoder = slices.Clone(c.Encoder)
		slices.Reverse(c.Decoder)
	}
	down, up := Max, Nearest
	if c.Strided {
		down, up = Stride, Transpose
	}
	c.Down, c.Up = cmp.Or(c.Down, down), cmp.Or(c.Up, up)
	c.Activation = cmp.Or(c.Activation, "relu")
	c.CodeActivation = cmp.Or(c.CodeActivation, c.Activation)
	c.Loss = cmp.Or(c.Loss, graph.BCE)
	return c
}

// size returns the rows and columns of the image after it has shrunk i times.
func (c Config) size(i int) graph.Pair {
	s := c.Size
	for range i {
		s[0], s[1] = (s[0]-1)/c.Factor[0]+1, (s[1]-1)/c.Factor[1]+1
	}
	return s
}

// shrinks reports whether the image shrinks after the encoder's convolution i.
func (c Config) shrinks(i int) bool { return c.ShrinkLast || i < len(c.Encoder)-1 }

// deepest is how often the image shrinks.
func (c Config) deepest() int {
	if c.ShrinkLast {
		return len(c.Encoder)
	}
	return len(c.Encoder) - 1
}

// codeChannels is the number of channels that the last convolution returns.
func (c Config) codeChannels() int { return c.Encoder[len(c.Encoder)-1] }
