// The variational autoencoder as a detector, for tables of numbers and categories.

package detect

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/models/vae"
)

// VAE scores a row by the negative log density, under a variational autoencoder, of the
// row and its code: -log p(x|z) - log p(z) at the mean z of the code. An and Cho (2015)
// take the first term alone, in which a row counts less that is extreme in a way that
// the code has learned. A number is normal with deviation Scale, and a category has the
// probabilities of a softmax. Constants are left out, and it is divided by the number of
// known values.
type VAE struct {
	// Hidden lists the sizes of the encoder's layers; nil means 64, 32.
	Hidden []int
	// Latent is the size of the code; 0 means 2.
	Latent int
	// Activation is that of the hidden layers; "" means "tanh".
	Activation graph.Activation
	// Scale is the deviation of a number given the code, in deviations of the column; 0
	// means 1.
	Scale float64
	// Training has the defaults 600 Steps and Rate 3e-3.
	Training Training
}

// String names the method.
func (d VAE) String() string { return "vae" }

// Fit trains the net. It needs two rows.
func (d VAE) Fit(ctx context.Context, t *Table, o Options) (Model, error) {
	if err := d.Training.check("VAE"); err != nil {
		return nil, err
	}
	if err := checked(ctx, t, 2); err != nil {
		return nil, err
	}
	s, r, err := scaled(t, true)
	if err != nil {
		return nil, err
	}
	if d.Hidden == nil {
		d.Hidden = []int{64, 32}
	}
	tr := d.Training
	tr.Steps, tr.Rate = cmp.Or(tr.Steps, 600), cmp.Or(tr.Rate, 3e-3)
	m := vae.Config{
		Hidden: d.Hidden, Latent: cmp.Or(d.Latent, 2), Activation: cmp.Or(d.Activation, "tanh"), Scale: cmp.Or(d.Scale, 1),
	}
	if slices.ContainsFunc(t.columns, func(c Column) bool { return c.Categories != nil }) {
		m.Blocks = blocksOf(t.columns)
	} else {
		m.Input, m.Likelihood = r.width, vae.Gaussian
	}
	n, err := fitNet(ctx, m, s, r, tr, o)
	if err != nil {
		return nil, fmt.Errorf("%w (VAE of %s)", err, t.name())
	}
	v := variational{net: n, precision: 1 / (m.Scale * m.Scale), category: make([]bool, r.width)}
	for k, c := range t.columns {
		for j := t.from[k]; j < t.from[k+1]; j++ {
			v.category[j] = c.Categories != nil
		}
	}
	return v, nil
}

// blocksOf are the likelihoods of columns.
func blocksOf(columns []Column) (blocks []vae.Block) {
	for _, c := range columns {
		if c.Categories != nil {
			blocks = append(blocks, vae.Block{Likelihood: vae.Multinomial, Size: len(c.Categories)})
		} else {
			blocks = append(blocks, vae.Block{})
		}
	}
	return blocks
}

type variational struct {
	*net
	precision float64 // of a number given the code
	category  []bool  // whether a value is of a category
}

// surprise is the negative log likelihood of a value, without constants.
func (m variational) surprise(j int, x, y float64) float64 {
	if m.category[j] {
		return -x * math.Log(max(y, 1e-12))
	}
	return (x - y) * (x - y) * m.precision / 2
}

// Score returns the negative log densities.
func (m variational) Score(t *Table) ([]float64, error) {
	return m.scoreBy(t, m.surprise, func(z []float32) float64 {
		sum := 0.0
		for _, v := range z {
			sum += float64(v) * float64(v) / 2
		}
		return sum
	})
}

// Explain splits the negative log likelihood given the code. What is expected is the mean of the
// likelihood, or the most likely category.
func (m variational) Explain(t *Table, row int) ([]Part, error) {
	return m.explainBy(t, row, m.surprise)
}
