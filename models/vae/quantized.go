package vae

import (
	"cmp"
	"errors"
	"fmt"

	"github.com/stheno-ml/stheno/graph"
)

// InputCommitment is the name of the scalar input with the weight of the commitment.
const InputCommitment = "commitment"

// Quantized is the vector-quantised autoencoder of van den Oord et al. (2017). The
// encoder's result is a number of vectors, each replaced by the nearest of a codebook.
// The gradient passes straight through to the encoder:
//
//	recon + commitment |z - nearest|^2
//
// summed over the vectors of a sample. With Conv, the vectors are at the places of the
// last convolution's grid; otherwise there are Latent/Width of them. Each entry of the
// codebook is a moving average of the vectors to which it is the nearest (appendix A.1).
type Quantized struct {
	// Config has the layers. Without Conv, Latent is a multiple of Width, and 0 means 4
	// Width. With Conv, Latent is 0, there are no dense layers, and the net is not
	// conditional. There is no KL term, so Beta is nil.
	Config
	// Codes is the number of entries of the codebook; 0 means 256.
	Codes int `json:"codes,omitzero"`
	// Width is the number of values of an entry; 0 means 16.
	Width int `json:"width,omitzero"`
	// Commitment is the weight of the commitment; nil means 0.25. It is the default of
	// the scalar input "commitment".
	Commitment *float64 `json:"commitment,omitzero"`
	// Decay is the share of the old value in the moving averages, from 0 to below 1;
	// nil means 0.99.
	Decay *float64 `json:"decay,omitzero"`
	// Revive is the average number of vectors of a batch below which an entry moves to
	// a random vector of the batch, below 1; nil means 0.5, and 0 never moves one.
	Revive *float64 `json:"revive,omitzero"`
}

func (m Quantized) withDefaults() Quantized {
	m.Codes = cmp.Or(m.Codes, 256)
	m.Width = cmp.Or(m.Width, 16)
	m.Commitment = cmp.Or(m.Commitment, new(0.25))
	m.Decay = cmp.Or(m.Decay, new(0.99))
	m.Revive = cmp.Or(m.Revive, new(0.5))
	if m.Conv == nil {
		m.Latent = cmp.Or(m.Latent, 4*m.Width)
	}
	m.Config = m.Config.withDefaults()
	if m.Conv != nil {
		m.Latent = m.Width
	}
	return m
}

// Validate returns an error that names the first field out of range.
func (m Quantized) Validate() error {
	set := m
	m = m.withDefaults()
	if m.Width < 1 {
		return fmt.Errorf("vae: Width is %d, want at least 1", m.Width)
	}
	if err := cmp.Or(set.withoutKL(), m.Config.Validate(), nonNegative("Commitment", *m.Commitment)); err != nil {
		return err
	}
	switch {
	case m.Codes < 2:
		return fmt.Errorf("vae: Codes is %d, want at least 2 entries of the codebook", m.Codes)
	case !(*m.Decay >= 0 && *m.Decay < 1):
		return fmt.Errorf("vae: Decay is %g, want at least 0 and below 1", *m.Decay)
	case !(*m.Revive >= 0 && *m.Revive < 1):
		return fmt.Errorf("vae: Revive is %g, want at least 0 and below 1: an entry that has moved counts 1", *m.Revive)
	case m.Conv == nil && m.Latent%m.Width != 0:
		return fmt.Errorf("vae: Latent is %d, want a multiple of Width, which is %d", m.Latent, m.Width)
	case m.Conv != nil && set.Latent != 0:
		return errors.New("vae: Latent is set, but the code has a vector of Width at each place of Conv's grid: leave Latent at 0")
	case m.Conv != nil && len(m.Config.Hidden) > 0:
		return errors.New("vae: Hidden has layers, but the code is the grid of Conv: leave Hidden nil")
	case m.Conv != nil && m.Classes+m.Condition > 0:
		return errors.New("vae: Classes or Condition is set, but a net with a grid of codes is not conditional: leave both at 0")
	case m.Conv != nil && m.Likelihood == GaussianShared:
		return fmt.Errorf("vae: Likelihood is %q, which a net with a grid of codes does not have: want another", m.Likelihood)
	}
	return nil
}

