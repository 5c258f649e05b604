// Package seq is the LSTM autoencoder for sequences (Srivastava, Mansimov and
// Salakhutdinov 2015), without feeding outputs back. The encoder computes the code
// from its last output; the decoder reads the code at every step.
//
//	net := seq.Config{}.Build(b, 128) // images of 28x28 as 28 steps of 28 pixels
//	net = seq.Config{Steps: 140, Features: 1, Hidden: []int{64, 32}, Code: 8, Loss: graph.MSE}.Build(b, 32)
package seq

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/stheno-ml/stheno/graph"
)

// Name identifies the model where models are chosen by name.
const Name = "seq"

// Config describes the autoencoder. The zero value takes sequences of 28 steps with
// 28 features: LSTM 128, code 32, LSTM 128, and a dense layer of 28 at each step,
// with cross entropy from logits.
type Config struct {
	// Steps is the length of the sequences; 0 means 28.
	Steps int `json:"steps,omitzero"`
	// Features is the number of values at each step; 0 means 28.
	Features int `json:"features,omitzero"`
	// Hidden lists the units of the encoder's LSTMs, at least one; nil means one LSTM
	// of 128. The decoder has the same sizes in reverse order.
	Hidden []int `json:"hidden,omitzero"`
	// Code is the size of the code; 0 means 32.
	Code int `json:"code,omitzero"`
	// CodeActivation is the activation of the code; "" means "linear", which is none.
	CodeActivation graph.Activation `json:"codeActivation,omitzero"`
	// Loss is graph.BCE or graph.MSE; "" means BCE.
	Loss graph.ReconLoss `json:"loss,omitzero"`
}

// withDefaults replaces zero settings by their defaults.
func (c Config) withDefaults() Config {
	c.Steps = cmp.Or(c.Steps, 28)
	c.Features = cmp.Or(c.Features, 28)
	if c.Hidden == nil {
		c.Hidden = []int{128}
	}
	c.Code = cmp.Or(c.Code, 32)
	c.CodeActivation = cmp.Or(c.CodeActivation, "linear")
	c.Loss = cmp.Or(c.Loss, graph.BCE)
	return c
}

// Validate returns an error that names the first field out of range.
func (c Config) Validate() error {
	c = c.withDefaults()
	for _, f := range []struct {
		name  string
		value int
	}{{"Steps", c.Steps}, {"Features", c.Features}, {"Code", c.Code}} {
		if f.value < 1 {
			return fmt.Errorf("seq: %s is %d, want at least 1", f.name, f.value)
		}
	}
	if len(c.Hidden) == 0 {
		return fmt.Errorf("seq: Hidden is empty: list the units of at least one LSTM, or set nil for 128")
	}
	for i, units := range c.Hidden {
		if units < 1 {
			return fmt.Errorf("seq: Hidden[%d] is %d, want at least 1", i, units)
		}
	}
	if err := c.CodeActivation.Check(); err != nil {
		return fmt.Errorf("seq: CodeActivation: %w", err)
	}
	if err := c.Loss.Check(); err != nil {
		return fmt.Errorf("seq: Loss: %w", err)
	}
	return nil
}

// Build adds the autoencoder to the graph, for batches of the given size, with one
// task. The input is "x" [batch, Steps, Features]. The outputs are "recon" of the
// same shape, in the data's own range, "code" [batch, Code] and, in evaluation,
// "score" [batch]. If a setting is invalid, the net is empty and the builder has the
// error.
func (c Config) Build(b *graph.Builder, batch int) graph.Net {
	if !c.valid(b) {
		return graph.Net{}
	}
	c = c.withDefaults()
	x := b.Input(graph.InputX, batch, c.Steps, c.Features)
	code := c.Encode(b, x)
	y := c.Decode(b, code)
	return c.Loss.Net(b, x, code, y)
}

// Encode adds the encoder. It maps x [N, Steps, Features] to the code [N, Code].
func (c Config) Encode(b *graph.Builder, x *graph.Node) *graph.Node {
	if !c.valid(b) {
		return nil
	}
	c = c.withDefaults()
	b = b.Scope("encoder")
	if !checkShape(b, x, c.Steps, c.Features) {
		return nil
	}
	for i, units := range c.Hidden {
		layer := graph.LSTM{Units: units, ReturnSequences: i < len(c.Hidden)-1}
		x = layer.Apply(b.Scope(lstmName(i)), x)
	}
	return graph.Dense{Units: c.Code, Activation: c.CodeActivation}.Apply(b.Scope("code"), x)
}

// Decode adds the decoder. It maps the code z [N, Code] to [N, Steps, Features]. With
// BCE these are logits; Recon converts them to the reconstruction.
func (c Config) Decode(b *graph.Builder, z *graph.Node) *graph.Node {
	if !c.valid(b) {
		return nil
	}
	c = c.withDefaults()
	b = b.Scope("decoder")
	if !checkShape(b, z, c.Code) {
		return nil
	}
	for i := range c.Hidden {
		layer := graph.LSTM{Units: c.Hidden[len(c.Hidden)-1-i], ReturnSequences: true}
		if i == 0 {
			layer.Steps = c.Steps // repeats the code at every step
		}
		z = layer.Apply(b.Scope(lstmName(i)), z)
	}
	return graph.Dense{Units: c.Features}.Apply(b.Scope("out"), z)
}

// Recon converts the result of Decode to the reconstruction, in the data's own range.
func (c Config) Recon(b *graph.Builder, y *graph.Node) *graph.Node {
	return c.Loss.Recon(b, y)
}

// Summary returns a table of the layers, with their output shapes and numbers of
// weights, or the error of Validate.
func (c Config) Summary() (string, error) {
	return graph.SummaryOf("LSTM autoencoder "+c.String(), c.Build)
}

// String describes the net by its sizes, such as "28x28 128-32-128 bce".
func (c Config) String() string {
	c = c.withDefaults()
	sizes := append(slices.Clone(c.Hidden), c.Code)
	for i := len(c.Hidden) - 1; i >= 0; i-- {
		sizes = append(sizes, c.Hidden[i])
	}
	return fmt.Sprintf("%dx%d %s %s", c.Steps, c.Features, strings.Join(strings.Fields(strings.Trim(fmt.Sprint(sizes), "[]")), "-"), c.Loss)
}

// lstmName names LSTM i of the encoder or the decoder.
func lstmName(i int) string { return fmt.Sprintf("lstm%d", i+1) }

// valid reports whether the settings are valid. If not, the builder gets the error.
func (c Config) valid(b *graph.Builder) bool {
	if err := c.Validate(); err != nil {
		b.Failf("%w", err)
	}
	return b.Err() == nil
}

// checkShape reports whether x is [N, sample...]. If not, the builder gets an error.
func checkShape(b *graph.Builder, x *graph.Node, sample ...int) bool {
	if b.Err() != nil {
		return false
	}
	if x == nil || x.Dims() != 1+len(sample) || !slices.Equal(x.Shape()[1:], sample) {
		have := "nil"
		if x != nil {
			have = graph.Shape(x.Shape()).String()
		}
		b.Failf("seq: want [N, %s], have %s", strings.Trim(strings.Join(strings.Fields(fmt.Sprint(sample)), ", "), "[]"), have)
	}
	return b.Err() == nil
}
