package estimate

import (
	"context"
	"fmt"

	"github.com/stheno-ml/stheno/data"
)

// Parts are the evidence lower bound and what it is made of, means over samples and
// draws, in nats:
//
//	ELBO  = -Recon - KL
//	Recon = -log p(x|z)
//	KL    = log q(z|x) - log p(z)
type Parts struct {
	ELBO, Recon, KL float64
	// Error is the standard error of ELBO over samples.
	Error float64
	// Each is the bound of each sample, a mean over draws.
	Each []float64
}

// Bound estimates the evidence lower bound of the samples of a set with Draws drawn
// codes each.
func Bound(ctx context.Context, m Model, set data.Set, o Options) (Parts, error) {
	o, err := o.complete(ctx, m, set)
	if err != nil {
		return Parts{}, fmt.Errorf("estimate: %w", err)
	}
	p := Parts{Each: make([]float64, set.Len())}
	total := float64(set.Len()) * float64(o.Draws)
	err = o.densities(ctx, m, set, func(i int, likelihood, prior, posterior float64) {
		p.Recon -= likelihood / total
		p.KL += (posterior - prior) / total
		p.Each[i] += (likelihood + prior - posterior) / float64(o.Draws)
	})
	if err != nil {
		return Parts{}, fmt.Errorf("estimate: %w", err)
	}
	p.ELBO, p.Error = meanAndError(p.Each)
	return p, nil
}
