package seq

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/stheno-ml/stheno/graph"
)

// Name identifies the model where models are chosen by name.
const Name = "seq"

// The numbers of tokens with a meaning of their own, in nets with a Vocabulary.
const (
	End     = 0 // ends a sequence, fills the steps after it, and is what a decoder reads first
	Unknown = 1 // stands for any token that is not in the vocabulary
)

// Config describes the autoencoder. The zero value takes sequences of 28 steps with
// 28 features: LSTM 128, code 32, LSTM 128, and a dense layer of 28 at each step,
// with cross entropy from logits.
type Config struct {
	// Steps is the length of the sequences, or of the longest; 0 means 28.
	Steps int `json:"steps,omitzero"`
	// Features is the number of values at each step; 0 means 28. With a Vocabulary it
	// must be 0.
	Features int `json:"features,omitzero"`
	// Vocabulary is the number of tokens, at least 3, if the steps are tokens: x [N,
	// Steps] then holds whole numbers from 0 to Vocabulary-1, of which End and Unknown
	// are the first two. 0 means that the steps are Features values.
	Vocabulary int `json:"vocabulary,omitzero"`
	// Embedding is the size of the vectors that stand for the tokens; 0 means 32. It
	// needs a Vocabulary.
	Embedding int `json:"embedding,omitzero"`
	// Hidden lists the units of the encoder's layers, at least one; nil means one
	// layer of 128. The decoder has the same sizes in reverse order.
	Hidden []int `json:"hidden,omitzero"`
	// Code is the size of the code; 0 means 32.
	Code int `json:"code,omitzero"`
	// CodeActivation is the activation of the code; "" means "linear", which is none.
	CodeActivation graph.Activation `json:"codeActivation,omitzero"`
	// Loss is graph.BCE or graph.MSE; "" means BCE. With a Vocabulary it must be "":
	// the loss is then the cross entropy of the tokens.
	Loss graph.ReconLoss `json:"loss,omitzero"`
	// Cell is the cell of all recurrent layers; "" means LSTM.
	Cell Cell `json:"cell,omitzero"`
	// Bidirectional runs the encoder's layers in both directions, each with the units
	// in Hidden.
	Bidirectional bool `json:"bidirectional,omitzero"`
	// Attention computes the code from a weighted mean of the encoder's outputs at all
	// steps instead of from the last output.
	Attention bool `json:"attention,omitzero"`
	// TeacherForcing lets the decoder read the step before, in addition to the code
	// (Williams and Zipser 1989). The loss reads the true step; the reconstruction in
	// evaluation reads the decoder's own. Steps is then at most 4096.
	TeacherForcing bool `json:"teacherForcing,omitzero"`
	// WordDropout is the probability, at least 0 and below 1, that training hides a
	// true step from the decoder: a token becomes Unknown, values become 0 (Bowman et
	// al. 2016, section 3.1). The decoder then depends more on the code. It needs
	// TeacherForcing.
	WordDropout float64 `json:"wordDropout,omitzero"`
	// Dropout is the rate of dropout between layers, at least 0 and below 1.
	Dropout float64 `json:"dropout,omitzero"`
	// Lengths adds the input "lengths" [N], the steps of each sequence, from 0 to
	// Steps. Neither the encoder nor the loss reads steps beyond a sequence's length.
	Lengths bool `json:"lengths,omitzero"`
}

// maxForced is the largest number of steps with TeacherForcing.
const maxForced = 4096

// withDefaults replaces zero settings by their defaults.
func (c Config) withDefaults() Config {
	c.Steps = cmp.Or(c.Steps, 28)
	if c.Vocabulary == 0 {
		c.Features = cmp.Or(c.Features, 28)
		c.Loss = cmp.Or(c.Loss, graph.BCE)
	} else {
		c.Embedding = cmp.Or(c.Embedding, 32)
	}
	if c.Hidden == nil {
		c.Hidden = []int{128}
	}
	c.Code = cmp.Or(c.Code, 32)
	c.CodeActivation = cmp.Or(c.CodeActivation, "linear")
	c.Cell = cmp.Or(c.Cell, LSTM)
	return c
}

