package vae

import "github.com/stheno-ml/stheno/graph"

// convolve applies the encoder's convolutions to x [N,C,H,W]. The result is [N, last
// of Channels, ...]. Each convolution halves rows and columns, rounded up.
func (c Config) convolve(enc *graph.Builder, x *graph.Node) *graph.Node {
	for i, channels := range c.Conv.Channels {
		x = graph.Conv2D{
			Filters:    channels,
			Kernel:     graph.Pair{c.Conv.Kernel},
			Stride:     graph.Pair{2},
			Padding:    graph.Same,
			Init:       c.Init,
			Activation: c.Activation,
		}.Apply(layerScope(enc, "conv", i), x)
	}
	return x
}

// deconvolve is the end of the decoder: a dense layer to the output shape of
// convolve, and transposed convolutions back to logits [N,C,H,W].
func (c Config) deconvolve(dec *graph.Builder, h *graph.Node) *graph.Node {
	sizes := c.Conv.sizes()
	last := sizes[len(sizes)-1]
	h = c.dense(last.Size(), c.Activation).Apply(dec.Scope("image"), h)
	h = dec.Reshape(h, append([]int{-1}, last...)...)
	for i := range len(sizes) - 1 {
		to, act := sizes[len(sizes)-2-i], c.Activation
		if i == len(sizes)-2 {
			act = ""
		}
		h = graph.ConvTranspose2D{
			Filters:    to[0],
			Kernel:     graph.Pair{c.Conv.Kernel},
			Stride:     graph.Pair{2},
			Padding:    graph.Same,
			Out:        graph.Pair{to[1], to[2]},
			Init:       c.Init,
			Activation: act,
		}.Apply(layerScope(dec, "conv", i), h)
	}
	return h
}

// sizes are the shapes of a sample before the first convolution and after each.
func (v Conv) sizes() []graph.Shape {
	s := graph.Shape(v.Shape)
	sizes := []graph.Shape{s}
	for _, channels := range v.Channels {
		s = graph.Shape{channels, (s[1] + 1) / 2, (s[2] + 1) / 2}
		sizes = append(sizes, s)
	}
	return sizes
}
