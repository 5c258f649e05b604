package vae

import (
	"cmp"
	"fmt"

	"github.com/stheno-ml/stheno/graph"
)

// Importance is the importance weighted autoencoder (Burda et al. 2016): encoder and
// decoder of Config, trained by the bound of K draws,
//
//	log mean over draws of p(x,z) / q(z|x)
//
// on log p(x). With one draw it is the evidence lower bound; it rises with K.
type Importance struct {
	Config
	// Draws is the number K of draws; 0 means 5.
	Draws int `json:"draws,omitzero"`
}

func (m Importance) withDefaults() Importance {
	m.Config, m.Draws = m.Config.withDefaults(), cmp.Or(m.Draws, 5)
	return m
}

// Validate returns an error that names the first field out of range.
func (m Importance) Validate() error {
	if err := m.Config.Validate(); err != nil {
		return err
	}
	if m.Draws < 0 {
		return fmt.Errorf("vae: Draws is %d, want at least 1, or 0 for 5", m.Draws)
	}
	return m.Config.unweighted()
}

// unweighted returns an error if the KL term has a weight, which a bound of several
// draws has not.
func (c Config) unweighted() error {
	switch {
	case c.Beta != nil && *c.Beta != 1:
		return fmt.Errorf("vae: Beta is %g, but the bound of several draws has no weight of the KL term: leave Beta at nil", *c.Beta)
	case c.Capacity != nil || c.FreeBits != 0:
		return fmt.Errorf("vae: Capacity or FreeBits is set, but the bound of several draws has no KL term: leave them at nil and 0")
	}
	return nil
}

// Build adds the autoencoder to the graph; see Config.Build. The task "bound" minimises
// the negative bound of Draws draws, a mean over the batch in nats. Its metrics "recon"
// and "kl" are means over the draws, so recon + kl is the negative bound of one draw.
// In evaluation there is also the output
//
//	"bound" [batch]  the bound on log p(x), which depends on random numbers
//
// "score" is that of Config: the negative bound at the mean of the code.
func (m Importance) Build(b *graph.Builder, batch int) graph.Net {
	if !valid(b, m) {
		return graph.Net{}
	}
	m = m.withDefaults()
	return m.bounded(b, batch, m.Draws, m)
}

// LogDensities is Config.LogDensities.
func (m Importance) LogDensities(b *graph.Builder, batch, draws int) (likelihood, prior, posterior *graph.Node) {
	return m.Config.LogDensities(b, batch, draws)
}

// bounded is the net that is trained by the bound of k draws.
func (c Config) bounded(b *graph.Builder, batch, k int, q inference) graph.Net {
	loss := b.Scope("loss")
	x, given := c.Inputs(b, batch)
	d := q.codes(b, x, given, k)
	likelihood := c.likelihoods(b, x, given, d)
	divergence := loss.Sub(d.posterior, d.prior)
	bound := loss.LogMeanExp(loss.Sub(likelihood, divergence), 1)
	task := graph.Task{Name: "bound", Loss: loss.Neg(loss.Mean(bound)), Metrics: []graph.Metric{
		{Name: "recon", Node: loss.Neg(loss.Mean(likelihood))},
		{Name: "kl", Node: loss.Mean(divergence)},
	}}
	net := graph.Net{Outputs: map[string]*graph.Node{}}
	if !b.Training {
		mean := q.codes(b, x, given, 0)
		y := c.Decode(b, mean.z, given)
		net.Outputs[graph.OutputCode], net.Outputs[graph.OutputRecon] = mean.z, c.Recon(b, y)
		net.Outputs[graph.OutputScore] = loss.Sub(mean.divergence(loss), c.LogLikelihood(loss, y, x))
		net.Outputs[graph.OutputPrior] = q.drawPrior(b, batch)
		net.Outputs["bound"] = bound
		task.Metrics = append(task.Metrics, graph.Metric{Name: graph.MetricMSE, Node: b.Scope("evaluate").MSE(net.Outputs[graph.OutputRecon], x)})
	}
	if b.Err() != nil {
		return graph.Net{}
	}
	net.Tasks = []graph.Task{task}
	return net
}

// String describes the net, such as "784-200-200-50 tanh beta 1, 50 draws".
func (m Importance) String() string {
	m = m.withDefaults()
	return fmt.Sprintf("%s, %d draws", m.Config, m.Draws)
}

// Summary returns a table of the layers, or the error of Validate.
func (m Importance) Summary() (string, error) {
	return graph.SummaryOf("importance weighted autoencoder "+m.String(), m.Build)
}
