package conv

import (
	"fmt"

	"github.com/stheno-ml/stheno/graph"
)

// decodeTied maps images of the code's size to [N, Channels, rows, columns], by the
// transposed convolutions of the encoder's kernels, in reverse order.
func (c Config) decodeTied(whole *graph.Builder, z *graph.Node) *graph.Node {
	b, n, at := whole.Scope("decoder"), len(c.Encoder), c.deepest()
	for i := n - 1; i >= 0 && whole.Err() == nil; i-- {
		to, k := c.Channels, n-i
		if i > 0 {
			to = c.Encoder[i-1]
		}
		g := graph.TransposeGeometry{Padding: graph.Same}
		if c.shrinks(i) {
			at--
			if c.Up == Transpose {
				g.Stride, g.Out = c.Factor, c.size(at)
			} else {
				z = c.grow(b, k, z, c.size(at))
			}
		}
		init := c.Init
		if init == nil {
			init = graph.GlorotUniform(0, 0)
		}
		w := whole.Scope("encoder").Scope(fmt.Sprintf("conv%d", i+1)).Param("w", init, c.Encoder[i], to, c.Kernel[0], c.Kernel[1])
		scope := b.Scope(fmt.Sprintf("conv%d", k))
		z = scope.ConvTranspose2D(z, w, g)
		if i > 0 && c.Norm != "" {
			z = c.normalize(scope, z)
		} else {
			z = scope.Add(z, scope.Reshape(scope.Param("b", nil, to), to, 1, 1))
		}
		if i > 0 {
			z = scope.Activate(c.Activation, z)
		}
		if z = scope.Layer("ConvTied2D", z); i > 0 {
			z = c.blocks(b, k-1, z)
		}
	}
	return z
}

// undoCode maps dense codes [N, Code] to images of the last convolution's size.
func (c Config) undoCode(whole *graph.Builder, z *graph.Node) *graph.Node {
	n, s := z.Shape()[0], c.size(c.deepest())
	image := graph.Shape{n, c.codeChannels(), s[0], s[1]}
	b := whole.Scope("decoder").Scope("image")
	if c.Tied {
		w := c.dense(c.Code, "").Weight(whole.Scope("encoder").Scope("code"), image[1:].Size())
		z = graph.DenseTied{Of: w, Activation: c.Activation}.Apply(b, z)
	} else {
		z = c.dense(image[1:].Size(), c.Activation).Apply(b, z)
	}
	return b.Reshape(z, image...)
}
