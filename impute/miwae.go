package impute

import (
	"cmp"
	"context"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/models/vae"
)

// MIWAE is the importance-weighted autoencoder of Mattei and Frellsen (2019). Numbers have
// Student's t distribution given the code, and categories a softmax of their own.
type MIWAE struct {
	Options
	// Hidden are the sizes of the encoder's layers, and backwards the decoder's; nil means
	// 128, 128.
	Hidden []int
	// Latent is the size of the code; 0 means 10.
	Latent int
	// Draws is the number of codes drawn for each row in training; 0 means 20.
	Draws int
	// Filling is the number of codes drawn to impute; 0 means 1000.
	Filling int
}

// Fit trains the net.
func (m MIWAE) Fit(ctx context.Context, t Table) (Imputer, error) {
	if err := t.fittable(); err != nil {
		return nil, err
	}
	s := scaleOf(t).numeric(t)
	rows, err := s.rowsOf(t)
	if err != nil {
		return nil, err
	}
	hidden := m.Hidden
	if hidden == nil {
		hidden = []int{128, 128}
	}
	model := vae.Missing{Config: vae.Config{Hidden: hidden, Latent: cmp.Or(m.Latent, 10), Activation: "tanh", Likelihood: vae.StudentT}, Draws: m.Draws}
	if model.Input = t.Columns; len(t.Blocks) > 0 {
		model.Input, model.Likelihood, model.Config.Blocks = 0, "", likelihoodsOf(t)
	}
	if err := model.Validate(); err != nil {
		return nil, err
	}
	n := net{model, "bound", m.Options}
	p, err := n.fit(ctx, rows)
	if err != nil {
		return nil, err
	}
	model.Draws = cmp.Or(m.Filling, 1000)
	n.model = model
	return fitted{n, p, s, t.Columns}, nil
}

// likelihoodsOf are the blocks of a table's likelihood.
func likelihoodsOf(t Table) []vae.Block {
	var out []vae.Block
	at := 0
	numbers := func(to int) {
		if to > at {
			out = append(out, vae.Block{Likelihood: vae.StudentT, Size: to - at})
		}
	}
	for _, b := range t.Blocks {
		numbers(b.From)
		out = append(out, vae.Block{Likelihood: vae.Multinomial, Size: b.To - b.From})
		at = b.To
	}
	numbers(t.Columns)
	return out
}

// fitted is a trained MIWAE.
type fitted struct {
	net     net
	params  *graph.Params
	scale   scale
	columns int
}

func (f fitted) Impute(_ context.Context, t Table) (Table, error) {
	return f.fill(t, f.net.options.Seed, "imputed", greatest)
}

func (f fitted) Draw(_ context.Context, t Table, seed uint64) (Table, error) {
	return f.fill(t, seed, "drawn", greatest)
}

func (f fitted) fill(t Table, seed uint64, output string, pick func(int, []float64) int) (Table, error) {
	if err := t.like(f.columns); err != nil {
		return Table{}, err
	}
	rows, err := f.scale.rowsOf(t)
	if err != nil {
		return Table{}, err
	}
	out, err := f.net.compute(f.params, rows, seed, output)
	if err != nil {
		return Table{}, err
	}
	return t.filled(f.scale.undo(wide(out[0].Data)), pick), nil
}
