// Package dense is the fully connected autoencoder. The layers of the encoder narrow
// towards the code; the decoder mirrors them.
//
//	net := dense.Config{}.Build(b, 128)            // 784-128-64-32-64-128-784
//	pca := dense.Config{Hidden: []int{32}, Activation: "linear", Loss: graph.MSE} // at best as good as PCA
package dense

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/stheno-ml/stheno/graph"
)

// Name identifies the model where models are chosen by name.
const Name = "dense"

// Config describes the autoencoder. Its zero value is 784-128-64-32-64-128-784
// with ReLU and cross entropy from logits.
type Config struct {
	// Input is the number of values of a sample; 0 means 784. An image is a row of
	// pixels.
	Input int `json:"input,omitzero"`
	// Hidden lists the sizes of the encoder's layers. The last is the size of the
	// code. nil means 128, 64, 32. The decoder has the same sizes in reverse order.
	Hidden []int `json:"hidden,omitzero"`
	// Tied makes each layer of the decoder use the transposed weight of its mirror
	// image in the encoder. Biases are not shared.
	Tied bool `json:"tied,omitzero"`
	// Activation is the activation of the hidden layers; "" means "relu", and
	// "linear" is none.
	Activation graph.Activation `json:"activation,omitzero"`
	// CodeActivation is the activation of the code; "" means Activation.
	CodeActivation graph.Activation `json:"codeActivation,omitzero"`
	// Loss is graph.BCE or graph.MSE; "" means BCE.
	Loss graph.ReconLoss `json:"loss,omitzero"`
	// Init initialises the weights; nil means Glorot's uniform distribution. Biases
	// start at 0. Init is not written to JSON.
	Init graph.Init `json:"-"`
}

// withDefaults replaces zero settings by their defaults.
func (c Config) withDefaults() Config {
	c.Input = cmp.Or(c.Input, 784)
	if c.Hidden == nil {
		c.Hidden = []int{128, 64, 32}
	}
	c.Activation = cmp.Or(c.Activation, "relu")
	c.CodeActivation = cmp.Or(c.CodeActivation, c.Activation)
	c.Loss = cmp.Or(c.Loss, graph.BCE)
	return c
}

// Validate returns an error that names the first field out of range.
func (c Config) Validate() error {
	c = c.withDefaults()
	if c.Input < 1 {
		return fmt.Errorf("dense: Input is %d, want at least 1", c.Input)
	}
	if len(c.Hidden) == 0 {
		return fmt.Errorf("dense: Hidden is empty: list at least the size of the code, or set nil for 128, 64, 32")
	}
	for i, units := range c.Hidden {
		if units < 1 {
			return fmt.Errorf("dense: Hidden[%d] is %d, want at least 1", i, units)
		}
	}
	if err := c.Activation.Check(); err != nil {
		return fmt.Errorf("dense: Activation: %w", err)
	}
	if err := c.CodeActivation.Check(); err != nil {
		return fmt.Errorf("dense: CodeActivation: %w", err)
	}
	if err := c.Loss.Check(); err != nil {
		return fmt.Errorf("dense: Loss: %w", err)
	}
	return nil
}

// Build adds the autoencoder to the graph, for batches of the given size, with one
// task. The input is "x" [batch, Input]. The outputs are "recon" of the same shape,
// in the data's own range, "code" [batch, last of Hidden] and, in evaluation, "score"
// [batch]. If a setting is invalid, the net is empty and the builder has the error.
func (c Config) Build(b *graph.Builder, batch int) graph.Net {
	if !c.valid(b) {
		return graph.Net{}
	}
	c = c.withDefaults()
	x := b.Input(graph.InputX, batch, c.Input)
	code := c.Encode(b, x)
	y := c.Decode(b, code)
	return c.Loss.Net(b, x, code, y)
}

