package vae

import (
	"fmt"
	"maps"
	"slices"

	"github.com/stheno-ml/stheno/graph"
)

// Likelihood names p(x|z), the distribution of each value x of a sample given the
// code. The values are independent given the code. y, or y1, y2, ..., are the
// parameters that the decoder computes for the value; S is Config.Scale and L is
// Config.Levels. Values of L levels are k/(L-1) for k from 0 to L-1.
type Likelihood string

const (
	// Bernoulli has the probability sigmoid(y) of 1, for x in [0,1]. Between 0 and 1,
	// such as for grey values, its logarithm is the negative cross entropy,
	// x y - softplus(y), which is not a normalised density.
	Bernoulli Likelihood = "bernoulli"
	// Gaussian is the normal density of mean y and standard deviation S.
	Gaussian Likelihood = "gaussian"
	// GaussianUnit is the normal density of mean sigmoid(y) and standard deviation S, for x
	// in [0,1].
	GaussianUnit Likelihood = "gaussian-unit"
	// GaussianShared has the mean y. All values share one variance, which is learned.
	GaussianShared Likelihood = "gaussian-shared"
	// GaussianLearned has the mean y1 and the log variance y2, clamped to
	// Config.LogVar.
	GaussianLearned Likelihood = "gaussian-learned"
	// Laplace is the density e^(-|x-y|/S) / 2S.
	Laplace Likelihood = "laplace"
	// StudentT has the location y1, the scale softplus(y2) + .001 and softplus(y3) + 3
	// degrees of freedom (Mattei and Frellsen 2019, section 4.2, as in their code).
	StudentT Likelihood = "student-t"
	// Logistic is the logistic distribution of location y1 and log scale y2, at least
	// -7, of 2x-1, rounded to L levels. The first and the last level take the tails
	// (Salimans et al. 2017, eq. 2).
	Logistic Likelihood = "logistic"
	// BetaBinomial is the beta-binomial distribution of k out of L-1, with
	// alpha = e^y1 and beta = e^y2, both clamped to [e^-10, e^10] (Townsend et al.
	// 2019, section 3.2).
	BetaBinomial Likelihood = "beta-binomial"
	// Categorical has the probability softmax(y1, ..., yL) of each of L levels.
	Categorical Likelihood = "categorical"
	// Multinomial is one distribution over all values of a sample, or of a Block:
	// log p = sum x log softmax(y). A row that is one-hot is one category; for counts
	// the multinomial coefficient, which does not depend on y, is left out.
	Multinomial Likelihood = "multinomial"
)

// LogLikelihood is log p(x|z) of each sample in nats, the sum over its values: [N]
// for the parameters y that Decode returns for N codes, and x in the shape of Build's
// input. Densities count as likelihoods, so the result can be above 0. y may have K
// codes for each sample, those of the first sample first: for y [N K, ...] the result
// is [N K].
func (c Config) LogLikelihood(b *graph.Builder, y, x *graph.Node) *graph.Node {
	each := c.LogLikelihoods(b, y, x)
	if each == nil {
		return nil
	}
	var axes []int
	for i := 1; i < each.Dims(); i++ {
		axes = append(axes, i)
	}
	return b.Sum(each, axes...)
}

// LogLikelihoods is the term of each value in LogLikelihood's sum, in the shape of x,
// or [N K, ...] for K codes of each sample. Leave out missing values by a mask.
func (c Config) LogLikelihoods(b *graph.Builder, y, x *graph.Node) *graph.Node {
	if !c.valid(b) {
		return nil
	}
	c = c.withDefaults()
	if !checkSamples(b, x, c.sampleShape()) || !checkSamples(b, y, c.decoded()) {
		return nil
	}
	if n, rows := x.Shape()[0], y.Shape()[0]; rows%n != 0 {
		b.Failf("vae: the parameters of %d codes and %d samples: want the same number of codes for each sample", rows, n)
		return nil
	}
	var each []*graph.Node
	for _, p := range c.parts() {
		each = append(each, p.logLikelihoods(b, p.parameters(b, y), p.values(b, x)))
	}
	return join(b, each)
}

// Recon is the mean of p(x|z) in the data's own range, in the shape of Build's input,
// for the parameters y that Decode returns. Of the logistic it is the location clipped
// to [0,1], and of the multinomial the probabilities.
func (c Config) Recon(b *graph.Builder, y *graph.Node) *graph.Node {
	if y == nil || !c.valid(b) {
		return nil
	}
	c = c.withDefaults()
	b = b.Scope("recon")
	if !checkSamples(b, y, c.decoded()) {
		return nil
	}
	var means []*graph.Node
	for _, p := range c.parts() {
		means = append(means, p.density().mean(p.Config, b, p.parameters(b, y), 1))
	}
	return join(b, means)
}

// logLikelihoods is LogLikelihoods of one likelihood for all values.
func (p part) logLikelihoods(b *graph.Builder, y, x *graph.Node) *graph.Node {
	d := p.density()
	if d.unit && b.Err() == nil {
		b.Domain(x, graph.Domain{Hi: 1, Loss: fmt.Sprintf("%s likelihood", p.Likelihood), Remedy: `scale it, such as pixels by 1/255, or take the likelihood "gaussian"`})
	}
	if b.Err() != nil || x.Shape()[0] == y.Shape()[0] {
		return d.logProb(p.Config, b, x, y, 1)
	}
	n, rows := x.Shape()[0], y.Shape()[0]
	x = b.Reshape(x, slices.Concat([]int{n, 1}, x.Shape()[1:])...)
	y = b.Reshape(y, slices.Concat([]int{n, rows / n}, y.Shape()[1:])...)
	each := d.logProb(p.Config, b, x, y, 2)
	return b.Reshape(each, slices.Concat([]int{rows}, x.Shape()[2:])...)
}

// check returns an error unless the likelihood is known.
func (l Likelihood) check() error {
	if _, ok := densities[l]; ok {
		return nil
	}
	names := slices.Sorted(maps.Keys(densities))
	return fmt.Errorf("%q is unknown: want one of %q", string(l), names)
}
