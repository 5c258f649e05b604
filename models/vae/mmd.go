package vae

import (
	"cmp"

	"github.com/stheno-ml/stheno/graph"
)

// InputLambda is the name of the scalar input that holds the weight of a divergence or
// of a penalty.
const InputLambda = "lambda"

// MMD is the InfoVAE of Zhao et al. (2017) with the maximum mean discrepancy of codes
// and prior as the divergence of q(z) from p(z) (eq. 6):
//
//	recon + beta kl + lambda mmd
//
// In the paper's terms beta is 1-alpha, and lambda here is its alpha+lambda-1. With
// beta 0 only the codes of all samples together follow the prior.
type MMD struct {
	Config
	// Discrepancy has the kernel.
	Discrepancy Discrepancy `json:"discrepancy,omitzero"`
	// Lambda is the weight of the discrepancy; nil means 1,000. It is the default of
	// the scalar input "lambda".
	Lambda *float64 `json:"lambda,omitzero"`
}

func (m MMD) withDefaults() MMD {
	m.Config = m.Config.withDefaults()
	m.Lambda = cmp.Or(m.Lambda, new(1000.0))
	return m
}

// Validate returns an error that names the first field out of range.
func (m MMD) Validate() error {
	m = m.withDefaults()
	return cmp.Or(m.Config.Validate(), nonNegative("Lambda", *m.Lambda), m.Discrepancy.Validate())
}

// Build adds the autoencoder to the graph. Inputs and outputs are those of Config, and
// the scalar "lambda". The metrics are "recon", "kl" and "mmd".
func (m MMD) Build(b *graph.Builder, batch int) graph.Net {
	if !valid(b, m) {
		return graph.Net{}
	}
	m = m.withDefaults()
	p := m.begin(b, batch)
	mu, logVar, z := p.normal()
	y, nll := p.explain(z)
	each := m.KL(p.loss, mu, logVar)
	recon, kls := p.loss.Mean(nll), perSample(p.loss, each)
	mmd := m.Discrepancy.Between(p.loss, z, p.loss.Normal("prior", batch, m.Latent))
	loss := p.sum(p.loss.Add(recon, m.Config.Penalty(b, each)), term{InputLambda, *m.Lambda, mmd})
	return p.withPrior(p.net(mu, y, kls, graph.Task{Name: "elbo", Loss: loss, Metrics: []graph.Metric{
		{Name: "recon", Node: recon}, {Name: "kl", Node: p.loss.Mean(kls)}, {Name: "mmd", Node: mmd},
	}}))
}

// String describes the net, such as "mmd 784-400-20 relu beta 1".
func (m MMD) String() string { return "mmd " + m.Config.String() }

// Summary returns a table of the layers, or the error of Validate.
func (m MMD) Summary() (string, error) {
	return graph.SummaryOf("variational autoencoder, "+m.String(), m.Build)
}