// Build adds the autoencoder to the graph. The inputs are "x", with Classes "label", and
// the scalar "commitment". The metrics are "recon", "commit", "perplexity", which is e to
// the entropy of the batch's entries, "used", the number of different entries in the
// batch, and "moved", how often an entry was moved so far. The outputs are "recon", "code",
// the quantised vectors [batch, Latent] or [batch, Width, rows, columns], "indices", their
// numbers [batch, vectors], and in evaluation "score" [batch], which is -log p(x|code),
// and "prior", codes of which each vector is an entry with equal probability.
func (m Quantized) Build(b *graph.Builder, batch int) graph.Net {
	if !valid(b, m) {
		return graph.Net{}
	}
	m = m.withDefaults()
	p := m.begin(b, batch)
	if m.Conv != nil {
		p.decode = func(code *graph.Node) *graph.Node { return m.decodeGrid(b.Scope("decoder"), code) }
	}
	z := m.vectors(p)
	book := m.codebook(b.Scope("codebook"))
	nearest, number := book.nearest(z)
	if b.Err() != nil {
		return graph.Net{}
	}
	code := m.arrange(b, b.StraightThrough(nearest, z), batch)
	y, nll := p.explain(code)
	recon := p.loss.Mean(nll)
	commit := p.loss.Scale(p.loss.Sum(p.loss.Square(p.loss.Sub(z, p.loss.StopGradient(nearest)))), 1/float64(batch))
	metrics := append([]graph.Metric{{Name: "recon", Node: recon}, {Name: "commit", Node: commit}}, book.follow(z, number)...)
	net := p.net(code, y, nil, graph.Task{Name: "quantized", Loss: p.sum(recon, term{InputCommitment, *m.Commitment, commit}), Metrics: metrics})
	if b.Err() != nil {
		return graph.Net{}
	}
	net.Outputs["indices"] = b.Reshape(number, batch, -1)
	if !b.Training {
		prior := b.Scope("prior")
		pick := prior.Floor(prior.Scale(prior.Uniform("entry", batch, z.Shape()[0]/batch), float64(m.Codes)))
		net.Outputs[graph.OutputPrior] = m.arrange(b, prior.Gather(book.entries, prior.Reshape(pick, -1), 0), batch)
	}
	return net
}

// vectors adds the encoder, from x to vectors [V, Width], sample by sample.
func (m Quantized) vectors(p pass) *graph.Node {
	if m.Conv == nil {
		return p.b.Reshape(p.point(), -1, m.Width)
	}
	enc := p.b.Scope("encoder")
	z := m.place(enc.Scope("code"), m.Width, 1, "", m.convolve(enc, p.x))
	return p.b.Reshape(p.b.Transpose(z, 0, 2, 3, 1), -1, m.Width)
}

// arrange gives vectors [V, Width] the shape of a batch's code.
func (m Quantized) arrange(b *graph.Builder, vectors *graph.Node, batch int) *graph.Node {
	if m.Conv == nil {
		return b.Reshape(vectors, batch, m.Latent)
	}
	sizes := m.Conv.sizes()
	grid := sizes[len(sizes)-1]
	return b.Transpose(b.Reshape(vectors, batch, grid[1], grid[2], m.Width), 0, 3, 1, 2)
}

// decodeGrid maps a code [N, Width, rows, columns] to logits in the shape of x.
func (m Quantized) decodeGrid(dec *graph.Builder, code *graph.Node) *graph.Node {
	if code == nil || dec.Err() != nil {
		return nil
	}
	last := m.Conv.Channels[len(m.Conv.Channels)-1]
	y := m.transposed(dec, m.place(dec.Scope("image"), last, m.Conv.Kernel, m.Activation, code))
	return dec.Reshape(y, append([]int{-1}, m.decoded()...)...)
}

// place is a convolution that keeps the grid.
func (m Quantized) place(b *graph.Builder, filters, kernel int, act graph.Activation, h *graph.Node) *graph.Node {
	return graph.Conv2D{Filters: filters, Kernel: graph.Pair{kernel}, Padding: graph.Same, Init: m.Init, Activation: act}.Apply(b, h)
}

// String describes the net, such as "quantized 784-400-64 relu, 256 codes of 16".
func (m Quantized) String() string {
	m = m.withDefaults()
	return fmt.Sprintf("quantized %s, %d codes of %d", m.layers(), m.Codes, m.Width)
}

// Summary returns a table of the layers, or the error of Validate.
func (m Quantized) Summary() (string, error) {
	return graph.SummaryOf("autoencoder, "+m.String(), m.Build)
}