// Validate returns an error that names the first field out of range.
func (c Config) Validate() error {
	if err := c.validateTokens(); err != nil {
		return err
	}
	c = c.withDefaults()
	for _, f := range []struct {
		name  string
		value int
	}{{"Steps", c.Steps}, {"Features", c.outputs()}, {"Code", c.Code}} {
		if f.value < 1 {
			return fmt.Errorf("seq: %s is %d, want at least 1", f.name, f.value)
		}
	}
	if len(c.Hidden) == 0 {
		return fmt.Errorf("seq: Hidden is empty: list the units of at least one layer, or set nil for 128")
	}
	for i, units := range c.Hidden {
		if units < 1 {
			return fmt.Errorf("seq: Hidden[%d] is %d, want at least 1", i, units)
		}
	}
	for _, f := range []struct {
		name string
		err  error
	}{{"CodeActivation", c.CodeActivation.Check()}, {"Loss", c.Loss.Check()}, {"Cell", c.Cell.Check()}} {
		if f.err != nil {
			return fmt.Errorf("seq: %s: %w", f.name, f.err)
		}
	}
	for _, f := range []struct {
		name  string
		value float64
	}{{"Dropout", c.Dropout}, {"WordDropout", c.WordDropout}} {
		if !(f.value >= 0 && f.value < 1) {
			return fmt.Errorf("seq: %s is %g, want a share from 0 to below 1", f.name, f.value)
		}
	}
	if c.TeacherForcing && c.Steps > maxForced {
		return fmt.Errorf("seq: Steps is %d, but with TeacherForcing the reconstruction takes a part of the graph for each step: at most %d can be", c.Steps, maxForced)
	}
	if c.WordDropout > 0 && !c.TeacherForcing {
		return fmt.Errorf("seq: WordDropout is %g, but the decoder reads no steps: set TeacherForcing, or WordDropout 0", c.WordDropout)
	}
	return nil
}

// validateTokens returns an error if settings of tokens and of values are mixed.
func (c Config) validateTokens() error {
	switch {
	case c.Vocabulary == 0 && c.Embedding != 0:
		return fmt.Errorf("seq: Embedding is %d, but there are no tokens to embed: set Vocabulary, or Embedding 0", c.Embedding)
	case c.Vocabulary == 0:
		return nil
	case c.Vocabulary < 3:
		return fmt.Errorf("seq: Vocabulary is %d, want at least 3: End, Unknown and a token", c.Vocabulary)
	case c.Embedding < 0:
		return fmt.Errorf("seq: Embedding is %d, want at least 1, or 0 for 32", c.Embedding)
	case c.Features != 0:
		return fmt.Errorf("seq: Features is %d, but with a Vocabulary a step is a token: set Features 0", c.Features)
	case c.Loss != "":
		return errors.New("seq: Loss is set, but with a Vocabulary the loss is the cross entropy of the tokens: leave it empty")
	}
	return nil
}

// outputs is the number of the decoder's outputs at each step.
func (c Config) outputs() int {
	if c.Vocabulary != 0 {
		return c.Vocabulary
	}
	return c.Features
}

// sample is the shape of a sample of x.
func (c Config) sample() []int {
	if c.Vocabulary != 0 {
		return []int{c.Steps}
	}
	return []int{c.Steps, c.Features}
}

// String describes the net by its sizes and settings, such as "28x28 128-32-128 bce"
// or "20 of 28 tokens 64-16-64 gru bidirectional teacher forcing".
func (c Config) String() string {
	c = c.withDefaults()
	sizes := append(slices.Clone(c.Hidden), c.Code)
	for i := len(c.Hidden) - 1; i >= 0; i-- {
		sizes = append(sizes, c.Hidden[i])
	}
	steps, loss := fmt.Sprintf("%dx%d", c.Steps, c.Features), c.Loss.String()
	if c.Vocabulary != 0 {
		steps, loss = fmt.Sprintf("%d of %d tokens", c.Steps, c.Vocabulary), ""
	}
	words := []string{steps, strings.Join(strings.Fields(strings.Trim(fmt.Sprint(sizes), "[]")), "-"), loss}
	for _, w := range []struct {
		is   bool
		word string
	}{
		{c.Cell != LSTM, c.Cell.String()},
		{c.Bidirectional, "bidirectional"},
		{c.Attention, "attention"},
		{c.TeacherForcing, "teacher forcing"},
		{c.WordDropout > 0, fmt.Sprintf("word dropout %g", c.WordDropout)},
		{c.Dropout > 0, fmt.Sprintf("dropout %g", c.Dropout)},
		{c.Lengths, "lengths"},
	} {
		if w.is {
			words = append(words, w.word)
		}
	}
	return strings.Join(slices.DeleteFunc(words, func(w string) bool { return w == "" }), " ")
}