// Encode adds the encoder. It maps x [N, Input] to the code [N, last of Hidden].
func (c Config) Encode(b *graph.Builder, x *graph.Node) *graph.Node {
	if !c.valid(b) {
		return nil
	}
	c = c.withDefaults()
	if !checkWidth(b, "encoder", x, c.Input) {
		return nil
	}
	for i := range c.Hidden {
		layer := c.encoder(i)
		if layer.Activation = c.Activation; i == len(c.Hidden)-1 {
			layer.Activation = c.CodeActivation
		}
		x = layer.Apply(c.encoderScope(b, i), x)
	}
	return x
}

// Decode adds the decoder. It maps the code z [N, last of Hidden] to [N, Input]. With
// BCE these are logits; Recon converts them to the reconstruction.
func (c Config) Decode(b *graph.Builder, z *graph.Node) *graph.Node {
	if !c.valid(b) {
		return nil
	}
	c = c.withDefaults()
	if !checkWidth(b, "decoder", z, c.Hidden[len(c.Hidden)-1]) {
		return nil
	}
	for i := len(c.Hidden) - 1; i >= 0; i-- {
		act := c.Activation
		if i == 0 {
			act = "linear"
		}
		scope := b.Scope("decoder").Scope(fmt.Sprintf("fc%d", len(c.Hidden)-i))
		if c.Tied {
			w := c.encoder(i).Weight(c.encoderScope(b, i), c.width(i))
			z = graph.DenseTied{Of: w, Activation: act}.Apply(scope, z)
		} else {
			z = graph.Dense{Units: c.width(i), Init: c.Init, Activation: act}.Apply(scope, z)
		}
	}
	return z
}

// Recon converts the result of Decode to the reconstruction, in the data's own range.
func (c Config) Recon(b *graph.Builder, y *graph.Node) *graph.Node {
	return c.Loss.Recon(b, y)
}

// Summary returns a table of the layers, with their output shapes and numbers of
// weights, or the error of Validate.
func (c Config) Summary() (string, error) {
	return graph.SummaryOf("dense autoencoder "+c.String(), c.Build)
}

// String describes the net by its sizes, such as "784-128-64-32-64-128-784 relu bce".
func (c Config) String() string {
	c = c.withDefaults()
	sizes := []string{fmt.Sprint(c.Input)}
	for _, units := range c.Hidden {
		sizes = append(sizes, fmt.Sprint(units))
	}
	for i := len(sizes) - 2; i >= 0; i-- {
		sizes = append(sizes, sizes[i])
	}
	s := fmt.Sprintf("%s %s %s", strings.Join(sizes, "-"), c.Activation, c.Loss)
	if c.Tied {
		s += " tied"
	}
	return s
}

// valid reports whether the settings are valid. If not, the builder gets the error.
func (c Config) valid(b *graph.Builder) bool {
	if err := c.Validate(); err != nil {
		b.Failf("%w", err)
	}
	return b.Err() == nil
}

// checkWidth reports whether x is [N, width]. If not, the builder gets an error.
func checkWidth(b *graph.Builder, part string, x *graph.Node, width int) bool {
	if b.Err() == nil && (x == nil || x.Dims() != 2 || x.Shape()[1] != width) {
		b.Scope(part).Failf("dense: want [N, %d], have %v", width, shapeOf(x))
	}
	return b.Err() == nil
}

func shapeOf(x *graph.Node) any {
	if x == nil {
		return "nil"
	}
	return graph.Shape(x.Shape())
}

// encoder is layer i of the encoder, without its activation.
func (c Config) encoder(i int) graph.Dense { return graph.Dense{Units: c.Hidden[i], Init: c.Init} }

func (c Config) encoderScope(b *graph.Builder, i int) *graph.Builder {
	return b.Scope("encoder").Scope(fmt.Sprintf("fc%d", i+1))
}

// width is the number of inputs of the encoder's layer i.
func (c Config) width(i int) int {
	if i == 0 {
		return c.Input
	}
	return c.Hidden[i-1]
}
