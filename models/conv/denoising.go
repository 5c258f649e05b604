package conv

import (
	"fmt"

	"github.com/stheno-ml/stheno/graph"
)

// Denoising is an autoencoder that restores damaged images or series. It reads the damaged
// one and is compared with the sound one, so the damage may be of any kind, such as blocks
// of JPEG. A tenth of what the decoder returns is added to the input (Zhang et al. 2017, "Beyond a
// Gaussian Denoiser"): the net learns the damage, and keeps what is sound.
//
// Without a dense code its weights fit images of any size.
type Denoising struct{ Config }

// firstShare is what counts of the decoder's result, so that the untrained net is near to
// one that changes nothing.
const firstShare = .1

// Validate returns an error that names the first invalid layer or field.
func (c Denoising) Validate() error {
	if c.Loss != "" && c.Loss != graph.MSE {
		return fmt.Errorf("conv: layer \"loss\": Loss is %q, and what Denoising adds to its input is no logit: want %q", c.Loss, graph.MSE)
	}
	return c.squared().Validate()
}

// squared is the autoencoder with the loss of Denoising.
func (c Denoising) squared() Config {
	c.Loss = graph.MSE
	return c.Config
}

// Build adds the autoencoder to the graph, for batches of the given size, with one task.
// The inputs are "x" [batch, Channels, rows, columns], or [batch, Channels, Steps], which is
// damaged, and "target" of the same shape, the sound one. The output "recon" needs no
// target. The outputs are "code", "recon" in the shape of x and, in evaluation, "score"
// [batch], the mean squared error. The loss is its mean over the batch. If a setting is
// invalid, the net is empty and the builder has the error.
func (c Denoising) Build(b *graph.Builder, batch int) graph.Net {
	if err := c.Validate(); err != nil {
		b.Failf("%w", err)
	}
	if b.Err() != nil {
		return graph.Net{}
	}
	full := c.squared().withDefaults()
	x := b.Input(graph.InputX, full.shape(batch)...)
	target := b.Input(graph.InputTarget, full.shape(batch)...)
	read, _ := full.Noise.Apply(b.Scope("noise"), x)
	code := full.Encode(b, read)
	y := full.Decode(b, code)
	if b.Err() != nil {
		return graph.Net{}
	}
	return full.Loss.Net(b, target, code, b.Scope("restored").Add(read, b.Scope("small").Scale(y, firstShare)))
}

// Summary returns a table of the layers, with their output shapes and numbers of weights,
// or the error of Validate.
func (c Denoising) Summary() (string, error) {
	return graph.SummaryOf("denoising autoencoder "+c.String(), c.Build)
}

// String describes the net as Config.String does.
func (c Denoising) String() string { return c.squared().String() + " denoising" }
