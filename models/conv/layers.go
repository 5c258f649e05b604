package conv

import (
	"fmt"

	"github.com/stheno-ml/stheno/graph"
)

// Norm names the normalisation of hidden layers; "" is none.
type Norm string

const (
	// BatchNorm normalises each channel over the batch (Ioffe and Szegedy 2015).
	BatchNorm Norm = "batch"
	// GroupNorm normalises groups of channels of each sample (Wu and He 2018).
	GroupNorm Norm = "group"
)

// Check returns an error unless the norm is "" or one of the above.
func (n Norm) Check() error {
	if n != "" && n != BatchNorm && n != GroupNorm {
		return fmt.Errorf("%q is unknown: want %q, %q or \"\" for none", string(n), string(BatchNorm), string(GroupNorm))
	}
	return nil
}

// hidden is how a convolution moves, and what follows it.
type hidden struct {
	stride    graph.Pair
	act       graph.Activation
	norm      Norm
	separable bool
}

// conv is act(norm(conv(x))). Without a stride it keeps the size of the image. Norms
// shift by themselves, so a convolution before one has no bias.
func (c Config) conv(b *graph.Builder, x *graph.Node, channels int, l hidden) *graph.Node {
	layer := graph.Conv2D{Filters: channels, Kernel: c.Kernel, Stride: l.stride, Padding: graph.Same, Init: c.Init}
	if l.separable {
		x = graph.DepthwiseConv2D{Kernel: c.Kernel, Stride: l.stride, Padding: graph.Same, NoBias: true, Init: c.Init}.Apply(b.Scope("depthwise"), x)
		layer.Kernel, layer.Stride = graph.Pair{1}, graph.Pair{1}
	}
	if l.norm == "" {
		layer.Activation = l.act
		return layer.Apply(b, x)
	}
	layer.NoBias = true
	return b.Activate(l.act, c.normalize(b, layer.Apply(b, x)))
}

// convTranspose is act(norm(transposed conv(x))), with the stride Factor, to images of
// the given size.
func (c Config) convTranspose(b *graph.Builder, x *graph.Node, channels int, to graph.Pair) *graph.Node {
	layer := graph.ConvTranspose2D{Filters: channels, Kernel: c.Kernel, Stride: c.Factor, Padding: graph.Same, Out: to, Init: c.Init}
	if c.Norm == "" {
		layer.Activation = c.Activation
		return layer.Apply(b, x)
	}
	layer.NoBias = true
	return b.Activate(c.Activation, c.normalize(b, layer.Apply(b, x)))
}

// normalize applies the norm in a scope of its own.
func (c Config) normalize(b *graph.Builder, x *graph.Node) *graph.Node {
	if x == nil || c.Norm == "" {
		return x
	}
	b = b.Scope("norm")
	if c.Norm == BatchNorm {
		return graph.BatchNorm{}.Apply(b, x)
	}
	groups := c.Groups
	if groups == 0 {
		for groups = 8; x.Shape()[1]%groups != 0; groups /= 2 {
		}
	}
	return graph.GroupNorm{Groups: groups}.Apply(b, x)
}

// blocks adds the residual blocks after convolution i of the encoder or decoder:
// x + conv(act(norm(conv(act(norm(x)))))).
func (c Config) blocks(b *graph.Builder, i int, x *graph.Node) *graph.Node {
	for k := range c.Residual {
		if x == nil {
			return nil
		}
		b, channels := b.Scope(fmt.Sprintf("block%d_%d", i+1, k+1)), x.Shape()[1]
		h := b.Activate(c.Activation, c.normalize(b, x))
		h = c.conv(b.Scope("conv1"), h, channels, hidden{graph.Pair{1}, c.Activation, c.Norm, c.Separable})
		h = c.conv(b.Scope("conv2"), h, channels, hidden{stride: graph.Pair{1}, separable: c.Separable})
		x = b.Layer("Residual", b.Add(x, h))
	}
	return x
}

// dense is the layer between the last convolution and a dense code.
func (c Config) dense(units int, act graph.Activation) graph.Dense {
	return graph.Dense{Units: units, Init: c.Init, Activation: act}
}
