package dense

import (
	"fmt"

	"github.com/stheno-ml/stheno/graph"
)

// GatedSAE is the sparse autoencoder that decides which units are active apart from how
// much (Rajamanoharan et al. 2024, "Improving Dictionary Learning with Gated Sparse
// Autoencoders"). With q = (x - b) W,
//
//	z = 1[q + g > 0] * relu(q e^r + c)
//
// for the parameters "encoder/gate", g, "encoder/scale", r, and "encoder/b", c, all
// [Units] (eqs. 6 and 7). The loss is
//
//	|x - recon|^2 + Sparsity * sum relu(q + g) + |x - relu(q + g) V' - b'|^2
//
// a mean over the batch, where V' and b' are constants (eq. 8). The penalty so shrinks
// the gates and not the codes.
type GatedSAE struct {
	Dictionary
	// Sparsity is the weight of the penalty, at least 0; nil means 0.1. It is the
	// default of the scalar input "sparsity".
	Sparsity *float64 `json:"sparsity,omitzero"`
}

// Validate returns an error that names the first field out of range.
func (c GatedSAE) Validate() error { return L1SAE(c).Validate() }

// Build adds the autoencoder to the graph, for batches of the given size, with the task
// "sae". The input is "x" [batch, Input]. The outputs are "code" [batch, Units], "recon"
// and, in evaluation, "score" [batch], the squared error. The metrics are "mse" and "l0",
// the mean number of elements of a code above 0. If a setting is invalid, the net is
// empty and the builder has the error.
func (c GatedSAE) Build(b *graph.Builder, batch int) graph.Net {
	if !validOrFail(b, c) {
		return graph.Net{}
	}
	d := c.dictionaryDefaults()
	x := b.Input(graph.InputX, batch, d.Input)
	code, gate := c.gated(b, x)
	in := b.Scope("gate")
	open := relu(in, gate)
	penalty := in.Mul(in.Sum(open, 1), b.Scalar("sparsity", c.sparsity()))
	constant := in.Add(in.MatMul(open, in.StopGradient(d.Directions(b))), in.StopGradient(d.preBias(b)))
	aux := in.SquaredErrorPerSample(constant, x)
	return sparseNet{x: x, code: code, recon: c.Decode(b, code), terms: []*graph.Node{penalty, aux}}.net(b)
}

// Encode adds the encoder. It maps x [N, Input] to the code [N, Units].
func (c GatedSAE) Encode(b *graph.Builder, x *graph.Node) *graph.Node {
	if !validOrFail(b, c) {
		return nil
	}
	code, _ := c.gated(b, x)
	return code
}

// gated is the code and q + g, both [N, Units].
func (c GatedSAE) gated(b *graph.Builder, x *graph.Node) (code, gate *graph.Node) {
	d := c.dictionaryDefaults()
	q := d.project(b, x)
	enc := b.Scope("encoder")
	gate = enc.Add(q, enc.Param("gate", nil, d.Units))
	size := relu(enc, enc.Add(enc.Mul(q, enc.Exp(enc.Param("scale", nil, d.Units))), enc.Param("b", nil, d.Units)))
	code = enc.Where(enc.Greater(gate, enc.Number(0)), size, enc.Number(0))
	return enc.Layer("Gated", code), gate
}

// Summary returns a table of the layers, or the error of Validate.
func (c GatedSAE) Summary() (string, error) { return c.summary(c.String(), c.Build) }

// String describes the net, such as "sae 784-3136 gated 0.1".
func (c GatedSAE) String() string { return fmt.Sprintf("%s gated %g", c.sizes(), c.sparsity()) }

func (c GatedSAE) sparsity() float64 { return L1SAE(c).sparsity() }
