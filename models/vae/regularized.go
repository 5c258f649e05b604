package vae

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/stheno-ml/stheno/graph"
)

// Regularized is the regularised autoencoder of Ghosh et al. (2020), eq. 11. The encoder
// has no variance and there is no prior; instead, codes are small and the decoder is
// smooth:
//
//	recon + beta |z|^2 / 2 + lambda penalty
//
// New samples come from a density that is fitted to the codes after training.
type Regularized struct {
	// Config has the layers. Its Beta is the weight of the codes' norm; nil means 0.01.
	Config
	// Penalty is the decoder's regulariser (section 3.1); "" means "l2".
	//
	//	l2        the sum of the squares of the decoder's weights
	//	gradient  |J|^2, the squared norm of the decoder's Jacobian in z, from one random
	//	          projection per sample: the square of the gradient of v . y with v ~ N(0,1)
	//	spectral  no penalty: each dense weight of the decoder is divided by its greatest
	//	          singular value
	//	none      no penalty
	Penalty string `json:"penalty,omitzero"`
	// Lambda is the weight of the penalty; nil means 1e-4, and 0 with "spectral" or
	// "none". It is the default of the scalar input "lambda".
	Lambda *float64 `json:"lambda,omitzero"`
}

var penalties = [...]string{"l2", "gradient", "spectral", "none"}

func (m Regularized) withDefaults() Regularized {
	m.Beta = cmp.Or(m.Beta, new(0.01))
	m.Config = m.Config.withDefaults()
	m.Penalty = cmp.Or(m.Penalty, "l2")
	rate := 1e-4
	if !m.penalised() {
		rate = 0
	}
	m.Lambda = cmp.Or(m.Lambda, &rate)
	return m
}

// penalised reports whether the loss has a penalty.
func (m Regularized) penalised() bool { return m.Penalty == "l2" || m.Penalty == "gradient" }

// Validate returns an error that names the first field out of range.
func (m Regularized) Validate() error {
	m = m.withDefaults()
	if err := cmp.Or(m.Config.Validate(), m.plainKL(), nonNegative("Lambda", *m.Lambda)); err != nil {
		return err
	}
	switch {
	case !slices.Contains(penalties[:], m.Penalty):
		return fmt.Errorf("vae: Penalty is %q, want one of %s", m.Penalty, strings.Join(penalties[:], ", "))
	case !m.penalised() && *m.Lambda != 0:
		return fmt.Errorf("vae: Lambda is %g, but Penalty %q has no term in the loss: leave Lambda nil", *m.Lambda, m.Penalty)
	case m.Penalty == "spectral" && (m.Conv != nil || m.Gated || m.BatchNorm || m.Likelihood == GaussianShared):
		return errors.New("vae: Penalty is spectral, which needs a decoder of plain dense layers: leave Conv, Gated and BatchNorm unset and Likelihood other than gaussian-shared, or set Penalty to l2 or gradient")
	}
	return nil
}

// Build adds the autoencoder to the graph. The inputs are "x", with Classes "label", and
// the scalars "beta" and "lambda". The metrics are "recon", "norm", the mean of
// |z|^2 / 2, and "penalty". The outputs are "recon", "code" [batch, Latent], and in
// evaluation "score" [batch], which is -log p(x|z).
func (m Regularized) Build(b *graph.Builder, batch int) graph.Net {
	if !valid(b, m) {
		return graph.Net{}
	}
	m = m.withDefaults()
	p := m.begin(b, batch)
	if m.Penalty == "spectral" {
		p.decode = func(z *graph.Node) *graph.Node { return m.decodeSpectral(b.Scope("decoder"), z, p.given) }
	}
	z := p.point()
	y, nll := p.explain(z)
	recon := p.loss.Mean(nll)
	norm := p.loss.Scale(p.loss.Mean(p.loss.Sum(p.loss.Square(z), 1)), 0.5)
	penalty := m.penalty(p.loss, z, y)
	loss := p.sum(recon, term{InputBeta, *m.Beta, norm}, term{InputLambda, *m.Lambda, penalty})
	return p.net(z, y, nil, graph.Task{Name: "regularized", Loss: loss, Metrics: []graph.Metric{
		{Name: "recon", Node: recon}, {Name: "norm", Node: norm}, {Name: "penalty", Node: penalty},
	}})
}

// penalty is the decoder's regulariser: a scalar.
func (m Regularized) penalty(b *graph.Builder, z, y *graph.Node) *graph.Node {
	if b.Err() != nil {
		return nil
	}
	sum := b.Number(0)
	switch m.Penalty {
	case "l2":
		for _, w := range b.Params().Trainable() {
			if strings.HasPrefix(w.Name(), "decoder/") && len(w.Shape()) > 1 {
				sum = b.Add(sum, b.Sum(b.Square(b.Node(w))))
			}
		}
	case "gradient":
		v := b.Normal("projection", y.Shape()...)
		if slope := b.Grad(b.Sum(b.Mul(v, m.Recon(b, y))), z); b.Err() == nil {
			sum = b.Mean(b.Sum(b.Square(slope[0]), 1))
		}
	}
	return sum
}

// decodeSpectral is Decode with spectral norms of 1.
func (m Regularized) decodeSpectral(dec *graph.Builder, z, given *graph.Node) *graph.Node {
	h := m.with(dec, z, given)
	for i, units := range m.Decoder {
		s := layerScope(dec, "fc", i)
		h = s.Activate(m.Activation, m.spectral(s, units, h))
	}
	h = m.spectral(dec.Scope("logits"), m.computed().Size(), h)
	return dec.Reshape(h, append([]int{-1}, m.decoded()...)...)
}

// spectral is a dense layer with the weight divided by its greatest singular value.
func (m Regularized) spectral(b *graph.Builder, units int, h *graph.Node) *graph.Node {
	if h == nil || b.Err() != nil {
		return nil
	}
	w := m.dense(units, "").Weight(b, h.Shape()[1])
	return b.Layer("Dense", b.Add(b.MatMul(h, b.SpectralNorm(w)), b.Param("b", nil, units)))
}

// String describes the net, such as "regularized l2 784-400-20 relu beta 0.01".
func (m Regularized) String() string {
	m = m.withDefaults()
	return "regularized " + m.Penalty + " " + m.Config.String()
}

// Summary returns a table of the layers, or the error of Validate.
func (m Regularized) Summary() (string, error) {
	return graph.SummaryOf("autoencoder, "+m.String(), m.Build)
}
