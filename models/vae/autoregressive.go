package vae

import (
	"cmp"
	"fmt"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
)

// Autoregressive is a VAE whose posterior is a normal distribution moved by inverse
// autoregressive flows (Kingma et al. 2016, eqs. 13 and 14): z0 is drawn from the
// normal, and each flow is
//
//	z' = sigmoid(s) z + (1 - sigmoid(s)) m
//
// where m and s of a dimension depend on the dimensions of z before it, by a masked
// autoencoder (Germain et al. 2015), and on what the encoder computes of x. The order
// of the dimensions is reversed from flow to flow. s starts near 2, so that a flow
// starts near the identity.
type Autoregressive struct {
	Config
	// Flows is the number of flows; 0 means 2.
	Flows int `json:"flows,omitzero"`
	// Units lists the sizes of the hidden layers of each flow's masked autoencoder; nil
	// means 100.
	Units []int `json:"units,omitzero"`
}

func (m Autoregressive) withDefaults() Autoregressive {
	m.Config, m.Flows = m.Config.withDefaults(), cmp.Or(m.Flows, 2)
	if m.Units == nil {
		m.Units = []int{100}
	}
	return m
}

// Validate returns an error that names the first field out of range.
func (m Autoregressive) Validate() error {
	if m.Flows < 0 {
		return fmt.Errorf("vae: Flows is %d, want at least 1, or 0 for 2", m.Flows)
	}
	for i, units := range m.Units {
		if units < 1 {
			return fmt.Errorf("vae: Units[%d] is %d, want at least 1", i, units)
		}
	}
	return m.Config.Validate()
}

// Build adds the autoencoder to the graph; see Config.Build, and Planar.Build for the
// divergence.
func (m Autoregressive) Build(b *graph.Builder, batch int) graph.Net {
	if !valid(b, m) {
		return graph.Net{}
	}
	return m.withDefaults().elbo(b, batch, m)
}

// LogDensities is Config.LogDensities for the posterior with flows. Posterior, on the
// other hand, is that of z0, before the flows.
func (m Autoregressive) LogDensities(b *graph.Builder, batch, draws int) (likelihood, prior, posterior *graph.Node) {
	if !valid(b, m) {
		return nil, nil, nil
	}
	return m.densities(b, batch, draws, m)
}

func (m Autoregressive) codes(b *graph.Builder, x, given *graph.Node, k int) draws {
	m = m.withDefaults()
	h := m.features(b, x, given)
	mu, logVar := m.posterior(b, h)
	z, posterior := drawNormal(b, mu, logVar, k)
	if b.Err() != nil {
		return draws{}
	}
	n, k := x.Shape()[0], max(k, 1)
	enc := b.Scope("encoder")
	context := m.dense(m.Latent, m.Activation).Apply(enc.Scope("context"), h)
	if k > 1 {
		context = enc.Reshape(enc.RepeatVector(context, k), n*k, m.Latent)
	}
	code := rows(b, z)
	for i := range m.Flows {
		var logDet *graph.Node
		code, logDet = m.flow(layerScope(enc, "flow", i), code, context, i%2 == 1)
		posterior = b.Sub(posterior, b.Reshape(logDet, n, k))
	}
	prior := standardNormal(b, code)
	return draws{code, b.Reshape(prior, n, k), posterior}
}

// flow applies one flow to z [M,D] with the context [M,C]. It returns z' and the
// logarithm of the Jacobian's determinant [M].
func (m Autoregressive) flow(b *graph.Builder, z, context *graph.Node, reversed bool) (next, logDet *graph.Node) {
	net := made{m.Config, m.Units, reversed}
	h, numbers := net.apply(b, z, context)
	shift := net.head(b.Scope("m"), h, numbers, m.Latent)
	s := b.AddConst(net.head(b.Scope("s"), h, numbers, m.Latent), 2)
	gate := lower.Sigmoid(lower.Arg(2))
	next = b.Layer("Autoregressive", b.Map(lower.Arg(1).Add(gate.Mul(lower.Arg(0).Sub(lower.Arg(1)))), z, shift, s))
	return next, b.Sum(b.Map(lower.Softplus(lower.Arg(0).Neg()).Neg(), s), 1)
}

// String describes the net, such as "784-400-40 relu beta 1, 2 autoregressive flows".
func (m Autoregressive) String() string {
	m = m.withDefaults()
	return fmt.Sprintf("%s, %d autoregressive flows", m.Config, m.Flows)
}

// Summary returns a table of the layers, or the error of Validate.
func (m Autoregressive) Summary() (string, error) {
	return graph.SummaryOf("variational autoencoder "+m.String(), m.Build)
}
