package estimate

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"sync"

	"github.com/stheno-ml/stheno/data"
)

// Aggregate splits the KL term of the bound, with the prior N(0,1) (Hoffman and Johnson
// 2016, eq. 7): KL = MutualInformation + AggregateKL, in nats.
type Aggregate struct {
	// KL is the mean over samples of KL(q(z|x) || p(z)).
	KL float64
	// MutualInformation of the sample's index and its code is the mean of
	// log q(z|x) - log q(z). It is at most the logarithm of the number of samples.
	MutualInformation float64
	// AggregateKL is KL(q(z) || p(z)), where q(z) is the mean of q(z|x) over samples. It
	// is 0 if codes of the data are distributed like the prior.
	AggregateKL float64
}

// Aggregated estimates the parts of the KL term with Draws codes of each sample of a
// set. q(z) is the mean over all samples of the set, so the time grows with the square
// of their number: ten thousand take some seconds.
func Aggregated(ctx context.Context, m Normal, set data.Set, o Options) (Aggregate, error) {
	mu, logVar, err := o.posterior(ctx, m, set)
	if err != nil {
		return Aggregate{}, fmt.Errorf("estimate: %w", err)
	}
	o, _ = o.complete(ctx, m, set)
	q := mixture(mu, logVar, set.Len())
	parts := make([]Aggregate, set.Len()) // of each sample
	err = spread(ctx, set.Len(), o.Seed, func() func(int, *rand.Rand) {
		z := make([]float64, q.dims)
		return func(i int, r *rand.Rand) {
			for range o.Draws {
				given, prior := q.draw(i, r, z)
				all := q.log(z)
				parts[i].KL += given - prior
				parts[i].MutualInformation += given - all
				parts[i].AggregateKL += all - prior
			}
		}
	})
	if err != nil {
		return Aggregate{}, err
	}
	var a Aggregate
	total := float64(set.Len()) * float64(o.Draws)
	for _, p := range parts {
		a.KL += p.KL / total
		a.MutualInformation += p.MutualInformation / total
		a.AggregateKL += p.AggregateKL / total
	}
	return a, nil
}

// spread divides n items among the processors. Each has a function of its own, which gets the
// number of an item and its random numbers.
func spread(ctx context.Context, n int, seed uint64, worker func() func(i int, r *rand.Rand)) error {
	workers := runtime.GOMAXPROCS(0)
	var running sync.WaitGroup
	for first := range workers {
		running.Go(func() {
			do := worker()
			for i := first; i < n && ctx.Err() == nil; i += workers {
				do(i, rand.New(rand.NewPCG(seed, uint64(i))))
			}
		})
	}
	running.Wait()
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("estimate: %w", err)
	}
	return nil
}

// normals are diagonal normal distributions of equal weight.
type normals struct {
	dims                  int
	mu, logVar, precision []float64 // row by row
	constant              []float64 // of each one's log density
}

func mixture(mu, logVar []float64, n int) normals {
	q := normals{dims: len(mu) / n, mu: mu, logVar: logVar, precision: make([]float64, len(mu)), constant: make([]float64, n)}
	for i, v := range logVar {
		q.precision[i] = math.Exp(-v)
		q.constant[i/q.dims] -= (v + math.Log(2*math.Pi)) / 2
	}
	return q
}

// draw draws z from the distribution i. It returns its log density there, and that of
// N(0,1).
func (q normals) draw(i int, r *rand.Rand, z []float64) (given, prior float64) {
	given = q.constant[i]
	prior = -float64(q.dims) * math.Log(2*math.Pi) / 2
	for j := range z {
		eps := r.NormFloat64()
		z[j] = q.mu[i*q.dims+j] + eps/math.Sqrt(q.precision[i*q.dims+j])
		given -= eps * eps / 2
		prior -= z[j] * z[j] / 2
	}
	return given, prior
}

// log is the log density of the mixture.
func (q normals) log(z []float64) float64 {
	var sum logSum
	for i, constant := range q.constant {
		mu, precision := q.mu[i*q.dims:(i+1)*q.dims], q.precision[i*q.dims:(i+1)*q.dims]
		square := 0.0
		for j, v := range z {
			d := v - mu[j]
			square += d * d * precision[j]
		}
		sum.add(constant - square/2)
	}
	return sum.log() - math.Log(float64(len(q.constant)))
}
