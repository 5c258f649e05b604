package conv

import (
	"fmt"

	"github.com/stheno-ml/stheno/graph"
)

// Build adds the autoencoder to the graph, for batches of the given size, with one
// task. The input is "x" [batch, Channels, rows, columns]. The outputs are "recon" of
// the same shape, in the data's own range, "code" and, in evaluation, "score"
// [batch]. If a setting is invalid, the net is empty and the builder has the error.
func (c Config) Build(b *graph.Builder, batch int) graph.Net {
	if !c.valid(b) {
		return graph.Net{}
	}
	c = c.withDefaults()
	x := b.Input(graph.InputX, batch, c.Channels, c.Size[0], c.Size[1])
	code := c.Encode(b, x)
	y := c.Decode(b, code)
	return c.Loss.Net(b, x, code, y)
}

// Encode adds the encoder. It maps images x [N, Channels, rows, columns] to the code
// [N, last of Encoder, rows/f, columns/f], rounded up, where f is Factor^(n-1) for n
// convolutions.
func (c Config) Encode(b *graph.Builder, x *graph.Node) *graph.Node {
	if !c.valid(b) {
		return nil
	}
	c = c.withDefaults()
	if !checkImages(b, "encoder", x, c.Channels, c.Size) {
		return nil
	}
	b = b.Scope("encoder")
	for i, channels := range c.Encoder {
		last := i == len(c.Encoder)-1
		layer := c.conv(channels, c.Activation)
		if last {
			layer.Activation = c.CodeActivation
		} else if c.Strided {
			layer.Stride = c.Factor
		}
		x = layer.Apply(b.Scope(fmt.Sprintf("conv%d", i+1)), x)
		if !last && !c.Strided {
			x = graph.MaxPool2D{Size: c.Factor, Padding: graph.Same}.Apply(b.Scope(fmt.Sprintf("pool%d", i+1)), x)
		}
	}
	return x
}

// Decode adds the decoder. It maps the code z to [N, Channels, rows, columns]. With
// BCE these are logits; Recon converts them to the reconstruction.
func (c Config) Decode(b *graph.Builder, z *graph.Node) *graph.Node {
	if !c.valid(b) {
		return nil
	}
	c = c.withDefaults()
	deepest := len(c.Encoder) - 1
	if !checkImages(b, "decoder", z, c.Encoder[deepest], c.size(deepest)) {
		return nil
	}
	b = b.Scope("decoder")
	for i, channels := range c.Decoder {
		scope := b.Scope(c.decoderName(i))
		to := c.size(deepest - i)
		switch {
		case i > 0 && c.Strided:
			z = graph.ConvTranspose2D{Filters: channels, Kernel: c.Kernel, Stride: c.Factor, Padding: graph.Same, Out: to,
				Init: c.Init, Activation: c.Activation}.Apply(scope, z)
			continue
		case i > 0:
			z = graph.Upsample2D{Factor: c.Factor}.Apply(b.Scope(fmt.Sprintf("up%d", i)), z)
			z = cut(b.Scope(fmt.Sprintf("cut%d", i)), z, to)
		}
		z = c.conv(channels, c.Activation).Apply(scope, z)
	}
	return c.conv(c.Channels, "linear").Apply(b.Scope(c.decoderName(len(c.Decoder))), z)
}

// Recon converts the result of Decode to the reconstruction, in the data's own range.
func (c Config) Recon(b *graph.Builder, y *graph.Node) *graph.Node {
	return c.Loss.Recon(b, y)
}

// conv is a convolution that keeps the size of the image.
func (c Config) conv(channels int, act graph.Activation) graph.Conv2D {
	return graph.Conv2D{Filters: channels, Kernel: c.Kernel, Padding: graph.Same, Init: c.Init, Activation: act}
}

// cut keeps the first rows and columns of images that are larger than to.
func cut(b *graph.Builder, x *graph.Node, to graph.Pair) *graph.Node {
	if x == nil || x.Shape()[2] == to[0] && x.Shape()[3] == to[1] {
		return x
	}
	return b.Layer("Cut", b.Slice(b.Slice(x, 2, 0, to[0]), 3, 0, to[1]))
}

// valid reports whether the settings are valid. If not, the builder gets the error.
func (c Config) valid(b *graph.Builder) bool {
	if err := c.Validate(); err != nil {
		b.Failf("%w", err)
	}
	return b.Err() == nil
}

// checkImages reports whether x is [N, channels, size...]. If not, the builder gets
// an error.
func checkImages(b *graph.Builder, part string, x *graph.Node, channels int, size graph.Pair) bool {
	if b.Err() != nil {
		return false
	}
	if x == nil {
		b.Scope(part).Failf("conv: want images [N, %d, %d, %d], have nil", channels, size[0], size[1])
		return false
	}
	s := graph.Shape(x.Shape())
	if len(s) != 4 || s[1] != channels || s[2] != size[0] || s[3] != size[1] {
		b.Scope(part).Failf("conv: want images [N, %d, %d, %d], have %v", channels, size[0], size[1], s)
		return false
	}
	return true
}
