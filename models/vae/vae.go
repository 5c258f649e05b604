// Package vae is the variational autoencoder of Kingma and Welling (2013). The
// encoder computes a diagonal normal distribution q(z|x) over the latent. A sample of
// it is drawn within the graph. The decoder computes the parameters of each value's
// likelihood. Training minimises the negative evidence lower bound, in nats per sample:
//
//	recon + beta kl
//	recon = -log p(x|z), the sum over a sample's values, see Likelihood
//	kl    = KL(q(z|x) || N(0,1)), in closed form
//
// Both terms are averaged over the batch. With Classes or Condition, all distributions
// are conditional on the class of the sample or on further values.
package vae

import (
	"fmt"
	"slices"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
)

// Build adds the autoencoder to the graph, for batches of the given size. The inputs
// are those of Inputs, and the scalars "beta" and, with Capacity, "capacity". There is
// one task, with the metrics "recon" and "kl". The outputs are "recon", in the shape of
// "x", "code" [batch, Latent], the mean of q(z|x), and in evaluation
//
//	"score" [batch]          -log p(x|z) + KL, in nats, where z is the mean of q(z|x)
//	"prior" [batch, Latent]  codes drawn from N(0,1)
//
// The loss uses one sample of z, in training and in evaluation, and is an unbiased
// estimate of the bound. In training, the reconstruction is that of the sample. In
// evaluation, reconstruction and score use the mean, so they do not depend on random
// numbers. If a setting is invalid, the net is empty and the builder has the error.
func (c Config) Build(b *graph.Builder, batch int) graph.Net {
	if !c.valid(b) {
		return graph.Net{}
	}
	c = c.withDefaults()
	x, given := c.Inputs(b, batch)
	mu, logVar := c.Encode(b, x, given)
	z := c.Sample(b, mu, logVar)
	kl := c.KL(b.Scope("loss"), mu, logVar)
	t := terms{x: x, given: given, code: mu, y: c.Decode(b, z, given), kl: kl}
	if !b.Training {
		t.prior = c.drawPrior(b, batch)
	}
	return c.net(b, t)
}

// Encode adds the encoder. It maps x, in the shape of Build's input, to the mean mu
// and the log variance logVar of q(z|x), each [N, Latent]; logVar is clamped to
// Config.LogVar. given is what Inputs returns.
func (c Config) Encode(b *graph.Builder, x, given *graph.Node) (mu, logVar *graph.Node) {
	return c.posterior(b, c.features(b, x, given))
}

// features is the encoder's last hidden layer, [N, ...].
func (c Config) features(b *graph.Builder, x, given *graph.Node) *graph.Node {
	if !c.valid(b) {
		return nil
	}
	c = c.withDefaults()
	enc := b.Scope("encoder")
	if !checkSamples(enc, x, c.sampleShape()) {
		return nil
	}
	h := x
	if c.Conv != nil {
		h = enc.Flatten(c.convolve(enc, x))
	}
	h = c.with(enc, h, given)
	for i, units := range c.Hidden {
		h = c.layer(layerScope(enc, "fc", i), units, h)
	}
	return h
}

// posterior computes mu and logVar from the encoder's last hidden layer.
func (c Config) posterior(b *graph.Builder, h *graph.Node) (mu, logVar *graph.Node) {
	if h == nil {
		return nil, nil
	}
	c = c.withDefaults()
	enc := b.Scope("encoder")
	mu = c.dense(c.Latent, "").Apply(enc.Scope("mu"), h)
	logVar = c.dense(c.Latent, "").Apply(enc.Scope("logvar"), h)
	return mu, enc.Clip(logVar, c.LogVar[0], c.LogVar[1])
}

// Sample draws z [N, Latent] from the normal distribution with mean mu and log
// variance logVar, as mu + e^(logVar/2) eps. eps is drawn from N(0,1) by the
// builder's seed and clock, so gradients reach mu and logVar (Kingma and Welling
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

// Decode adds the decoder. It maps z [N, Latent] to the parameters of p(x|z), as
// Likelihood describes them: in the shape of Build's input if each value has one, such
// as the logits of the Bernoulli; [N, parameters, ...] if it has more; and with Blocks
// [N, ...], each block's [parameters, Size] one after the other. Recon converts them
// to the reconstruction, LogLikelihood to log p(x|z). given is what Inputs returns. It
// has N rows, or fewer, if the same number of codes belongs to each of its rows.
func (c Config) Decode(b *graph.Builder, z, given *graph.Node) *graph.Node {
	if !c.valid(b) {
		return nil
	}
	c = c.withDefaults()
	dec := b.Scope("decoder")
	if !checkSamples(dec, z, graph.Shape{c.Latent}) {
		return nil
	}
	h := c.with(dec, z, given)
	for i, units := range c.Decoder {
		h = c.layer(layerScope(dec, "fc", i), units, h)
	}
	if c.Conv != nil {
		h = c.deconvolve(dec, h)
	} else {
		h = c.dense(c.computed().Size(), "").Apply(dec.Scope("logits"), h)
	}
	if b.Err() != nil || c.Likelihood != GaussianShared {
		return dec.Reshape(h, append([]int{-1}, c.decoded()...)...)
	}
	one := append([]int{z.Shape()[0], 1}, c.sampleShape()...)
	logVar := dec.Reshape(dec.Param("logvar", nil, 1), slices.Repeat([]int{1}, len(one))...)
	return dec.Concat(1, dec.Reshape(h, one...), dec.BroadcastTo(logVar, one...))
}

// Summary returns a table of the layers, with their output shapes and numbers of
// weights, or the error of Validate.
func (c Config) Summary() (string, error) {
	return graph.SummaryOf("variational autoencoder "+c.String(), c.Build)
}

// valid reports whether the settings are valid. If not, the builder gets the error.
func (c Config) valid(b *graph.Builder) bool {
	if err := c.Validate(); err != nil {
		b.Failf("%w", err)
	}
	return b.Err() == nil
}

// checkSamples reports whether x is [N, sample...]. If not, the builder gets an
// error.
func checkSamples(b *graph.Builder, x *graph.Node, sample graph.Shape) bool {
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

// layer is a hidden dense layer.
func (c Config) layer(b *graph.Builder, units int, x *graph.Node) *graph.Node {
	h := c.activated(b, func(act graph.Activation) *graph.Node {
		d := c.dense(units, act)
		d.NoBias = c.BatchNorm
		return d.Apply(b, x)
	})
	if c.Gated {
		h = b.Mul(h, c.dense(units, "sigmoid").Apply(b.Scope("gate"), x))
	}
	return h
}

// activated is a layer with its activation. With BatchNorm, which has a shift of its
// own, the layer has no bias, and is normalised before its activation.
func (c Config) activated(b *graph.Builder, layer func(graph.Activation) *graph.Node) *graph.Node {
	if !c.BatchNorm {
		return layer(c.Activation)
	}
	return b.Activate(c.Activation, graph.BatchNorm{}.Apply(b.Scope("norm"), layer("")))
}

// layerScope is the scope of layer i of a kind.
func layerScope(b *graph.Builder, kind string, i int) *graph.Builder {
	return b.Scope(fmt.Sprintf("%s%d", kind, i+1))
}
