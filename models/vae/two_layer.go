package vae

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/stheno-ml/stheno/graph"
)

// TwoLayer has two layers of stochastic units (Burda et al. 2016, section 5 and
// appendix C). The encoder draws z1 from q(z1|x), which is Config's, and z2 from
// q(z2|z1). The decoder is p(z2) p(z1|z2) p(x|z1), with p(z2) = N(0,1). The other
// distributions of codes are diagonal normals of dense nets. It is trained by the bound
// of Draws draws; see Importance.
type TwoLayer struct {
	Config
	// TopHidden lists the sizes of the dense layers between z1 and z2, in reverse order
	// in the decoder; nil means 100, 100.
	TopHidden []int `json:"topHidden,omitzero"`
	// TopLatent is the number of dimensions of z2; 0 means 50.
	TopLatent int `json:"topLatent,omitzero"`
	// Draws is the number of draws in the bound; 0 means 1.
	Draws int `json:"draws,omitzero"`
}

func (m TwoLayer) withDefaults() TwoLayer {
	m.Config = m.Config.withDefaults()
	if m.TopHidden == nil {
		m.TopHidden = []int{100, 100}
	}
	m.TopLatent, m.Draws = cmp.Or(m.TopLatent, 50), cmp.Or(m.Draws, 1)
	return m
}

// Validate returns an error that names the first field out of range.
func (m TwoLayer) Validate() error {
	switch {
	case m.TopLatent < 0:
		return fmt.Errorf("vae: TopLatent is %d, want at least 1, or 0 for 50", m.TopLatent)
	case m.Draws < 0:
		return fmt.Errorf("vae: Draws is %d, want at least 1, or 0 for 1", m.Draws)
	}
	for i, units := range m.TopHidden {
		if units < 1 {
			return fmt.Errorf("vae: TopHidden[%d] is %d, want at least 1", i, units)
		}
	}
	if err := m.Config.Validate(); err != nil {
		return err
	}
	return m.Config.unweighted()
}

// Build adds the autoencoder to the graph; see Importance.Build. The output "code" is
// the mean of q(z1|x), and "prior" draws z1 from the decoder's prior.
func (m TwoLayer) Build(b *graph.Builder, batch int) graph.Net {
	if !valid(b, m) {
		return graph.Net{}
	}
	m = m.withDefaults()
	return m.bounded(b, batch, m.Draws, m)
}

// LogDensities is Config.LogDensities for pairs z of codes z1 and z2.
func (m TwoLayer) LogDensities(b *graph.Builder, batch, draws int) (likelihood, prior, posterior *graph.Node) {
	if !valid(b, m) {
		return nil, nil, nil
	}
	return m.densities(b, batch, draws, m)
}

func (m TwoLayer) codes(b *graph.Builder, x, given *graph.Node, k int) draws {
	m = m.withDefaults()
	mu, logVar := m.Encode(b, x, given)
	z1, q1 := drawNormal(b, mu, logVar, k)
	if b.Err() != nil {
		return draws{}
	}
	shape := []int{z1.Shape()[0], z1.Shape()[1], -1}
	mu2, logVar2 := m.normal(b.Scope("encoder/top"), rows(b, z1), m.TopHidden, m.TopLatent)
	top := b.Scope("top")
	z2, q2 := drawNormal(top, top.Reshape(mu2, shape...), top.Reshape(logVar2, shape...), k)
	mu1, logVar1 := m.down(b, rows(top, z2))
	p1 := normalLogDensity(top, z1, top.Reshape(mu1, shape...), top.Reshape(logVar1, shape...))
	return draws{rows(b, z1), b.Add(standardNormal(top, z2), p1), b.Add(q1, q2)}
}

// drawPrior draws z2 from N(0,1) and z1 from p(z1|z2).
func (m TwoLayer) drawPrior(b *graph.Builder, n int) *graph.Node {
	m = m.withDefaults()
	prior := b.Scope("prior")
	mu, logVar := m.down(b, prior.Normal("z2", n, m.TopLatent))
	z, _ := drawNormal(prior, mu, logVar, 1)
	return rows(prior, z)
}

// down computes the mean and the log variance of p(z1|z2), for z2 [M, TopLatent].
func (m TwoLayer) down(b *graph.Builder, z2 *graph.Node) (mu, logVar *graph.Node) {
	hidden := slices.Clone(m.TopHidden)
	slices.Reverse(hidden)
	return m.normal(b.Scope("decoder/top"), z2, hidden, m.Latent)
}

// normal is a dense net from h [M, ...] to the mean and the log variance of a normal
// distribution, each [M, units].
func (m TwoLayer) normal(b *graph.Builder, h *graph.Node, hidden []int, units int) (mu, logVar *graph.Node) {
	for i, n := range hidden {
		h = m.layer(layerScope(b, "fc", i), n, h)
	}
	mu = m.dense(units, "").Apply(b.Scope("mu"), h)
	logVar = m.dense(units, "").Apply(b.Scope("logvar"), h)
	return mu, b.Clip(logVar, m.LogVar[0], m.LogVar[1])
}

// String describes the net, such as "784-200-200-100 tanh beta 1 and 100-100-50, 1
// draws".
func (m TwoLayer) String() string {
	m = m.withDefaults()
	return fmt.Sprintf("%s and %d, %d draws", m.Config, append(slices.Clone(m.TopHidden), m.TopLatent), m.Draws)
}

// Summary returns a table of the layers, or the error of Validate.
func (m TwoLayer) Summary() (string, error) {
	return graph.SummaryOf("importance weighted autoencoder "+m.String(), m.Build)
}
