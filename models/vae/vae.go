// Package vae is the variational autoencoder of Kingma and Welling (2013). The
// encoder computes a diagonal normal distribution q(z|x) over the latent. A sample of
// it is drawn within the graph. The decoder computes the logit of each value's
// Bernoulli likelihood. Training minimises the negative evidence lower bound, in nats
// per sample:
//
//	recon + beta kl
//	recon = -log p(x|z), the sum of the cross entropies of a sample's values
//	kl    = KL(q(z|x) || N(0,1)), in closed form
//
// Both terms are averaged over the batch. With Classes, all distributions are
// conditional on the class of the sample.
package vae

import (
	"fmt"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
)

// InputBeta is the name of the scalar input that holds the weight of the KL term.
const InputBeta = "beta"

// Build adds the autoencoder to the graph, for batches of the given size. The inputs
// are "x" [batch, Input], or [batch, channels, rows, columns] with Conv; with Classes
// "label" [batch]; and the scalar "beta". There is one task, with the metrics "recon"
// and "kl". The outputs are "recon", in the shape of "x", "code" [batch, Latent], the
// mean of q(z|x), and in evaluation
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
	x := b.Input(graph.InputX, append([]int{batch}, c.sampleShape()...)...)
	var label *graph.Node
	if c.Classes > 0 {
		label = b.Input(graph.InputLabel, batch)
	}
	mu, logVar := c.Encode(b, x, label)
	z := c.Sample(b, mu, logVar)
	logits := c.Decode(b, z, label)
	loss := b.Scope("loss")
	recon := loss.Mean(loss.BCEWithLogitsPerSample(logits, x))
	kls := loss.KLStandardNormal(mu, logVar)
	kl := loss.Mean(kls)
	beta := b.Scalar(InputBeta, *c.Beta)
	elbo := loss.Map(lower.Arg(0).Add(lower.Arg(1).Mul(lower.Arg(2))), recon, beta, kl)
	task := graph.Task{Name: "elbo", Loss: elbo, Metrics: []graph.Metric{{Name: "recon", Node: recon}, {Name: "kl", Node: kl}}}
	net := graph.Net{Outputs: map[string]*graph.Node{graph.OutputCode: mu}}
	if !b.Training && b.Err() == nil {
		logits = c.Decode(b, mu, label)
		net.Outputs[graph.OutputScore] = loss.Add(loss.BCEWithLogitsPerSample(logits, x), kls)
		net.Outputs[graph.OutputPrior] = b.Scope("prior").Normal("z", batch, c.Latent)
	}
	image := c.Recon(b, logits)
	if !b.Training {
		task.Metrics = append(task.Metrics, graph.Metric{Name: graph.MetricMSE, Node: b.Scope("evaluate").MSE(image, x)})
	}
	if b.Err() != nil {
		return graph.Net{}
	}
	net.Outputs[graph.OutputRecon] = image
	net.Tasks = []graph.Task{task}
	return net
}

// Encode adds the encoder. It maps x, in the shape of Build's input, to the mean mu
// and the log variance logVar of q(z|x), each [N, Latent]. With Classes, label [N]
// holds the class of each sample; otherwise it is nil.
func (c Config) Encode(b *graph.Builder, x, label *graph.Node) (mu, logVar *graph.Node) {
	if !c.valid(b) {
		return nil, nil
	}
	c = c.withDefaults()
	enc := b.Scope("encoder")
	if !checkSamples(enc, x, c.sampleShape()) {
		return nil, nil
	}
	h := x
	if c.Conv != nil {
		h = enc.Flatten(c.convolve(enc, x))
	}
	h = c.withLabel(enc, h, label)
	for i, units := range c.Hidden {
		h = c.dense(units, c.Activation).Apply(layerScope(enc, "fc", i), h)
	}
	mu = c.dense(c.Latent, "").Apply(enc.Scope("mu"), h)
	logVar = c.dense(c.Latent, "").Apply(enc.Scope("logvar"), h)
	return mu, logVar
}

// withLabel concatenates h [N, D] and the one-hot rows of the labels.
func (c Config) withLabel(b *graph.Builder, h, label *graph.Node) *graph.Node {
	switch {
	case h == nil || b.Err() != nil:
		return nil
	case c.Classes == 0 && label != nil:
		b.Failf("vae: there is a label, but Classes is 0: set it to the number of classes")
		return nil
	case c.Classes == 0:
		return h
	case label == nil || label.Dims() != 1 || label.Shape()[0] != h.Shape()[0]:
		have := "nil"
		if label != nil {
			have = graph.Shape(label.Shape()).String()
		}
		b.Failf("vae: want the label of each of %d samples, [%[1]d], have %s", h.Shape()[0], have)
		return nil
	}
	return b.Concat(1, h, b.OneHot(label, c.Classes))
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

// Decode adds the decoder. It maps z [N, Latent] to the logits of p(x|z), in the
// shape of Build's input; Recon converts them to the reconstruction. With Classes,
// label [N] holds the class of each sample; otherwise it is nil.
func (c Config) Decode(b *graph.Builder, z, label *graph.Node) *graph.Node {
	if !c.valid(b) {
		return nil
	}
	c = c.withDefaults()
	dec := b.Scope("decoder")
	if !checkSamples(dec, z, graph.Shape{c.Latent}) {
		return nil
	}
	h := c.withLabel(dec, z, label)
	for i := range c.Hidden {
		h = c.dense(c.Hidden[len(c.Hidden)-1-i], c.Activation).Apply(layerScope(dec, "fc", i), h)
	}
	if c.Conv != nil {
		return c.deconvolve(dec, h)
	}
	return c.dense(c.Input, "").Apply(dec.Scope("logits"), h)
}

// Recon converts the logits that Decode returns to the mean of p(x|z).
func (c Config) Recon(b *graph.Builder, logits *graph.Node) *graph.Node {
	if logits == nil {
		return nil
	}
	return b.Scope("recon").Sigmoid(logits)
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

// layerScope is the scope of layer i of a kind.
func layerScope(b *graph.Builder, kind string, i int) *graph.Builder {
	return b.Scope(fmt.Sprintf("%s%d", kind, i+1))
}
