package vae

import "github.com/stheno-ml/stheno/graph"

// convolve applies the encoder's convolutions to x [N,C,H,W]. The result is [N, last
// of Channels, ...]. Each convolution halves rows and columns, rounded up.
func (c Config) convolve(enc *graph.Builder, x *graph.Node) *graph.Node {
	for i, channels := range c.Conv.Channels {
		layer := layerScope(enc, "conv", i)
		x = c.activated(layer, func(act graph.Activation) *graph.Node {
			return graph.Conv2D{
				Filters:    channels,
				Kernel:     graph.Pair{c.Conv.Kernel},
				Stride:     graph.Pair{2},
				Padding:    graph.Same,
				Init:       c.Init,
				Activation: act,
				NoBias:     c.BatchNorm,
			}.Apply(layer, x)
		})
	}
	return x
}

// deconvolve is the end of the decoder: a dense layer to the output shape of
// convolve, and transposed convolutions back to the parameters of p(x|z), [N,C,H,W] or
// [N,parameters,C,H,W].
func (c Config) deconvolve(dec *graph.Builder, h *graph.Node) *graph.Node {
	sizes := c.Conv.sizes()
	last := sizes[len(sizes)-1]
	h = c.layer(dec.Scope("image"), last.Size(), h)
	return c.transposed(dec, dec.Reshape(h, append([]int{-1}, last...)...))
}

// transposed applies the decoder's transposed convolutions to h, in the output shape of
// convolve.
func (c Config) transposed(dec *graph.Builder, h *graph.Node) *graph.Node {
	sizes := c.Conv.sizes()
	for i := range len(sizes) - 1 {
		to, layer := sizes[len(sizes)-2-i], layerScope(dec, "conv", i)
		transposed := graph.ConvTranspose2D{
			Filters: to[0],
			Kernel:  graph.Pair{c.Conv.Kernel},
			Stride:  graph.Pair{2},
			Padding: graph.Same,
			Out:     graph.Pair{to[1], to[2]},
			Init:    c.Init,
		}
		if i == len(sizes)-2 {
			transposed.Filters *= c.computed().Size() / to.Size()
			h = transposed.Apply(layer, h)
			continue
		}
		h = c.activated(layer, func(act graph.Activation) *graph.Node {
			transposed.Activation, transposed.NoBias = act, c.BatchNorm
			return transposed.Apply(layer, h)
		})
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
