package estimate

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/stheno-ml/stheno/data"
)

// Correlation splits the divergence of the aggregate posterior q(z) from the prior N(0,1)
// (Chen et al. 2018, eq. 2): AggregateKL = Total + Dimensions, in nats.
type Correlation struct {
	// Total is the total correlation, the divergence of q(z) from the product of its
	// dimensions. It is 0 if the values of a code are independent of each other.
	Total float64
	// Dimensions is the sum over dimensions of KL(q(z_k) || N(0,1)).
	Dimensions float64
}

// Correlated estimates the parts with a number of codes, each drawn from q(z|x) of a
// sample that is drawn from the set; Options.Draws does not count. q(z) is the mean over
// all samples, so the time grows with codes * samples: 4,000 codes of ten values over
// 40,000 samples take some ten seconds of one processor.
func Correlated(ctx context.Context, m Normal, set data.Set, codes int, o Options) (Correlation, error) {
	if codes < 1 {
		return Correlation{}, fmt.Errorf("estimate: %d codes: want at least 1", codes)
	}
	mu, logVar, err := o.posterior(ctx, m, set)
	if err != nil {
		return Correlation{}, fmt.Errorf("estimate: %w", err)
	}
	q := mixture(mu, logVar, set.Len())
	parts := make([]Correlation, codes)
	err = spread(ctx, codes, o.Seed, func() func(int, *rand.Rand) {
		z, of := make([]float64, q.dims), make([]logSum, q.dims)
		return func(i int, r *rand.Rand) {
			_, prior := q.draw(r.IntN(set.Len()), r, z)
			product := q.logOfDimensions(z, of)
			parts[i] = Correlation{Total: q.log(z) - product, Dimensions: product - prior}
		}
	})
	if err != nil {
		return Correlation{}, err
	}
	var c Correlation
	for _, p := range parts {
		c.Total += p.Total / float64(codes)
		c.Dimensions += p.Dimensions / float64(codes)
	}
	return c, nil
}

// logOfDimensions is the sum over dimensions of the log density of q(z_k). It needs a
// sum for each.
func (q normals) logOfDimensions(z []float64, of []logSum) float64 {
	clear(of)
	for i := range q.constant {
		for j, v := range z {
			at := i*q.dims + j
			d := v - q.mu[at]
			of[j].add(-(q.logVar[at] + d*d*q.precision[at]) / 2)
		}
	}
	total := -float64(q.dims) * (math.Log(2*math.Pi)/2 + math.Log(float64(len(q.constant))))
	for _, s := range of {
		total += s.log()
	}
	return total
}
