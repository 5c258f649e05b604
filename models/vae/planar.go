package vae

import (
	"cmp"
	"fmt"
	"math"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
)

// Planar is a VAE whose posterior is a normal distribution moved by planar flows
// (Rezende and Mohamed 2015, eqs. 10 to 13 and 15): z0 is drawn from the normal, and
// each flow is
//
//	z' = z + u tanh(w z + b)
//
// where the encoder computes u, w [Latent] and b of every flow for each sample. u is
// replaced by u + (g(w u) - w u) w / |w|^2 with g(a) = softplus(a + log(e-1)) - 1, which
// is above -1, so that the flow is invertible (appendix A.1). Other than in the paper, g
// is 0 at 0, so a flow with a small u is near the identity.
type Planar struct {
	Config
	// Flows is the number of flows; 0 means 10.
	Flows int `json:"flows,omitzero"`
}

func (m Planar) withDefaults() Planar {
	m.Config, m.Flows = m.Config.withDefaults(), cmp.Or(m.Flows, 10)
	return m
}

// Validate returns an error that names the first field out of range.
func (m Planar) Validate() error {
	if m.Flows < 0 {
		return fmt.Errorf("vae: Flows is %d, want at least 1, or 0 for 10", m.Flows)
	}
	return m.Config.Validate()
}

// Build adds the autoencoder to the graph; see Config.Build. KL is not known in closed
// form: the loss and the metric "kl" have log q(z|x) - log p(z) of the sample, and the
// score has that of the code, for which the mean of z0 goes through the flows, with
// the mean over z0 of the normal's log q(z0|x).
func (m Planar) Build(b *graph.Builder, batch int) graph.Net {
	if !valid(b, m) {
		return graph.Net{}
	}
	return m.withDefaults().elbo(b, batch, m)
}

// LogDensities is Config.LogDensities for the posterior with flows. Posterior, on the
// other hand, is that of z0, before the flows.
func (m Planar) LogDensities(b *graph.Builder, batch, draws int) (likelihood, prior, posterior *graph.Node) {
	if !valid(b, m) {
		return nil, nil, nil
	}
	return m.densities(b, batch, draws, m)
}

func (m Planar) codes(b *graph.Builder, x, given *graph.Node, k int) draws {
	m = m.withDefaults()
	h := m.features(b, x, given)
	mu, logVar := m.posterior(b, h)
	z, posterior := drawNormal(b, mu, logVar, k)
	for i := range m.Flows {
		if b.Err() != nil {
			return draws{}
		}
		var logDet *graph.Node
		z, logDet = m.flow(layerScope(b.Scope("encoder"), "flow", i), h, z)
		posterior = b.Sub(posterior, logDet)
	}
	return draws{rows(b, z), standardNormal(b, z), posterior}
}

// flow applies one flow to z [N,K,D]. It returns z' and the logarithm of the Jacobian's
// determinant [N,K]. h is the encoder's last layer [N, ...].
func (m Planar) flow(b *graph.Builder, h, z *graph.Node) (next, logDet *graph.Node) {
	n, d := z.Shape()[0], z.Shape()[2]
	u := b.Reshape(m.dense(d, "").Apply(b.Scope("u"), h), n, 1, d)
	w := b.Reshape(m.dense(d, "").Apply(b.Scope("w"), h), n, 1, d)
	shift := b.Reshape(m.dense(1, "").Apply(b.Scope("b"), h), n, 1, 1)

	wu, ww := b.SumKeep(b.Mul(w, u), 2), b.SumKeep(b.Square(w), 2)
	a := lower.Softplus(lower.Arg(1).Add(num(math.Log(math.E - 1)))).Sub(num(1)).Sub(lower.Arg(1)).Div(lower.Arg(2).Add(num(1e-6)))
	u = b.Map(lower.Arg(0).Add(a.Mul(lower.Arg(3))), u, wu, ww, w)

	t := b.Tanh(b.Add(b.SumKeep(b.Mul(w, z), 2), shift)) // [N,K,1]
	next = b.Layer("Planar", b.Map(lower.Arg(0).Add(lower.Arg(1).Mul(lower.Arg(2))), z, u, t))
	e := lower.Log(num(1).Add(num(1).Sub(lower.Arg(0).Square()).Mul(lower.Arg(1))))
	logDet = b.Map(e, t, b.SumKeep(b.Mul(w, u), 2))
	return next, b.Reshape(logDet, n, -1)
}

// String describes the net, such as "784-400-40 relu beta 1, 10 planar flows".
func (m Planar) String() string {
	m = m.withDefaults()
	return fmt.Sprintf("%s, %d planar flows", m.Config, m.Flows)
}

// Summary returns a table of the layers, or the error of Validate.
func (m Planar) Summary() (string, error) {
	return graph.SummaryOf("variational autoencoder "+m.String(), m.Build)
}
