package conv

import (
	"cmp"
	"fmt"
	"math"

	"github.com/stheno-ml/stheno/graph"
)

// Masked is the masked autoencoder (He et al. 2021, "Masked Autoencoders Are Scalable
// Vision Learners"). The image is cut into patches. Most are hidden, drawn anew for
// each sample and epoch. The encoder, a transformer, sees only the patches that are
// kept. The decoder, a smaller transformer, sees their codes in place, and a learned
// vector in place of each hidden patch, and restores the image. The loss compares
// hidden patches only.
//
// The zero value cuts 28x28 images into 49 patches of 4x4, keeps 12 of them and
// encodes each as 64 numbers. Images whose sides are not multiples of the patch are
// padded with zeros on all sides; String says so.
type Masked struct {
	// Size is the number of rows and columns of an image; {} means 28x28.
	Size graph.Pair `json:"size,omitzero"`
	// Channels is the number of channels of an image; 0 means 1.
	Channels int `json:"channels,omitzero"`
	// Patch is the number of rows and columns of a patch; {} means 4x4.
	Patch graph.Pair `json:"patch,omitzero"`
	// MaskRatio is the share of patches that are hidden, above 0 and below 1; 0 means
	// 0.75. The number of patches is rounded.
	MaskRatio float64 `json:"maskRatio,omitzero"`
	// Width is the number of features of a patch in the encoder; 0 means 64.
	Width int `json:"width,omitzero"`
	// Depth is the number of the encoder's transformer blocks; 0 means 4.
	Depth int `json:"depth,omitzero"`
	// Heads is the number of attention heads of all blocks; it divides Width and
	// DecoderWidth. 0 means 4.
	Heads int `json:"heads,omitzero"`
	// DecoderWidth is the number of features of a patch in the decoder; 0 means 32.
	DecoderWidth int `json:"decoderWidth,omitzero"`
	// DecoderDepth is the number of the decoder's transformer blocks; 0 means 2.
	DecoderDepth int `json:"decoderDepth,omitzero"`
	// Loss is graph.MSE or graph.BCE; "" means MSE.
	Loss graph.ReconLoss `json:"loss,omitzero"`
	// Init initialises the embedding of patches; nil means Glorot's uniform
	// distribution. Init is not written to JSON.
	Init graph.Init `json:"-"`
}

// mostPatches bounds the number of patches, since attention compares all pairs.
const mostPatches = 1 << 12

// withDefaults replaces zero settings by their defaults.
func (c Masked) withDefaults() Masked {
	c.Size, c.Patch = c.Size.Or(28), c.Patch.Or(4)
	c.Channels = cmp.Or(c.Channels, 1)
	c.MaskRatio = cmp.Or(c.MaskRatio, .75)
	c.Width, c.Depth, c.Heads = cmp.Or(c.Width, 64), cmp.Or(c.Depth, 4), cmp.Or(c.Heads, 4)
	c.DecoderWidth, c.DecoderDepth = cmp.Or(c.DecoderWidth, 32), cmp.Or(c.DecoderDepth, 2)
	c.Loss = cmp.Or(c.Loss, graph.MSE)
	return c
}

// Validate returns an error that names the first invalid layer or field.
func (c Masked) Validate() error {
	c = c.withDefaults()
	switch {
	case min(c.Size[0], c.Size[1], c.Channels) < 1:
		return fmt.Errorf("conv: layer \"input\": Size is %v with %d Channels, want at least 1 of each", c.Size, c.Channels)
	case min(c.Patch[0], c.Patch[1]) < 1 || c.Patch[0] > c.Size[0] || c.Patch[1] > c.Size[1]:
		return fmt.Errorf("conv: layer \"encoder/patches\": Patch is %v for images of %v, want from 1 to the image's size", c.Patch, c.Size)
	case float64(c.grid()[0])*float64(c.grid()[1]) > mostPatches:
		return fmt.Errorf("conv: layer \"encoder/patches\": %v patches of %v: want at most %d: make Patch larger", c.grid(), c.Patch, mostPatches)
	case !(c.MaskRatio > 0 && c.MaskRatio < 1):
		return fmt.Errorf("conv: layer \"encoder/patches\": MaskRatio is %g, want a share above 0 and below 1", c.MaskRatio)
	case c.kept() < 1 || c.kept() >= c.patches():
		return fmt.Errorf("conv: layer \"encoder/patches\": a MaskRatio of %g keeps %d of %d patches, want at least 1 kept and 1 hidden: make Patch smaller", c.MaskRatio, c.kept(), c.patches())
	case c.Heads < 1 || c.Width < 1 || c.Width%c.Heads != 0:
		return fmt.Errorf("conv: layer \"encoder/block1\": Width is %d with %d Heads: want at least 1 of each, and Heads that divide Width", c.Width, c.Heads)
	case c.DecoderWidth < 1 || c.DecoderWidth%c.Heads != 0:
		return fmt.Errorf("conv: layer \"decoder/block1\": DecoderWidth is %d with %d Heads: want at least 1, and Heads that divide it", c.DecoderWidth, c.Heads)
	case c.Depth < 1:
		return fmt.Errorf("conv: layer \"encoder/block1\": Depth is %d, want at least 1", c.Depth)
	case c.DecoderDepth < 1:
		return fmt.Errorf("conv: layer \"decoder/block1\": DecoderDepth is %d, want at least 1", c.DecoderDepth)
	}
	if err := c.Loss.Check(); err != nil {
		return fmt.Errorf("conv: layer \"loss\": Loss: %w", err)
	}
	return nil
}

// grid is the number of rows and columns of patches.
func (c Masked) grid() graph.Pair {
	return graph.Pair{(c.Size[0]-1)/c.Patch[0] + 1, (c.Size[1]-1)/c.Patch[1] + 1}
}

// patches is the number of patches.
func (c Masked) patches() int { return c.grid()[0] * c.grid()[1] }

// kept is the number of patches that the encoder sees.
func (c Masked) kept() int {
	return c.patches() - int(math.Round(c.MaskRatio*float64(c.patches())))
}

// Summary returns a table of the layers, with their output shapes and numbers of
// weights, or the error of Validate.
func (c Masked) Summary() (string, error) {
	return graph.SummaryOf("masked autoencoder "+c.String(), c.Build)
}

// String describes the net, such as "28x28 patches 4x4, 12 of 49 kept, encoder 4x64,
// decoder 2x32, 4 heads, mse".
func (c Masked) String() string {
	c = c.withDefaults()
	size := dimensions(c.Size)
	if c.Channels != 1 {
		size = fmt.Sprintf("%dx%s", c.Channels, size)
	}
	if min(c.Patch[0], c.Patch[1]) < 1 {
		return size + " patches " + dimensions(c.Patch)
	}
	if g := c.grid(); g[0]*c.Patch[0] != c.Size[0] || g[1]*c.Patch[1] != c.Size[1] {
		size += " padded to " + dimensions(graph.Pair{g[0] * c.Patch[0], g[1] * c.Patch[1]})
	}
	return fmt.Sprintf("%s patches %s, %d of %d kept, encoder %dx%d, decoder %dx%d, %d heads, %s",
		size, dimensions(c.Patch), c.kept(), c.patches(), c.Depth, c.Width, c.DecoderDepth, c.DecoderWidth, c.Heads, c.Loss)
}

// valid reports whether the settings are valid. If not, the builder gets the error.
func (c Masked) valid(b *graph.Builder) bool {
	if err := c.Validate(); err != nil {
		b.Failf("%w", err)
	}
	return b.Err() == nil
}
