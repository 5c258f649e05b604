package vae

import (
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
)

// draws are K codes of each of N samples, with the logarithms of their densities in
// nats, [N, K].
type draws struct {
	z                *graph.Node // [N K, Latent], those of the first sample first
	prior, posterior *graph.Node // log p(z), log q(z|x)
}

// divergence is log q(z|x) - log p(z) of each sample, [N], for one draw.
func (d draws) divergence(b *graph.Builder) *graph.Node {
	return b.Reshape(b.Sub(d.posterior, d.prior), -1)
}

// inference is how a model draws codes.
type inference interface {
	// codes draws k codes of each sample from q(z|x). For k = 0 it takes the code of the
	// posterior's mean instead, and for log q(z|x) its mean over the normal noise, so
	// nothing is random.
	codes(b *graph.Builder, x, given *graph.Node, k int) draws
	// drawPrior draws n codes from p(z), [n, Latent].
	drawPrior(b *graph.Builder, n int) *graph.Node
}

// codes draws from the normal posterior, with the normal prior.
func (c Config) codes(b *graph.Builder, x, given *graph.Node, k int) draws {
	mu, logVar := c.Encode(b, x, given)
	z, posterior := drawNormal(b, mu, logVar, k)
	return draws{rows(b, z), standardNormal(b, z), posterior}
}

// drawPrior draws from the normal prior.
func (c Config) drawPrior(b *graph.Builder, n int) *graph.Node {
	return b.Scope("prior").Normal("z", n, c.withDefaults().Latent)
}

// drawNormal draws z [N,K,D] from normal distributions with mean and log variance
// [N,D], or [N,K,D], and returns log q(z) [N,K]; see inference for k = 0.
func drawNormal(b *graph.Builder, mu, logVar *graph.Node, k int) (z, logDensity *graph.Node) {
	if b.Err() != nil {
		return nil, nil
	}
	latent := b.Scope("latent")
	shape := mu.Shape()
	n, d := shape[0], shape[len(shape)-1]
	if len(shape) == 2 {
		mu, logVar = latent.Reshape(mu, n, 1, d), latent.Reshape(logVar, n, 1, d)
	}
	square := num(1)
	if z = mu; k > 0 {
		eps := latent.Normal("eps", n, k, d)
		half := lower.Exp(num(0.5).Mul(lower.Arg(1)))
		z = latent.Layer("Sample", latent.Map(lower.Arg(0).Add(half.Mul(lower.Arg(2))), mu, logVar, eps))
		square = lower.Arg(1).Square()
		logDensity = latent.Map(normalDensity(square), logVar, eps)
	} else {
		logDensity = latent.Map(normalDensity(square), logVar)
	}
	return z, latent.Sum(logDensity, 2)
}

// normalDensity is the logarithm of a normal density at squared deviations from the
// mean, in units of the variance; argument 0 is the log variance.
func normalDensity(square lower.Expr) lower.Expr {
	return num(-0.5).Mul(lower.Arg(0).Add(square).Add(log2Pi()))
}

// normalLogDensity is the logarithm of the density of z [...,D] under normal
// distributions whose mean and log variance broadcast to it, summed over the last axis.
func normalLogDensity(b *graph.Builder, z, mu, logVar *graph.Node) *graph.Node {
	e := logNormal(b, z, mu, logVar)
	if e == nil {
		return nil
	}
	return b.Sum(e, e.Dims()-1)
}

// standardNormal is log N(z; 0, 1), summed over the last axis.
func standardNormal(b *graph.Builder, z *graph.Node) *graph.Node {
	if z == nil || b.Err() != nil {
		return nil
	}
	e := num(-0.5).Mul(lower.Arg(0).Square().Add(log2Pi()))
	return b.Sum(b.Map(e, z), z.Dims()-1)
}

// rows makes [N K, D] of [N,K,D].
func rows(b *graph.Builder, z *graph.Node) *graph.Node {
	if z == nil || b.Err() != nil {
		return nil
	}
	return b.Reshape(z, -1, z.Shape()[z.Dims()-1])
}

// LogDensities adds the inputs of Build for a batch, draws codes of each sample from
// q(z|x), and returns
//
//	likelihood  log p(x|z)
//	prior       log p(z)
//	posterior   log q(z|x)
//
// in nats, each [batch, draws]. likelihood + prior - posterior are the logarithms of
// importance weights, whose mean is p(x) (Burda et al. 2016, eq. 7). Package estimate
// has estimators of likelihoods and divergences of models with this method.
func (c Config) LogDensities(b *graph.Builder, batch, draws int) (likelihood, prior, posterior *graph.Node) {
	if !c.valid(b) {
		return nil, nil, nil
	}
	return c.densities(b, batch, draws, c)
}

// Posterior adds the inputs of Build for a batch, and returns the mean and the log
// variance of q(z|x), each [batch, Latent].
func (c Config) Posterior(b *graph.Builder, batch int) (mu, logVar *graph.Node) {
	x, given := c.Inputs(b, batch)
	return c.Encode(b, x, given)
}

// densities is LogDensities of a variant that has this decoder.
func (c Config) densities(b *graph.Builder, batch, k int, q inference) (likelihood, prior, posterior *graph.Node) {
	if k < 1 {
		b.Failf("vae: %d draws, want at least 1", k)
		return nil, nil, nil
	}
	x, given := c.Inputs(b, batch)
	d := q.codes(b, x, given, k)
	return c.likelihoods(b, x, given, d), d.prior, d.posterior
}

// likelihoods is log p(x|z) [N,K] of drawn codes.
func (c Config) likelihoods(b *graph.Builder, x, given *graph.Node, d draws) *graph.Node {
	p := c.LogLikelihood(b.Scope("loss"), c.Decode(b, d.z, given), x)
	if b.Err() != nil {
		return nil
	}
	return b.Reshape(p, x.Shape()[0], -1)
}
