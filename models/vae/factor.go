package vae

import (
	"cmp"
	"slices"

	"github.com/stheno-ml/stheno/graph"
)

// Factor is the FactorVAE of Kim and Mnih (2018), eq. 2: the negative bound plus gamma
// times the total correlation of the code,
//
//	recon + beta kl + gamma tc,  tc = mean of log D(z) / (1 - D(z))
//
// The discriminator D learns to tell codes of q(z) from codes in which each dimension
// is that of another sample of the batch, which are draws of the product of q(z_k). The
// two tasks, "elbo" and "discriminator", alternate.
type Factor struct {
	Config
	// Discriminator lists the sizes of the discriminator's layers; nil means six of
	// 1,000.
	Discriminator []int `json:"discriminator,omitzero"`
	// Gamma is the weight of the total correlation; nil means 10. It is the default of
	// the scalar input "gamma".
	Gamma *float64 `json:"gamma,omitzero"`
}

func (m Factor) withDefaults() Factor {
	m.Config = m.Config.withDefaults()
	if m.Discriminator == nil {
		m.Discriminator = slices.Repeat([]int{1000}, 6)
	}
	m.Gamma = cmp.Or(m.Gamma, new(10.0))
	return m
}

// Validate returns an error that names the first field out of range.
func (m Factor) Validate() error {
	m = m.withDefaults()
	return cmp.Or(m.Config.Validate(), nonNegative("Gamma", *m.Gamma), unitsOf("Discriminator", m.Discriminator))
}

// Build adds the autoencoder and its discriminator to the graph. Inputs and outputs are
// those of Config, and the scalar "gamma". The metrics are "recon", "kl", "tc" and
// "accuracy", the discriminator's share of right answers.
func (m Factor) Build(b *graph.Builder, batch int) graph.Net {
	if !valid(b, m) {
		return graph.Net{}
	}
	m = m.withDefaults()
	p := m.begin(b, batch)
	mu, logVar, z := p.normal()
	y, nll := p.explain(z)
	each := m.KL(p.loss, mu, logVar)
	recon, kls := p.loss.Mean(nll), perSample(p.loss, each)
	judge := func(z *graph.Node) *graph.Node { return m.critic(b.Scope("discriminator"), m.Discriminator, z) }
	joint, product := judge(z), judge(permuted(b.Scope("permuted"), z))
	tc := p.loss.Mean(joint)
	loss := p.sum(p.loss.Add(recon, m.Config.Penalty(b, each)), term{InputGamma, *m.Gamma, tc})
	return p.withPrior(p.net(mu, y, kls,
		graph.Task{Name: "elbo", Loss: loss, Trains: []string{"encoder/*", "decoder/*"}, Metrics: []graph.Metric{
			{Name: "recon", Node: recon}, {Name: "kl", Node: p.loss.Mean(kls)}, {Name: "tc", Node: tc},
		}},
		graph.Task{Name: "discriminator", Loss: distinguish(p.loss, joint, product), Trains: []string{"discriminator/*"}, Metrics: []graph.Metric{
			{Name: "accuracy", Node: rightShare(p.loss, joint, product)},
		}}))
}

// permuted shuffles each column of z [N, D] by itself (Kim and Mnih 2018, algorithm 1).
func permuted(b *graph.Builder, z *graph.Node) *graph.Node {
	if z == nil || b.Err() != nil {
		return nil
	}
	_, order := b.Sort(b.Uniform("order", z.Shape()...), 0)
	return b.TakeAlong(z, order, 0)
}

// distinguish is the cross entropy in nats of a discriminator's logits on samples of
// two kinds, the mean of -log s(first) - log(1 - s(second)) with the sigmoid s.
func distinguish(b *graph.Builder, first, second *graph.Node) *graph.Node {
	return b.Add(b.Mean(b.Softplus(b.Neg(first))), b.Mean(b.Softplus(second)))
}

// rightShare is the share of logits above 0 in the first and below 0 in the second.
func rightShare(b *graph.Builder, first, second *graph.Node) *graph.Node {
	zero := b.Number(0)
	return b.Scale(b.Add(b.Mean(b.Greater(first, zero)), b.Mean(b.Less(second, zero))), 0.5)
}

// String describes the net, such as "factor 784-400-20 relu beta 1".
func (m Factor) String() string { return "factor " + m.Config.String() }

// Summary returns a table of the layers, or the error of Validate.
func (m Factor) Summary() (string, error) {
	return graph.SummaryOf("variational autoencoder, "+m.String(), m.Build)
}
