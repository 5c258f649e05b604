package compress

import (
	"errors"
	"fmt"
	"slices"

	"github.com/stheno-ml/stheno/compress/internal/bitsback"
	"github.com/stheno-ml/stheno/compress/internal/exact"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/models/vae"
	"github.com/stheno-ml/stheno/train"
)

// Model codes samples without loss, by a variational autoencoder. It does not change,
// and any number of goroutines can use it.
type Model struct {
	net   bitsback.Model // without the codings that Options choose
	shape []int
	hash  Hash
}

// New returns the coding by a variational autoencoder with its weights, whose arithmetic
// is the same on every machine. The model is a vae.Config or a vae.Importance with a
// likelihood of levels: vae.Bernoulli, vae.BetaBinomial, vae.Categorical or
// vae.Logistic. It is not conditional and has no blocks. Later changes of the parameters
// have no effect.
func New(m train.Model, p *graph.Params) (*Model, error) {
	c, err := configOf(m)
	if err != nil {
		return nil, fmt.Errorf("compress: %w", err)
	}
	w, err := weightsOf(m, p)
	if err != nil {
		return nil, fmt.Errorf("compress: %w", err)
	}
	hash, err := w.hash(m)
	if err != nil {
		return nil, fmt.Errorf("compress: %w", err)
	}
	levels := c.Levels
	if c.Likelihood == vae.Bernoulli {
		levels = 2
	}
	n := bitsback.Model{
		Values: exact.Likelihood{Kind: exact.Kind(c.Likelihood), Levels: levels, Values: c.Input},
		Size:   c.Latent, Lo: c.LogVar[0], Hi: c.LogVar[1], Value: make([]float64, levels),
	}
	for k := range n.Value {
		n.Value[k] = float64(valueOf(k, levels))
	}
	a := assembly{weights: w, config: c}
	n.Encoder, n.Decoder = a.encoder(), a.decoder(n.Values.Parameters())
	if a.err != nil {
		return nil, fmt.Errorf("compress: %w", a.err)
	}
	shape := []int{c.Input}
	if c.Conv != nil {
		shape = slices.Clone(c.Conv.Shape)
	}
	return &Model{n, shape, hash}, nil
}

// Shape is the shape of a sample.
func (m *Model) Shape() []int {
	if m == nil {
		return nil
	}
	return slices.Clone(m.shape)
}

// Levels is the number of levels of a value: it is k/(Levels-1) for k from 0 on.
func (m *Model) Levels() int {
	if m == nil {
		return 0
	}
	return m.net.Values.Levels
}

// Hash identifies the model: its settings and weights.
func (m *Model) Hash() Hash {
	if m == nil {
		return Hash{}
	}
	return m.hash
}

// valueOf is the number of a level, the one nearest to level/(levels-1).
func valueOf(level, levels int) float32 { return float32(level) / float32(levels-1) }

// configOf returns the settings of a model that samples can be coded by.
func configOf(m train.Model) (vae.Config, error) {
	var c vae.Config
	switch m := m.(type) {
	case vae.Config:
		c = m
	case vae.Importance:
		c = m.Config
	case nil:
		return c, errors.New("there is no model")
	default:
		return c, fmt.Errorf("%T cannot code without loss: want a vae.Config or a vae.Importance", m)
	}
	if err := c.Validate(); err != nil {
		return c, err
	}
	c = c.WithDefaults()
	likelihoods := []vae.Likelihood{vae.Bernoulli, vae.BetaBinomial, vae.Categorical, vae.Logistic}
	switch {
	case len(c.Blocks) > 0:
		return c, errors.New("the model has blocks of columns, which cannot be coded: set its Likelihood instead")
	case !slices.Contains(likelihoods, c.Likelihood):
		return c, fmt.Errorf("the likelihood %q is a density and codes no values: train the model with one of %q", string(c.Likelihood), likelihoods)
	case c.Classes > 0 || c.Condition > 0:
		return c, errors.New("the model is conditional, and a file has no labels or conditions: train one without Classes and Condition")
	}
	return c, nil
}
