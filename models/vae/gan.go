package vae

import (
	"cmp"

	"github.com/stheno-ml/stheno/graph"
)

// GAN is the VAE-GAN of Larsen et al. (2016), algorithm 1. A discriminator learns to
// tell samples from reconstructions and from decoded draws of the prior. Its last
// hidden layer h takes the place of the pixels in the reconstruction error:
//
//	encoder        beta kl + recon
//	decoder        gamma recon - log D(reconstruction) - log D(decoded draw)
//	discriminator  -log D(x) - log(1 - D(reconstruction)) - log(1 - D(decoded draw))
//	recon          |h(x) - h(reconstruction)|^2 / 2, summed over the layer's units
//
// The three tasks alternate.
type GAN struct {
	Config
	// Discriminator lists the sizes of the discriminator's dense layers, at least one;
	// nil means 400. With Conv, convolutions like the encoder's are before them.
	Discriminator []int `json:"discriminator,omitzero"`
	// Gamma is the weight of the reconstruction against the adversary in the decoder's
	// loss; nil means 1. It is the default of the scalar input "gamma".
	Gamma *float64 `json:"gamma,omitzero"`
}

func (m GAN) withDefaults() GAN {
	m.Config = m.Config.withDefaults()
	if m.Discriminator == nil {
		m.Discriminator = []int{400}
	}
	m.Gamma = cmp.Or(m.Gamma, new(1.0))
	return m
}

// Validate returns an error that names the first field out of range.
func (m GAN) Validate() error {
	m = m.withDefaults()
	if err := cmp.Or(m.Config.Validate(), nonNegative("Gamma", *m.Gamma), unitsOf("Discriminator", m.Discriminator)); err != nil {
		return err
	}
	if len(m.Discriminator) == 0 {
		return errNoDiscriminator
	}
	return nil
}

// Build adds the autoencoder and its discriminator to the graph. Inputs and outputs are
// those of Config, and the scalar "gamma"; the score is -log p(x|z) + KL of the pixels.
// The metrics are "recon", "kl" and "pixels", the mean of -log p(x|z), of the encoder,
// "deceive" of the decoder and "accuracy", the discriminator's share of right answers.
func (m GAN) Build(b *graph.Builder, batch int) graph.Net {
	if !valid(b, m) {
		return graph.Net{}
	}
	m = m.withDefaults()
	p := m.begin(b, batch)
	mu, logVar, z := p.normal()
	y, pixels := p.explain(z)
	drawn := p.decode(p.loss.Normal("prior", batch, m.Latent))
	each := m.KL(p.loss, mu, logVar)
	kls := perSample(p.loss, each)

	like, real := m.judge(b, p.x)
	likeRecon, fake := m.judge(b, m.Recon(b, y))
	_, fakeDrawn := m.judge(b, m.Recon(b, drawn))
	recon := p.loss.Scale(p.loss.Mean(p.loss.SquaredErrorPerSample(likeRecon, like)), 0.5)
	sure := func(logit *graph.Node) *graph.Node { return p.loss.Mean(p.loss.Softplus(p.loss.Neg(logit))) }
	deceive := p.loss.Add(sure(fake), sure(fakeDrawn))
	detect := p.loss.AddN(sure(real), sure(p.loss.Neg(fake)), sure(p.loss.Neg(fakeDrawn)))
	return p.withPrior(p.net(mu, y, kls,
		graph.Task{Name: "encoder", Loss: p.loss.Add(recon, m.Config.Penalty(b, each)), Trains: []string{"encoder/*"}, Metrics: []graph.Metric{
			{Name: "recon", Node: recon}, {Name: "kl", Node: p.loss.Mean(kls)}, {Name: "pixels", Node: p.loss.Mean(pixels)},
		}},
		graph.Task{Name: "decoder", Loss: p.sum(deceive, term{InputGamma, *m.Gamma, recon}), Trains: []string{"decoder/*"}, Metrics: []graph.Metric{
			{Name: "deceive", Node: deceive},
		}},
		graph.Task{Name: "discriminator", Loss: detect, Trains: []string{"discriminator/*"}, Metrics: []graph.Metric{
			{Name: "accuracy", Node: rightShare(p.loss, real, fakeDrawn)},
		}}))
}

// judge is the discriminator: the units of its last hidden layer [N, H] and its logits
// [N, 1] for samples x.
func (m GAN) judge(b *graph.Builder, x *graph.Node) (h, logit *graph.Node) {
	if x == nil || b.Err() != nil {
		return nil, nil
	}
	b = b.Scope("discriminator")
	if m.Conv != nil {
		x = b.Flatten(m.convolve(b, x))
	}
	h = m.criticHidden(b, m.Discriminator, x)
	return h, m.dense(1, "").Apply(b.Scope("logit"), h)
}

// String describes the net, such as "gan 784-400-20 relu beta 1".
func (m GAN) String() string { return "gan " + m.Config.String() }

// Summary returns a table of the layers, or the error of Validate.
func (m GAN) Summary() (string, error) {
	return graph.SummaryOf("variational autoencoder, "+m.String(), m.Build)
}
