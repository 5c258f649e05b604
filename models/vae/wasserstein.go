package vae

import (
	"cmp"

	"github.com/stheno-ml/stheno/graph"
)

// Wasserstein is the Wasserstein autoencoder of Tolstikhin et al. (2018), eq. 4, with
// the maximum mean discrepancy (WAE-MMD). The encoder has no variance: a sample has one
// code, and the codes of a batch together follow the prior N(0,1):
//
//	recon + lambda mmd
type Wasserstein struct {
	// Config has the layers. There is no KL term, so Beta is nil.
	Config
	// Discrepancy has the kernel.
	Discrepancy Discrepancy `json:"discrepancy,omitzero"`
	// Lambda is the weight of the discrepancy; nil means 10. It is the default of the
	// scalar input "lambda".
	Lambda *float64 `json:"lambda,omitzero"`
}

func (m Wasserstein) withDefaults() Wasserstein {
	m.Config = m.Config.withDefaults()
	m.Lambda = cmp.Or(m.Lambda, new(10.0))
	return m
}

// Validate returns an error that names the first field out of range.
func (m Wasserstein) Validate() error {
	return cmp.Or(m.withoutKL(), m.withDefaults().validate())
}

func (m Wasserstein) validate() error {
	return cmp.Or(m.Config.Validate(), nonNegative("Lambda", *m.Lambda), m.Discrepancy.Validate())
}

// Build adds the autoencoder to the graph. The inputs are "x", with Classes "label", and
// the scalar "lambda". The metrics are "recon" and "mmd". The outputs are "recon",
// "code" [batch, Latent], and in evaluation "score" [batch], which is -log p(x|z), and
// "prior".
func (m Wasserstein) Build(b *graph.Builder, batch int) graph.Net {
	if !valid(b, m) {
		return graph.Net{}
	}
	m = m.withDefaults()
	p := m.begin(b, batch)
	z := p.point()
	y, nll := p.explain(z)
	recon := p.loss.Mean(nll)
	mmd := m.Discrepancy.Between(p.loss, z, p.loss.Normal("prior", batch, m.Latent))
	loss := p.sum(recon, term{InputLambda, *m.Lambda, mmd})
	return p.withPrior(p.net(z, y, nil, graph.Task{Name: "wasserstein", Loss: loss, Metrics: []graph.Metric{
		{Name: "recon", Node: recon}, {Name: "mmd", Node: mmd},
	}}))
}

// String describes the net, such as "wasserstein 784-400-20 relu".
func (m Wasserstein) String() string { return "wasserstein " + m.layers() }

// Summary returns a table of the layers, or the error of Validate.
func (m Wasserstein) Summary() (string, error) {
	return graph.SummaryOf("autoencoder, "+m.String(), m.Build)
}
