package vae

import (
	"cmp"
	"errors"
	"fmt"
	"math"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
)

// InputTemperature is the name of the scalar input with the temperature of the draws. It
// is annealed by a schedule.
const InputTemperature = "temperature"

// GumbelSoftmax is the variational autoencoder with categorical codes of Jang et al. (2017).
// The code is Latent variables of Categories categories each. In training, a variable is
// drawn as the relaxed vector
//
//	softmax((logits + g) / temperature),  g = -log(-log u), u uniform
//
// which is a one-hot vector in the limit of temperature 0. The loss is
//
//	recon + beta kl,  kl = sum over variables and categories of q log(Categories q)
//
// with q = softmax(logits) and the uniform distribution as prior.
type GumbelSoftmax struct {
	// Config has the layers. Its Latent is the number of variables.
	Config
	// Categories is the number of categories of a variable, at least 2; 0 means 10.
	Categories int `json:"categories,omitzero"`
	// Temperature is above 0; nil means 1. It is the default of the scalar input
	// "temperature".
	Temperature *float64 `json:"temperature,omitzero"`
	// Hard decodes one-hot vectors in training, with the gradient of the relaxed ones
	// (the straight-through estimator of section 2.2).
	Hard bool `json:"hard,omitzero"`
}

func (m GumbelSoftmax) withDefaults() GumbelSoftmax {
	m.Config = m.Config.withDefaults()
	m.Categories = cmp.Or(m.Categories, 10)
	m.Temperature = cmp.Or(m.Temperature, new(1.0))
	return m
}

// Validate returns an error that names the first field out of range.
func (m GumbelSoftmax) Validate() error {
	m = m.withDefaults()
	if err := m.Config.Validate(); err != nil {
		return err
	}
	switch t := *m.Temperature; {
	case m.Categories < 2:
		return fmt.Errorf("vae: Categories is %d, want at least 2", m.Categories)
	case m.Categories > math.MaxInt32/m.Latent:
		return errors.New("vae: Latent times Categories is too large: set fewer of one")
	case !(t > 0) || math.IsInf(t, 0):
		return fmt.Errorf("vae: Temperature is %g, want a finite number above 0", t)
	}
	return nil
}

// Build adds the autoencoder to the graph. The inputs are "x", with Classes "label", and
// the scalars "beta" and "temperature". The metrics are "recon" and "kl". In evaluation
// the loss uses a draw of one-hot vectors, so it is an unbiased estimate of the bound. The
// outputs are "recon", "code" [batch, Latent*Categories], which in evaluation is the
// one-hot vectors of the most probable categories, "probabilities" in the same shape, and
// in evaluation "score" [batch], which is -log p(x|code) + KL, and "prior".
func (m GumbelSoftmax) Build(b *graph.Builder, batch int) graph.Net {
	if !valid(b, m) {
		return graph.Net{}
	}
	m = m.withDefaults()
	variables, flat := m.Latent, m.Config
	flat.Latent *= m.Categories
	p := flat.begin(b, batch)
	enc := b.Scope("encoder")
	rows := func(x *graph.Node) *graph.Node { return b.Reshape(x, -1, m.Categories) }
	all := func(x *graph.Node) *graph.Node { return b.Reshape(x, batch, flat.Latent) }
	logits := rows(flat.dense(flat.Latent, "").Apply(enc.Scope("logits"), p.hidden(enc)))
	if b.Err() != nil {
		return graph.Net{}
	}
	temperature := b.Scalar(InputTemperature, *m.Temperature)
	z := all(m.draw(b.Scope("latent"), rows(b.Scope("latent").Uniform("u", batch, flat.Latent)), logits, temperature))
	y, nll := p.explain(z)
	recon := p.loss.Mean(nll)
	q, logQ := p.loss.Softmax(logits, 1), p.loss.LogSoftmax(logits, 1)
	each := p.loss.Sum(p.loss.Mul(q, p.loss.AddConst(logQ, math.Log(float64(m.Categories)))), 1) // of each variable
	each = p.loss.Reshape(each, batch, variables)
	kls := perSample(p.loss, each)

	code := z
	if !b.Training {
		code = all(b.OneHot(b.ArgMax(logits, 1), m.Categories))
	}
	net := p.net(code, y, kls, graph.Task{Name: "elbo", Loss: p.loss.Add(recon, m.Penalty(b, each)), Metrics: []graph.Metric{
		{Name: "recon", Node: recon}, {Name: "kl", Node: p.loss.Mean(kls)},
	}})
	if b.Err() != nil {
		return graph.Net{}
	}
	net.Outputs["probabilities"] = all(q)
	if !b.Training {
		prior := b.Scope("prior")
		pick := prior.Floor(prior.Scale(prior.Uniform("category", batch, variables), float64(m.Categories)))
		net.Outputs[graph.OutputPrior] = all(prior.OneHot(prior.Reshape(pick, -1), m.Categories))
	}
	return net
}

// draw draws relaxed vectors from logits, both [V, Categories], with u uniform in [0,1).
// In evaluation they are one-hot vectors (the Gumbel-max trick), and with Hard in training.
func (m GumbelSoftmax) draw(b *graph.Builder, u, logits, temperature *graph.Node) *graph.Node {
	noisy := b.Map(lower.Arg(0).Add(gumbel(lower.Arg(1))).Div(lower.Arg(2)), logits, u, temperature)
	if !b.Training {
		return b.OneHot(b.ArgMax(noisy, 1), m.Categories)
	}
	soft := b.Softmax(noisy, 1)
	if m.Hard {
		soft = b.StraightThrough(b.OneHot(b.ArgMax(noisy, 1), m.Categories), soft)
	}
	return b.Layer("Sample", soft)
}

// String describes the net, such as "gumbel-softmax 784-400-20 relu beta 1, 10 categories".
func (m GumbelSoftmax) String() string {
	m = m.withDefaults()
	return fmt.Sprintf("gumbel-softmax %s, %d categories", m.Config.String(), m.Categories)
}

// Summary returns a table of the layers, or the error of Validate.
func (m GumbelSoftmax) Summary() (string, error) {
	return graph.SummaryOf("variational autoencoder, "+m.String(), m.Build)
}
