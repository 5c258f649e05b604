package conv

import (
	"fmt"

	"github.com/stheno-ml/stheno/graph"
)

// Inpainting is an autoencoder that fills in the hidden part of an image (Pathak et
// al. 2016, "Context Encoders", without the adversary). The encoder sees the image,
// with 0 in place of what is hidden, and the mask. The loss compares hidden values
// only. Noise damages the shown values too.
type Inpainting struct{ Config }

// Validate returns an error that names the first invalid layer or field.
func (c Inpainting) Validate() error {
	if c.Tied {
		return fmt.Errorf("conv: layer \"decoder\": Tied is set, and the encoder of Inpainting also sees the mask: leave Tied unset")
	}
	return c.Config.Validate()
}

// Build adds the autoencoder to the graph, for batches of the given size, with one
// task. The inputs are "x" [batch, Channels, rows, columns], or
// [batch, Channels, Steps], and "mask" of the same shape: 1 where a value is shown and
// 0 where it is hidden. The outputs are "code", "recon" in the shape of x, "filled",
// which is x where it is shown and the reconstruction elsewhere, and, in evaluation,
// "score" [batch]: the mean loss of a sample's hidden values, 0 if it has none. The
// loss is the mean score of the batch. If a setting is invalid, the net is empty and
// the builder has the error.
func (c Inpainting) Build(b *graph.Builder, batch int) graph.Net {
	if !c.valid(b) {
		return graph.Net{}
	}
	c.Config = c.withDefaults()
	x := b.Input(graph.InputX, c.shape(batch)...)
	mask := b.Input(graph.InputMask, c.shape(batch)...)
	read, _ := c.Noise.Apply(b.Scope("noise"), x)
	code := c.Encode(b, read, mask)
	y := c.Decode(b, code)
	hidden := b.Equal(mask, b.Number(0))
	net := hiddenNet(b, c.Loss, x, y, code, hidden)
	if b.Err() != nil {
		return graph.Net{}
	}
	net.Outputs["filled"] = b.Scope("filled").Where(mask, x, net.Outputs[graph.OutputRecon])
	return net
}

// Encode adds the encoder. It maps images or series x [N, Channels, ...] with a mask of
// the same shape to the code; see Config.Encode.
func (c Inpainting) Encode(b *graph.Builder, x, mask *graph.Node) *graph.Node {
	if !c.valid(b) {
		return nil
	}
	c.Config = c.withDefaults()
	scope := b.Scope("encoder")
	if !checkShape(scope, x, c.shape(0)) || !checkShape(scope, mask, c.shape(0)) {
		return nil
	}
	shown := scope.Mask(x, mask)
	if b.Err() != nil {
		return nil
	}
	return c.encode(scope, scope.Concat(1, shown, mask))
}

// Summary returns a table of the layers, with their output shapes and numbers of
// weights, or the error of Validate.
func (c Inpainting) Summary() (string, error) {
	return graph.SummaryOf("inpainting autoencoder "+c.String(), c.Build)
}

// String describes the net as Config.String does.
func (c Inpainting) String() string { return c.Config.String() + " inpainting" }

// valid reports whether the settings are valid. If not, the builder gets the error.
func (c Inpainting) valid(b *graph.Builder) bool {
	if err := c.Validate(); err != nil {
		b.Failf("%w", err)
	}
	return b.Err() == nil
}
