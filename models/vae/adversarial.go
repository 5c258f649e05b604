package vae

import (
	"cmp"

	"github.com/stheno-ml/stheno/graph"
)

// Adversarial is the adversarial autoencoder of Makhzani et al. (2015). A critic learns
// to tell codes from draws of the prior N(0,1), and the encoder learns to deceive it:
//
//	autoencoder  recon - lambda log D(code)
//	critic       -log D(draw) - log(1 - D(code))
//
// The two tasks alternate.
type Adversarial struct {
	// Config has the layers. There is no KL term, so Beta is nil.
	Config
	// Critic lists the sizes of the critic's layers; nil means 1,000, 1,000.
	Critic []int `json:"critic,omitzero"`
	// Gaussian makes the encoder a diagonal normal distribution of which codes are
	// drawn (section 2.1); otherwise a sample has one code.
	Gaussian bool `json:"gaussian,omitzero"`
	// Lambda is the weight of the adversary; nil means 1. It is the default of the
	// scalar input "lambda".
	Lambda *float64 `json:"lambda,omitzero"`
}

func (m Adversarial) withDefaults() Adversarial {
	m.Config = m.Config.withDefaults()
	if m.Critic == nil {
		m.Critic = []int{1000, 1000}
	}
	m.Lambda = cmp.Or(m.Lambda, new(1.0))
	return m
}

// Validate returns an error that names the first field out of range.
func (m Adversarial) Validate() error {
	return cmp.Or(m.withoutKL(), m.withDefaults().validate())
}

func (m Adversarial) validate() error {
	return cmp.Or(m.Config.Validate(), nonNegative("Lambda", *m.Lambda), unitsOf("Critic", m.Critic))
}

// Build adds the autoencoder and its critic to the graph. The inputs are "x", with
// Classes "label", and the scalar "lambda". The metrics are "recon", "deceive", which is
// the mean of -log D(code), and "accuracy", the critic's share of right answers. The
// outputs are "recon", "code" [batch, Latent], and in evaluation "score" [batch], which
// is -log p(x|z), and "prior".
func (m Adversarial) Build(b *graph.Builder, batch int) graph.Net {
	if !valid(b, m) {
		return graph.Net{}
	}
	m = m.withDefaults()
	p := m.begin(b, batch)
	var code, z *graph.Node
	if m.Gaussian {
		code, _, z = p.normal()
	} else {
		code = p.point()
		z = code
	}
	y, nll := p.explain(z)
	recon := p.loss.Mean(nll)
	judge := func(z *graph.Node) *graph.Node { return m.critic(b.Scope("critic"), m.Critic, z) }
	coded, drawn := judge(z), judge(p.loss.Normal("prior", batch, m.Latent))
	deceive := p.loss.Mean(p.loss.Softplus(p.loss.Neg(coded)))
	return p.withPrior(p.net(code, y, nil,
		graph.Task{Name: "autoencoder", Loss: p.sum(recon, term{InputLambda, *m.Lambda, deceive}), Trains: []string{"encoder/*", "decoder/*"}, Metrics: []graph.Metric{
			{Name: "recon", Node: recon}, {Name: "deceive", Node: deceive},
		}},
		graph.Task{Name: "critic", Loss: distinguish(p.loss, drawn, coded), Trains: []string{"critic/*"}, Metrics: []graph.Metric{
			{Name: "accuracy", Node: rightShare(p.loss, drawn, coded)},
		}}))
}

// String describes the net, such as "adversarial 784-400-20 relu".
func (m Adversarial) String() string { return "adversarial " + m.layers() }

// Summary returns a table of the layers, or the error of Validate.
func (m Adversarial) Summary() (string, error) {
	return graph.SummaryOf("autoencoder, "+m.String(), m.Build)
}
