// Package estimate has estimators over variational autoencoders and a set of samples:
// log p(x) by importance sampling, the evidence lower bound and its parts, active
// units, and how far the aggregate posterior is from the prior. Codes are always drawn
// from the posterior, never its means. All are in nats, and means over samples.
//
//	l, err := estimate.LogLikelihood(ctx, vae.Config{}, test, estimate.Options{Backend: cpu.Config{}, Params: p, Draws: 200})
//	fmt.Println("negative log likelihood", -l.Mean)
package estimate

import "github.com/stheno-ml/stheno/graph"

// Model is a model with codes z of a sample x, whose posterior q(z|x) can be drawn
// from. The variational autoencoders of package vae are such models.
type Model interface {
	// LogDensities adds the inputs of a batch to the graph, under the names of the
	// fields that feed them, and draws codes of each sample from q(z|x). It returns
	//
	//	likelihood  log p(x|z), the sum over the sample's values
	//	prior       log p(z)
	//	posterior   log q(z|x)
	//
	// in nats, each [batch, draws]. Densities are normalised, so that the mean of
	// e^(likelihood + prior - posterior) over draws is an unbiased estimate of p(x).
	// The draws are random numbers of the graph, such as Builder.Normal of the shape
	// [batch, draws, dimensions], and differ from run to run. What does not depend on
	// the draw, such as the encoder, is computed once for all draws. A mistake is the
	// builder's error; the results can then be nil.
	LogDensities(b *graph.Builder, batch, draws int) (likelihood, prior, posterior *graph.Node)
}

// Normal is a model whose posterior is a diagonal normal distribution.
type Normal interface {
	// Posterior adds the inputs of a batch to the graph, under the names of the fields
	// that feed them. It returns the mean and the log variance of q(z|x), each
	// [batch, dimensions].
	Posterior(b *graph.Builder, batch int) (mu, logVar *graph.Node)
}
