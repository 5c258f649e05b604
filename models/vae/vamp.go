package vae

import (
	"cmp"
	"fmt"

	"github.com/stheno-ml/stheno/graph"
)

// Vamp is a VAE whose prior is the mean of the posteriors of learned samples, the
// pseudo-inputs u (Tomczak and Welling 2018, eq. 9):
//
//	p(z) = mean over k of q(z|u_k)
//
// Pseudo-inputs start at normal numbers of mean 0.5 and deviation 0.1, and are clipped
// to [0,1] for likelihoods of values in that range.
type Vamp struct {
	Config
	// Components is the number of pseudo-inputs; 0 means 100.
	Components int `json:"components,omitzero"`
}

func (m Vamp) withDefaults() Vamp {
	m.Config, m.Components = m.Config.withDefaults(), cmp.Or(m.Components, 100)
	return m
}

// Validate returns an error that names the first field out of range.
func (m Vamp) Validate() error {
	if m.Components < 0 {
		return fmt.Errorf("vae: Components is %d, want at least 1, or 0 for 100", m.Components)
	}
	if m.Classes > 0 || m.Condition > 0 {
		return fmt.Errorf("vae: Classes or Condition is set, but pseudo-inputs have no label: leave both at 0")
	}
	if m.BatchNorm {
		return fmt.Errorf("vae: BatchNorm is set, but pseudo-inputs are no part of the batch: leave it at false")
	}
	return m.Config.Validate()
}

// Build adds the autoencoder to the graph; see Config.Build. KL is not known in closed
// form: the loss and the metric "kl" have log q(z|x) - log p(z) of the sample, and the
// score has that of the mean of the code, with the mean over z of log q(z|x). "prior"
// draws from the mixture.
func (m Vamp) Build(b *graph.Builder, batch int) graph.Net {
	if !valid(b, m) {
		return graph.Net{}
	}
	return m.withDefaults().elbo(b, batch, m)
}

// LogDensities is Config.LogDensities for the learned prior.
func (m Vamp) LogDensities(b *graph.Builder, batch, draws int) (likelihood, prior, posterior *graph.Node) {
	if !valid(b, m) {
		return nil, nil, nil
	}
	return m.densities(b, batch, draws, m)
}

func (m Vamp) codes(b *graph.Builder, x, given *graph.Node, k int) draws {
	m = m.withDefaults()
	mu, logVar := m.Encode(b, x, given)
	z, posterior := drawNormal(b, mu, logVar, k)
	means, logVars := m.components(b)
	if b.Err() != nil {
		return draws{}
	}
	prior := b.Scope("prior")
	shape := []int{1, 1, m.Components, m.Latent}
	each := normalLogDensity(prior, prior.Reshape(z, z.Shape()[0], -1, 1, m.Latent), prior.Reshape(means, shape...), prior.Reshape(logVars, shape...))
	return draws{rows(b, z), prior.LogMeanExp(each, 2), posterior}
}

// components are the means and log variances of the prior, each [Components, Latent].
func (m Vamp) components(b *graph.Builder) (means, logVars *graph.Node) {
	shape := append([]int{m.Components}, m.sampleShape()...)
	u := b.Scope("prior").Param("pseudo", graph.Normal(0.5, 0.1), shape...)
	if len(m.Blocks) == 0 && densities[m.Likelihood].unit {
		u = b.Scope("prior").Clip(u, 0, 1)
	}
	return m.Encode(b, u, nil)
}

// drawPrior draws a component with equal probability, and a code from it.
func (m Vamp) drawPrior(b *graph.Builder, n int) *graph.Node {
	m = m.withDefaults()
	means, logVars := m.components(b)
	prior := b.Scope("prior")
	k := prior.Floor(prior.Scale(prior.Uniform("component", n), float64(m.Components)))
	k = prior.Clip(k, 0, float64(m.Components-1)) // where rounding gives the extent itself
	z, _ := drawNormal(prior, prior.Gather(means, k, 0), prior.Gather(logVars, k, 0), 1)
	return rows(b, z)
}

// String describes the net, such as "784-300-300-40 linear beta 1 gated, 500 components".
func (m Vamp) String() string {
	m = m.withDefaults()
	return fmt.Sprintf("%s, %d components", m.Config, m.Components)
}

// Summary returns a table of the layers, or the error of Validate.
func (m Vamp) Summary() (string, error) {
	return graph.SummaryOf("variational autoencoder "+m.String(), m.Build)
}
