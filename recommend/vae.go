package recommend

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/models/vae"
	"github.com/stheno-ml/stheno/train"
	"github.com/stheno-ml/stheno/vm"
)

// VAE is a variational autoencoder of a user's items (Liang et al. 2018, Mult-VAE).
type VAE struct {
	// Backend runs the net, such as cpu.Config{}. It has no default.
	Backend vm.Backend
	// Hidden are the sizes of the encoder's layers; nil means 600. Latent is the size of
	// the code; 0 means 200.
	Hidden []int
	Latent int
	// Beta is the weight of the divergence at the end, which rises over the first half;
	// nil means 0.2.
	Beta *float64
	// Epochs is the number of passes over the users; 0 means 100. Batch is the number of
	// users in a step; 0 means 500.
	Epochs, Batch int
	// Seed determines weights, order and random numbers.
	Seed uint64
	// Progress shows the progress of training; nil shows none.
	Progress io.Writer
}

// Fit trains the net.
func (v VAE) Fit(ctx context.Context, u *Users) (Model, error) {
	if v.Backend == nil {
		return nil, errors.New("recommend: no backend: set VAE.Backend, such as to cpu.Config{}")
	}
	if v.Epochs < 0 || v.Batch < 0 {
		return nil, fmt.Errorf("recommend: %d epochs, batches of %d: none can be negative", v.Epochs, v.Batch)
	}
	if err := inRange(u.Of, len(u.Items)); err != nil {
		return nil, err
	}
	beta := 0.2
	if v.Beta != nil {
		beta = *v.Beta
	}
	m := vae.Items{Config: vae.Config{Input: len(u.Items), Hidden: v.Hidden, Latent: v.Latent, Beta: &beta}}
	if err := m.Validate(); err != nil {
		return nil, fmt.Errorf("recommend: %w", err)
	}
	n := &net{model: m, options: train.Options{
		Backend: v.Backend, Seed: v.Seed, Epochs: cmp.Or(v.Epochs, 100), Batch: min(cmp.Or(v.Batch, 500), len(u.Of)),
		Schedules: map[string]train.Schedule{vae.InputBeta: train.WarmUp(.5, train.Constant(beta))}, Progress: v.Progress, Name: "recommend",
	}}
	set, err := n.set(u.Of)
	if err != nil {
		return nil, err
	}
	result, err := train.Fit(ctx, m, set, n.options)
	if err != nil {
		return nil, fmt.Errorf("recommend: %w", err)
	}
	n.options.Params = result.Params
	return n, nil
}

// net is a trained VAE.
type net struct {
	model   vae.Items
	options train.Options
}

// set has a row for each user: 1 for each item that the user has.
func (n *net) set(of [][]int) (data.Set, error) {
	items := n.model.Input
	x := data.Array{Name: graph.InputX, Shape: []int{items}, Values: make([]float32, len(of)*items)}
	for i, has := range of {
		for _, item := range has {
			x.Values[i*items+item] = 1
		}
	}
	return data.InMemory(x)
}

func (n *net) Scores(of [][]int) ([][]float64, error) {
	if len(of) == 0 {
		return nil, nil
	}
	if err := inRange(of, n.model.Input); err != nil {
		return nil, err
	}
	set, err := n.set(of)
	if err != nil {
		return nil, err
	}
	o := n.options
	o.EvalBatch = min(500, len(of))
	logits, err := train.Compute(n.model, set, train.Options{Backend: o.Backend, Params: o.Params, Seed: o.Seed, EvalBatch: o.EvalBatch}, "logits")
	if err != nil {
		return nil, fmt.Errorf("recommend: %w", err)
	}
	out := make([][]float64, len(of))
	for i := range out {
		for _, v := range logits[0].Data[i*n.model.Input : (i+1)*n.model.Input] {
			out[i] = append(out[i], float64(v))
		}
	}
	return out, nil
}
