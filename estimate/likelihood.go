package estimate

import (
	"context"
	"fmt"
	"math"

	"github.com/stheno-ml/stheno/data"
	"github.com/stheno-ml/stheno/graph"
)

// Likelihood is an estimate of log p(x), in nats.
type Likelihood struct {
	// Mean is the mean over samples.
	Mean float64
	// Error is the standard error of the mean, as far as it comes from the choice of
	// samples.
	Error float64
	// Each has one number for each sample.
	Each []float64
	// Draws is the number of draws for each sample.
	Draws int
}

// LogLikelihood estimates log p(x) of the samples of a set by importance sampling from
// the posterior, with K draws:
//
//	log mean over draws of p(x|z) p(z) / q(z|x)
//
// (Burda et al. 2016, eq. 8). Its expectation is at most log p(x), and rises with K. The
// mean over draws is accumulated in float64.
func LogLikelihood(ctx context.Context, m Model, set data.Set, o Options) (Likelihood, error) {
	o, err := o.complete(ctx, m, set)
	if err != nil {
		return Likelihood{}, fmt.Errorf("estimate: %w", err)
	}
	sums := make([]logSum, set.Len())
	err = o.densities(ctx, m, set, func(i int, likelihood, prior, posterior float64) {
		sums[i].add(likelihood + prior - posterior)
	})
	if err != nil {
		return Likelihood{}, fmt.Errorf("estimate: %w", err)
	}
	l := Likelihood{Draws: o.Draws, Each: make([]float64, set.Len())}
	for i, s := range sums {
		l.Each[i] = s.log() - math.Log(float64(o.Draws))
	}
	l.Mean, l.Error = meanAndError(l.Each)
	return l, nil
}

// densities gives each the densities of every draw of every sample.
func (o Options) densities(ctx context.Context, m Model, set data.Set, each func(sample int, likelihood, prior, posterior float64)) error {
	names := []string{"likelihood", "prior", "posterior"}
	build := func(b *graph.Builder, batch int) {
		likelihood, prior, posterior := m.LogDensities(b, batch, o.Chunk)
		for i, n := range []*graph.Node{likelihood, prior, posterior} {
			if b.Err() != nil {
				return
			}
			if n == nil || !graph.Shape(n.Shape()).Equal(graph.Shape{batch, o.Chunk}) {
				b.Failf("the %s of %T is not of shape [%d %d]", names[i], m, batch, o.Chunk)
				return
			}
			b.Output(names[i], n)
		}
	}
	return o.compute(ctx, set, o.Draws/o.Chunk, names, build, func(r [][]float32) {
		for i := range r[0] {
			each(i/o.Chunk, float64(r[0][i]), float64(r[1][i]), float64(r[2][i]))
		}
	})
}

// logSum is the logarithm of a sum of exponentials, without overflow.
type logSum struct {
	some    bool
	largest float64
	sum     float64 // of the exponentials, relative to the largest
}

func (s *logSum) add(x float64) {
	switch {
	case !s.some:
		*s = logSum{true, x, 1}
	case x <= s.largest:
		s.sum += math.Exp(x - s.largest)
	case math.IsInf(s.largest, -1):
		s.largest, s.sum = x, 1
	default: // or NaN, which stays
		s.largest, s.sum = x, s.sum*math.Exp(s.largest-x)+1
	}
}

func (s logSum) log() float64 { return s.largest + math.Log(s.sum) }

// meanAndError returns the mean and its standard error.
func meanAndError(x []float64) (mean, err float64) {
	n := float64(len(x))
	for _, v := range x {
		mean += v / n
	}
	squares := 0.0
	for _, v := range x {
		squares += (v - mean) * (v - mean)
	}
	return mean, math.Sqrt(squares / max(n-1, 1) / n)
}
