// Package vae is the variational autoencoder of Kingma and Welling (2013):
// the encoder gives a diagonal normal over the latent, q(z|x), a sample of it
// is drawn inside the graph, and the decoder gives the logit of each value's
// Bernoulli likelihood. Training minimises the negative evidence lower bound
// in nats per sample,
//
//	recon + beta kl
//	recon = -log p(x|z), the sum of the cross entropies of a sample's values
//	kl    = KL(q(z|x) || N(0,1)), in closed form
//
// each averaged over the batch.
package vae

import (
	"fmt"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
)

// Build adds the autoencoder for batches of that size to the graph: the input
// "x" [batch, Input], or [batch, channels, rows, columns] with Conv; the
// reconstruction of the same shape; the mean of q(z|x) [batch, Latent] as the
// code; and one task with the metrics "recon" and "kl".
//
// The loss takes one sample of z, in training and in evaluation: it estimates
// the bound without bias. The reconstruction is that of the sample in
// training, and that of the mean in evaluation, where it does not change from
// draw to draw. Where a setting is wrong the net is empty and the builder has
// the error.
func (c Config) Build(b *graph.Builder, batch int) graph.Net {
	if !c.valid(b) {
		return graph.Net{}
	}
	c = c.withDefaults()
	x := b.Input("x", append([]int{batch}, c.sampleShape()...)...)
	mu, logVar := c.Encode(b, x)
	z := c.Sample(b, mu, logVar)
	logits := c.Decode(b, z)
	loss := b.Scope("loss")
	recon := loss.Mean(loss.BCEWithLogitsPerSample(logits, x))
	kl := loss.Mean(loss.KLStandardNormal(mu, logVar))
	elbo := loss.Map(lower.Arg(0).Add(lower.Num(c.Beta).Mul(lower.Arg(1))), recon, kl)
	if !b.Training {
		logits = c.Decode(b, mu)
	}
	picture := c.Recon(b, logits)
	if b.Err() != nil {
		return graph.Net{}
	}
	return graph.Net{Input: x, Recon: picture, Code: mu, Tasks: []graph.Task{{
		Name:    "elbo",
		Loss:    elbo,
		Metrics: []graph.Metric{{Name: "recon", Node: recon}, {Name: "kl", Node: kl}},
	}}}
}

// Encode adds the encoder: x, in the shape of Build's input, to the mean mu
// and the logarithm of the variance logVar of q(z|x), each [N, Latent].
func (c Config) Encode(b *graph.Builder, x *graph.Node) (mu, logVar *graph.Node) {
	if !c.valid(b) {
		return nil, nil
	}
	c = c.withDefaults()
	enc := b.Scope("encoder")
	if !takes(enc, x, c.sampleShape()) {
		return nil, nil
	}
	h := x
	if c.Conv != nil {
		h = enc.Flatten(c.narrow(enc, x))
	}
	for i, units := range c.Hidden {
		h = c.dense(units, c.Activation).Apply(layer(enc, "fc", i), h)
	}
	mu = c.dense(c.Latent, "").Apply(enc.Scope("mu"), h)
	logVar = c.dense(c.Latent, "").Apply(enc.Scope("logvar"), h)
	return mu, logVar
}

// Sample draws z [N, Latent] of the normal with that mean and logarithm of the
// variance, as mu + e^(logVar/2) eps with eps of N(0,1) from the builder's
// seed and clock, so that gradients reach mu and logVar (Kingma and Welling
// 2013, section 2.4).
func (c Config) Sample(b *graph.Builder, mu, logVar *graph.Node) *graph.Node {
	if b.Err() != nil {
		return nil
	}
	latent := b.Scope("latent")
	if mu == nil || logVar == nil {
		latent.Failf("vae: mu or logVar is nil")
		return nil
	}
	eps := latent.Normal("eps", mu.Shape()...)
	half := lower.Exp(lower.Num(0.5).Mul(lower.Arg(1)))
	return latent.Layer("Sample", latent.Map(lower.Arg(0).Add(half.Mul(lower.Arg(2))), mu, logVar, eps))
}

// Decode adds the decoder: z [N, Latent] to the logits of p(x|z), in the shape
// of Build's input. Recon makes the reconstruction of them.
func (c Config) Decode(b *graph.Builder, z *graph.Node) *graph.Node {
	if !c.valid(b) {
		return nil
	}
	c = c.withDefaults()
	dec := b.Scope("decoder")
	if !takes(dec, z, graph.Shape{c.Latent}) {
		return nil
	}
	h := z
	for i := range c.Hidden {
		h = c.dense(c.Hidden[len(c.Hidden)-1-i], c.Activation).Apply(layer(dec, "fc", i), h)
	}
	if c.Conv != nil {
		return c.widen(dec, h)
	}
	return c.dense(c.Input, "").Apply(dec.Scope("logits"), h)
}

// Recon is the mean of p(x|z), from the logits that Decode returns.
func (c Config) Recon(b *graph.Builder, logits *graph.Node) *graph.Node {
	if logits == nil {
		return nil
	}
	return b.Scope("recon").Sigmoid(logits)
}

// Summary returns a table of the layers with the shapes of their results and
// the numbers of their weights, or the error of Validate.
func (c Config) Summary() (string, error) {
	return graph.SummaryOf("variational autoencoder "+c.String(), c.Build)
}

// valid hands the error of Validate to the builder.
func (c Config) valid(b *graph.Builder) bool {
	if err := c.Validate(); err != nil {
		b.Failf("%w", err)
	}
	return b.Err() == nil
}

// takes is false, with an error, unless x is [N, sample...].
func takes(b *graph.Builder, x *graph.Node, sample graph.Shape) bool {
	if b.Err() != nil {
		return false
	}
	if x == nil {
		b.Failf("vae: want samples of shape %v, have nil", sample)
	} else if s := graph.Shape(x.Shape()); len(s) == 0 || !s[1:].Equal(sample) {
		b.Failf("vae: want a batch of samples of shape %v, have %v", sample, s)
	}
	return b.Err() == nil
}

func (c Config) dense(units int, act graph.Activation) graph.Dense {
	return graph.Dense{Units: units, Activation: act, Init: c.Init}
}

// layer is the scope of the i-th layer of a kind.
func layer(b *graph.Builder, kind string, i int) *graph.Builder {
	return b.Scope(fmt.Sprintf("%s%d", kind, i+1))
}
