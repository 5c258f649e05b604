// The dense autoencoder as a detector.

package detect

import (
	"cmp"
	"context"
	"fmt"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/models/dense"
)

// Autoencoder scores a row by the mean squared error of its reconstruction by a dense
// autoencoder, in standardised columns (Hawkins et al. 2002). A category's values are its
// one-hot columns, standardised like numbers. Missing values do not count.
type Autoencoder struct {
	// Hidden lists the sizes of the encoder's layers, the last of which is the code, and
	// of the decoder's in reverse order; nil means 64, 32.
	Hidden []int
	// Activation is that of the hidden layers; "" means "relu".
	Activation graph.Activation
	// NoBatchNorm leaves out batch norm.
	NoBatchNorm bool
	// Dropout is the rate of dropout, at least 0 and below 1; nil means 0.2. It keeps the
	// net from learning single rows by heart.
	Dropout *float64
	// Noise is the deviation of the normal noise that the encoder's input has in
	// training; 0 means none.
	Noise float64
	// Training has the defaults 400 Steps and Rate 1e-3.
	Training Training
}

// String names the method.
func (d Autoencoder) String() string { return "autoencoder" }

// Fit trains the net. It needs two rows.
func (d Autoencoder) Fit(ctx context.Context, t *Table, o Options) (Model, error) {
	if err := d.Training.check("Autoencoder"); err != nil {
		return nil, err
	}
	s, r, err := prepared(ctx, t, 2)
	if err != nil {
		return nil, err
	}
	hidden := d.Hidden
	if hidden == nil {
		hidden = []int{64, 32}
	}
	dropout := 0.2
	if d.Dropout != nil {
		dropout = *d.Dropout
	}
	tr := d.Training
	tr.Steps, tr.Rate = cmp.Or(tr.Steps, 400), cmp.Or(tr.Rate, 1e-3)
	m := dense.Config{
		Input: r.width, Hidden: hidden, Activation: cmp.Or(d.Activation, "relu"), Loss: graph.MSE,
		Dropout: dropout, BatchNorm: !d.NoBatchNorm, Overcomplete: true,
	}
	if d.Noise > 0 {
		m.Noise = graph.Corruption{Kind: graph.AddedNoise, Level: d.Noise}
	}
	n, err := fitNet(ctx, m, s, r, tr, o)
	if err != nil {
		return nil, fmt.Errorf("%w (autoencoder of %s)", err, t.name())
	}
	return autoencoder{n}, nil
}

type autoencoder struct{ *net }

func squaredError(_ int, x, y float64) float64 { return (x - y) * (x - y) }

// Score returns the mean squared errors.
func (m autoencoder) Score(t *Table) ([]float64, error) {
	return m.scoreBy(t, squaredError, func([]float32) float64 { return 0 })
}

// Explain splits the squared error. What is expected is the reconstruction.
func (m autoencoder) Explain(t *Table, row int) ([]Part, error) {
	return m.explainBy(t, row, squaredError)
}
