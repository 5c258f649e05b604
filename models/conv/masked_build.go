package conv

import (
	"fmt"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
)

// OutputFeatures is the output of Masked for probes and neighbours, in evaluation: the
// mean encoding [N, Width] of all patches of the image, none hidden.
const OutputFeatures = "features"

// Build adds the autoencoder to the graph, for batches of the given size, with one
// task. The input is "x" [batch, Channels, rows, columns]. The outputs are "code"
// [batch, kept patches, Width], "recon" in the shape of x and, in evaluation,
// "features" [batch, Width] and "score" [batch]: the mean loss of a sample's hidden
// values. The loss is the mean score of the batch. In evaluation the same patches of
// all images are hidden; Kept lists the others. If a setting is invalid, the net is
// empty and the builder has the error.
func (c Masked) Build(b *graph.Builder, batch int) graph.Net {
	if !c.valid(b) {
		return graph.Net{}
	}
	c = c.withDefaults()
	x := b.Input(graph.InputX, batch, c.Channels, c.Size[0], c.Size[1])
	kept := c.choose(b, batch)
	code := c.Encode(b, x, kept)
	y := c.Decode(b, code, kept)
	if b.Err() != nil {
		return graph.Net{}
	}
	net := hiddenNet(b, c.Loss, x, y, code, c.hidden(b.Scope("loss"), x, kept))
	if b.Err() == nil && !b.Training {
		net.Outputs[OutputFeatures] = b.Scope("features").Mean(c.Encode(b, x, nil), 1)
	}
	if b.Err() != nil {
		return graph.Net{}
	}
	return net
}

// Encode adds the encoder. It maps images x [N, Channels, rows, columns] to the code
// [N, K, Width] of the patches with the numbers kept [N, K], counted along rows from
// 0, or of all patches if kept is nil.
func (c Masked) Encode(b *graph.Builder, x, kept *graph.Node) *graph.Node {
	if !c.valid(b) {
		return nil
	}
	c = c.withDefaults()
	b = b.Scope("encoder")
	if !checkShape(b, x, graph.Shape{0, c.Channels, c.Size[0], c.Size[1]}) {
		return nil
	}
	n := x.Shape()[0]
	h := graph.Conv2D{Filters: c.Width, Kernel: c.Patch, Stride: c.Patch, Padding: graph.Same, Init: c.Init}.Apply(b.Scope("patches"), x)
	h = b.Transpose(b.Reshape(h, n, c.Width, c.patches()), 0, 2, 1)
	h = b.Add(h, c.positions(b, c.Width))
	if kept != nil {
		if !c.checkKept(b, kept, n) {
			return nil
		}
		k := kept.Shape()[1]
		h = b.TakeAlong(h, b.BroadcastTo(b.Reshape(kept, n, k, 1), n, k, c.Width), 1)
	}
	for i := range c.Depth {
		h = graph.TransformerBlock{Heads: c.Heads, NoBias: true}.Apply(b.Scope(fmt.Sprintf("block%d", i+1)), h)
	}
	return graph.LayerNorm{}.Apply(b.Scope("norm"), h)
}

// Decode adds the decoder. It maps the code [N, K, Width] of the patches with the
// numbers kept [N, K] to [N, Channels, rows, columns]. With BCE these are logits;
// Recon converts them to the reconstruction.
func (c Masked) Decode(b *graph.Builder, code, kept *graph.Node) *graph.Node {
	if !c.valid(b) {
		return nil
	}
	c = c.withDefaults()
	b = b.Scope("decoder")
	if code == nil || code.Dims() != 3 || code.Shape()[2] != c.Width {
		b.Failf("conv: want codes of patches [N, K, %d] to decode", c.Width)
		return nil
	}
	n, k, d := code.Shape()[0], code.Shape()[1], c.DecoderWidth
	if !c.checkKept(b, kept, n) {
		return nil
	}
	if kept.Shape()[1] != k {
		b.Failf("conv: %d codes for %d numbers of patches, want as many", k, kept.Shape()[1])
		return nil
	}
	h := graph.Dense{Units: d}.Apply(b.Scope("embed"), code)
	h = b.PutAlong(h, b.BroadcastTo(b.Reshape(kept, n, k, 1), n, k, d), 1, c.patches())
	token := b.Param("token", graph.Normal(0, .02), 1, 1, d)
	h = b.Map(lower.Where(lower.Arg(1), lower.Arg(0), lower.Arg(2)), h, c.shown(b, kept), token)
	h = b.Add(h, c.positions(b, d))
	for i := range c.DecoderDepth {
		h = graph.TransformerBlock{Heads: c.Heads, NoBias: true}.Apply(b.Scope(fmt.Sprintf("block%d", i+1)), h)
	}
	h = graph.LayerNorm{}.Apply(b.Scope("norm"), h)
	if b.Err() != nil {
		return nil
	}
	h = b.Reshape(b.Transpose(h, 0, 2, 1), n, d, c.grid()[0], c.grid()[1])
	return graph.ConvTranspose2D{Filters: c.Channels, Kernel: c.Patch, Stride: c.Patch, Padding: graph.Same, Out: c.Size}.Apply(b.Scope("pixels"), h)
}

// Recon converts the result of Decode to the reconstruction, in the data's own range.
func (c Masked) Recon(b *graph.Builder, y *graph.Node) *graph.Node {
	return c.withDefaults().Loss.Recon(b, y)
}
