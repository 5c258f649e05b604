// Package dense is the fully connected autoencoder and its regularised forms. The
// layers of the encoder narrow towards the code; the decoder mirrors them, or has
// sizes of its own.
//
//	net := dense.Config{}.Build(b, 128)            // 784-128-64-32-64-128-784
//	pca := dense.Config{Hidden: []int{32}, Activation: "linear", Loss: graph.MSE} // at best as good as PCA
//
// The settings of regularisation are independent of each other:
//
//	Noise        a denoising autoencoder reconstructs samples from corrupted ones
//	Sparsity     few units of the code are active
//	Contraction  the code changes little with the sample
//	Dropout, BatchNorm, Tied
//
// Pretraining has a net for each layer, to be trained one after the other. Classifier
// is a classifier on top of the encoder. All of them share weights by name.
package dense

import (
	"cmp"
	"fmt"
	"slices"
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
	// code. nil means 128, 64, 32.
	Hidden []int `json:"hidden,omitzero"`
	// Decoder lists the sizes of the decoder's layers between the code and the
	// reconstruction. nil means those of the encoder in reverse order; an empty list
	// is a decoder of one layer.
	Decoder []int `json:"decoder,omitzero"`
	// Tied makes each layer of the decoder use the transposed weight of its mirror
	// image in the encoder. Biases are not shared. Decoder must be nil.
	Tied bool `json:"tied,omitzero"`
	// Overcomplete allows a code that is larger than the sample. Without further
	// constraints such a net can learn to copy its input. A sparse code can be larger
	// without it.
	Overcomplete bool `json:"overcomplete,omitzero"`
	// Activation is the activation of the hidden layers; "" means "relu", and
	// "linear" is none.
	Activation graph.Activation `json:"activation,omitzero"`
	// CodeActivation is the activation of the code; "" means Activation.
	CodeActivation graph.Activation `json:"codeActivation,omitzero"`
	// OutputActivation is the activation of the reconstruction; "" means none. It can
	// be set only with MSE: BCE has the sigmoid in the loss.
	OutputActivation graph.Activation `json:"outputActivation,omitzero"`
	// Loss is graph.BCE or graph.MSE; "" means BCE.
	Loss graph.ReconLoss `json:"loss,omitzero"`
	// BatchNorm normalises each hidden layer before its activation, instead of adding a
	// bias. It does not normalise the code and the reconstruction.
	BatchNorm bool `json:"batchNorm,omitzero"`
	// Dropout is the probability with which a unit of a hidden layer is dropped in
	// training; 0 drops none. The code is not dropped.
	Dropout float64 `json:"dropout,omitzero"`
	// Noise makes a denoising autoencoder: the encoder reads corrupted samples in
	// training, and the reconstruction is compared with the clean ones.
	Noise graph.Corruption `json:"noise,omitzero"`
	// Emphasis, if not nil, weighs corrupted and intact elements differently. It needs
	// a noise that leaves elements intact.
	Emphasis *Emphasis `json:"emphasis,omitzero"`
	// Sparsity makes the code sparse.
	Sparsity Sparsity `json:"sparsity,omitzero"`
	// Contraction penalises the Jacobian of the encoder.
	Contraction Contraction `json:"contraction,omitzero"`
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
	c.Sparsity = c.Sparsity.withDefaults()
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
	if err := checkSizes("Hidden", c.Hidden); err != nil {
		return err
	}
	if err := checkSizes("Decoder", c.Decoder); err != nil {
		return err
	}
	for _, a := range []struct {
		field string
		value graph.Activation
	}{{"Activation", c.Activation}, {"CodeActivation", c.CodeActivation}, {"OutputActivation", c.OutputActivation}} {
		if err := a.value.Check(); err != nil {
			return fmt.Errorf("dense: %s: %w", a.field, err)
		}
	}
	if err := c.Loss.Check(); err != nil {
		return fmt.Errorf("dense: Loss: %w", err)
	}
	switch {
	case c.Tied && c.Decoder != nil:
		return fmt.Errorf("dense: Tied with Decoder %v: a tied decoder mirrors the encoder: leave Decoder nil", c.Decoder)
	case c.OutputActivation != "" && c.Loss != graph.MSE:
		return fmt.Errorf("dense: OutputActivation is %q with the loss %s, which has a sigmoid of its own: leave it empty, or set Loss to %q", string(c.OutputActivation), c.Loss, string(graph.MSE))
	case !(c.Dropout >= 0 && c.Dropout < 1):
		return fmt.Errorf("dense: Dropout is %g, want at least 0 and below 1", c.Dropout)
	case c.code() > c.Input && !c.Overcomplete && !c.Sparsity.on():
		return fmt.Errorf("dense: the code has %d values, more than the %d of a sample, which the net can copy: set Overcomplete, or make the code sparse", c.code(), c.Input)
	}
	if err := c.Noise.Check(); err != nil {
		return fmt.Errorf("dense: Noise: %w", err)
	}
	if err := c.Emphasis.validate(c.Noise); err != nil {
		return err
	}
	if err := c.Sparsity.validate(c.code(), c.CodeActivation); err != nil {
		return err
	}
	return c.Contraction.validate(c)
}

func checkSizes(field string, sizes []int) error {
	for i, units := range sizes {
		if units < 1 {
			return fmt.Errorf("dense: %s[%d] is %d, want at least 1", field, i, units)
		}
	}
	return nil
}

// code is the size of the code.
func (c Config) code() int { return c.Hidden[len(c.Hidden)-1] }

// decoder lists the sizes of all layers of the decoder.
func (c Config) decoder() []int {
	hidden := c.Decoder
	if hidden == nil {
		hidden = slices.Clone(c.Hidden[:len(c.Hidden)-1])
		slices.Reverse(hidden)
	}
	return append(slices.Clone(hidden), c.Input)
}

// String describes the net by its sizes, such as "784-128-64-32-64-128-784 relu bce",
// followed by the settings that differ from their defaults.
func (c Config) String() string {
	c = c.withDefaults()
	if len(c.Hidden) == 0 {
		return "dense without layers"
	}
	sizes := []string{fmt.Sprint(c.Input)}
	for _, units := range append(slices.Clone(c.Hidden), c.decoder()...) {
		sizes = append(sizes, fmt.Sprint(units))
	}
	words := []string{strings.Join(sizes, "-"), string(c.Activation)}
	add := func(on bool, format string, args ...any) {
		if on {
			words = append(words, fmt.Sprintf(format, args...))
		}
	}
	add(c.CodeActivation != c.Activation, "code %s", c.CodeActivation)
	add(c.OutputActivation != "", "output %s", c.OutputActivation)
	add(true, "%s", c.Loss)
	add(c.Tied, "tied")
	add(c.BatchNorm, "batch norm")
	add(c.Dropout > 0, "dropout %g", c.Dropout)
	for _, s := range []fmt.Stringer{c.Noise, c.Emphasis, c.Sparsity, c.Contraction} {
		add(s.String() != "", "%s", s)
	}
	return strings.Join(words, " ")
}
