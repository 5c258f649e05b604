package vae

import (
	"errors"
	"fmt"
	"strings"

	"github.com/stheno-ml/stheno/graph"
)

// pass is a batch on its way through an autoencoder: what the variants of this
// package have in common.
type pass struct {
	Config
	b, loss  *graph.Builder
	batch    int
	x, given *graph.Node // the results of Inputs
	decode   func(z *graph.Node) *graph.Node
}

// begin adds the inputs. The settings are valid and have their defaults.
func (c Config) begin(b *graph.Builder, batch int) pass {
	p := pass{Config: c, b: b, loss: b.Scope("loss"), batch: batch}
	p.x, p.given = c.Inputs(b, batch)
	p.decode = func(z *graph.Node) *graph.Node { return c.Decode(b, z, p.given) }
	return p
}

// point adds an encoder without variance, from x to a code [N, Latent].
func (p pass) point() *graph.Node {
	if p.b.Err() != nil {
		return nil
	}
	enc := p.b.Scope("encoder")
	return p.dense(p.Latent, "").Apply(enc.Scope("code"), p.hidden(enc))
}

// hidden adds the encoder up to its last hidden layer.
func (p pass) hidden(enc *graph.Builder) *graph.Node {
	h := p.x
	if p.Conv != nil {
		h = enc.Flatten(p.convolve(enc, h))
	}
	h = p.with(enc, h, p.given)
	for i, units := range p.Hidden {
		h = p.layer(layerScope(enc, "fc", i), units, h)
	}
	return h
}

// normal adds the encoder of q(z|x) and draws a code z from it.
func (p pass) normal() (mu, logVar, z *graph.Node) {
	mu, logVar = p.Encode(p.b, p.x, p.given)
	return mu, logVar, p.Sample(p.b, mu, logVar)
}

// explain decodes z, and returns the negative log likelihood of each sample, [N].
func (p pass) explain(z *graph.Node) (y, nll *graph.Node) {
	y = p.decode(z)
	return y, p.loss.Neg(p.LogLikelihood(p.loss, y, p.x))
}

// net returns the net of the code and of y, what the code was decoded to in training.
// In evaluation it decodes the code anew. The score is its negative log likelihood, plus
// divergence [N], which can be nil.
func (p pass) net(code, y, divergence *graph.Node, tasks ...graph.Task) graph.Net {
	b := p.b
	if b.Err() != nil {
		return graph.Net{}
	}
	net := graph.Net{Outputs: map[string]*graph.Node{graph.OutputCode: code}, Tasks: tasks, Alternate: len(tasks) > 1}
	if !b.Training {
		var score *graph.Node
		if y, score = p.explain(code); divergence != nil {
			score = p.loss.Add(score, divergence)
		}
		net.Outputs[graph.OutputScore] = score
	}
	image := p.Recon(b, y)
	net.Outputs[graph.OutputRecon] = image
	if !b.Training {
		mse := b.Scope("evaluate").MSE(image, p.x)
		tasks[0].Metrics = append(tasks[0].Metrics, graph.Metric{Name: graph.MetricMSE, Node: mse})
	}
	if b.Err() != nil {
		return graph.Net{}
	}
	return net
}

// withPrior adds the output "prior" of codes drawn from N(0,1), in evaluation.
func (p pass) withPrior(net graph.Net) graph.Net {
	if p.b.Training || p.b.Err() != nil {
		return net
	}
	net.Outputs[graph.OutputPrior] = p.b.Scope("prior").Normal("z", p.batch, p.Latent)
	return net
}

// term is a part of a loss: a scalar with its weight, which is a scalar input.
type term struct {
	input  string
	weight float64 // the input's default
	value  *graph.Node
}

// sum is x plus the terms times their weights.
func (p pass) sum(x *graph.Node, terms ...term) *graph.Node {
	for _, t := range terms {
		x = p.loss.Add(x, p.loss.Mul(p.b.Scalar(t.input, t.weight), t.value))
	}
	return x
}

// critic adds a dense net with leaky units of slope 0.2 to a scope, from z [N, D] to
// logits [N, 1].
func (c Config) critic(b *graph.Builder, hidden []int, z *graph.Node) *graph.Node {
	return c.dense(1, "").Apply(b.Scope("logit"), c.criticHidden(b, hidden, z))
}

// criticHidden is critic up to its last hidden layer.
func (c Config) criticHidden(b *graph.Builder, hidden []int, z *graph.Node) *graph.Node {
	for i, units := range hidden {
		s := layerScope(b, "fc", i)
		z = s.LeakyRelu(c.dense(units, "").Apply(s, z), 0.2)
	}
	return z
}

// nonNegative returns an error unless v is finite and at least 0.
func nonNegative(field string, v float64) error {
	if !finiteFrom0(v) {
		return fmt.Errorf("vae: %s is %g, want a finite number, at least 0", field, v)
	}
	return nil
}

// unitsOf returns an error if a layer has no units.
func unitsOf(field string, layers []int) error {
	for i, units := range layers {
		if units < 1 {
			return fmt.Errorf("vae: %s[%d] is %d, want at least 1", field, i, units)
		}
	}
	return nil
}

var errNoDiscriminator = errors.New("vae: Discriminator is empty: list the units of at least one layer, or set nil for 400")

// withoutKL returns an error if a setting of the KL term is set in a net that has none.
func (c Config) withoutKL() error {
	switch {
	case c.Beta != nil:
		return fmt.Errorf("vae: Beta is %g, but there is no KL term: leave Beta nil", *c.Beta)
	default:
		return c.plainKL()
	}
}

// plainKL returns an error if the KL term is changed in a net that cannot.
func (c Config) plainKL() error {
	switch {
	case c.Capacity != nil:
		return fmt.Errorf("vae: Capacity is %g, which this model has no use for: leave Capacity nil", *c.Capacity)
	case c.FreeBits != 0:
		return fmt.Errorf("vae: FreeBits is %g, which this model has no use for: leave FreeBits at 0", c.FreeBits)
	}
	return nil
}

// layers is String without the weight of the KL term.
func (c Config) layers() string {
	return strings.Replace(c.String(), " beta 1", "", 1)
}
