package estimate

import (
	"context"
	"fmt"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
)

// ActiveVariance is the variance of a dimension's posterior mean over samples above
// which the dimension is active (Burda et al. 2016, section 5.2).
const ActiveVariance = 0.01

// Units are the dimensions of the code.
type Units struct {
	// Active is the number of dimensions whose Variance is above ActiveVariance.
	Active int
	// Variance is that of the posterior's mean over samples, by dimension.
	Variance []float64
}

// ActiveUnits counts the dimensions of the code that depend on the sample. Of the options
// it does not use Draws and Chunk.
func ActiveUnits(ctx context.Context, m Normal, set data.Set, o Options) (Units, error) {
	mu, _, err := o.posterior(ctx, m, set)
	if err != nil {
		return Units{}, fmt.Errorf("estimate: %w", err)
	}
	n := float64(set.Len())
	d := len(mu) / set.Len()
	u := Units{Variance: make([]float64, d)}
	for j := range d {
		mean := 0.0
		for i := j; i < len(mu); i += d {
			mean += mu[i] / n
		}
		for i := j; i < len(mu); i += d {
			u.Variance[j] += (mu[i] - mean) * (mu[i] - mean) / n
		}
		if u.Variance[j] > ActiveVariance {
			u.Active++
		}
	}
	return u, nil
}

// posterior computes the means and log variances of all samples, row by row.
func (o Options) posterior(ctx context.Context, m Normal, set data.Set) (mu, logVar []float64, err error) {
	if o, err = o.complete(ctx, m, set); err != nil {
		return nil, nil, err
	}
	build := func(b *graph.Builder, batch int) {
		mu, logVar := m.Posterior(b, batch)
		b.Output("mu", mu)
		b.Output("logvar", logVar)
	}
	err = o.compute(ctx, set, 1, []string{"mu", "logvar"}, build, func(r [][]float32) {
		mu, logVar = floats(r[0]), floats(r[1])
	})
	return mu, logVar, err
}

func floats(x []float32) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = float64(v)
	}
	return out
}
