package dense

import (
	"fmt"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
)

// BatchTopKSAE is the sparse autoencoder that keeps the K N greatest activations of a
// batch of N samples in training (Bussmann, Leask and Nanda 2024), so that samples can
// have codes of different sizes. In evaluation, where a code must not depend on other
// samples, it keeps the activations above a threshold,
//
//	z = p where p > t, else 0
//
// where the state "encoder/threshold", t, is a running mean with weight 0.99 of the
// least activation above 0 that a training batch kept. Before training it keeps all above
// 0. The losses are those of TopKSAE.
type BatchTopKSAE struct {
	Dictionary
	Revival
	// K is the mean number of elements of a code that can be above 0; 0 means 32, or all
	// Units if there are fewer.
	K int `json:"k,omitzero"`
}

// Validate returns an error that names the first field out of range.
func (c BatchTopKSAE) Validate() error { return checkTopK(c.Dictionary, c.Revival, c.k()) }

// Build adds the autoencoder to the graph as TopKSAE's Build does. A training step also
// updates the threshold.
func (c BatchTopKSAE) Build(b *graph.Builder, batch int) graph.Net {
	if !validOrFail(b, c) {
		return graph.Net{}
	}
	d := c.dictionaryDefaults()
	x := b.Input(graph.InputX, batch, d.Input)
	p := d.activations(b, x)
	code := batchTopK{c.k()}.trained(b, p)
	net := sparseNet{x: x, code: code, recon: c.Decode(b, code)}
	c.Revival.add(b, d, &net, p)
	return net.net(b)
}

// Encode adds the encoder. It maps x [N, Input] to the code [N, Units], in training by
// the greatest activations of the batch, without an update of the threshold.
func (c BatchTopKSAE) Encode(b *graph.Builder, x *graph.Node) *graph.Node {
	if !validOrFail(b, c) {
		return nil
	}
	code, _ := batchTopK{c.k()}.keep(b, c.dictionaryDefaults().activations(b, x))
	return code
}

// Summary returns a table of the layers, or the error of Validate.
func (c BatchTopKSAE) Summary() (string, error) { return c.summary(c.String(), c.Build) }

// String describes the net, such as "sae 784-3136 batch-topk 32".
func (c BatchTopKSAE) String() string { return fmt.Sprintf("%s batch-topk %d", c.sizes(), c.k()) }

func (c BatchTopKSAE) k() int { return defaultK(c.K, c.Dictionary) }

// batchTopK keeps the k N greatest activations of a batch of N samples.
type batchTopK struct{ k int }

// keep is the code [N, Units] of the activations p. In training, least is the least
// activation above 0 that is kept, or -1 if there is none.
func (t batchTopK) keep(b *graph.Builder, p *graph.Node) (code, least *graph.Node) {
	if b.Err() != nil {
		return nil, nil
	}
	enc := b.Scope("encoder")
	p = relu(enc, p)
	threshold := t.threshold(b)
	if b.Training {
		greatest, _ := enc.TopK(enc.StopGradient(enc.Reshape(p, -1)), t.k*p.Shape()[0], 0)
		positive := lower.Where(lower.Num(0).Less(lower.Arg(0)), lower.Arg(0).Neg(), lower.Num(-1e30))
		none := lower.Arg(0).Less(lower.Num(-1e29))
		least = enc.Map(lower.Where(none, lower.Num(-1), lower.Arg(0).Neg()), enc.Max(enc.Map(positive, greatest)))
		last := t.k*p.Shape()[0] - 1
		code = enc.Where(enc.Less(p, enc.Slice(greatest, 0, last, last+1)), enc.Number(0), p)
	} else {
		code = enc.Where(enc.Greater(p, threshold), p, enc.Number(0))
	}
	return enc.Layer("BatchTopK", code), least
}

// trained is the code. In training it also updates the threshold.
func (t batchTopK) trained(b *graph.Builder, p *graph.Node) *graph.Node {
	code, least := t.keep(b, p)
	if least == nil || b.Err() != nil {
		return code
	}
	old, new := lower.Arg(0), lower.Arg(1)
	mean := lower.Num(.99).Mul(old).Add(lower.Num(.01).Mul(new))
	first := lower.Where(old.Less(lower.Num(0)), new, mean)
	next := lower.Where(new.Less(lower.Num(0)), old, first)
	threshold := t.threshold(b)
	b.Update(threshold, b.Scope("encoder").Map(next, threshold, least))
	return code
}

// threshold is the state, which is below 0 before the first batch.
func (t batchTopK) threshold(b *graph.Builder) *graph.Node {
	return b.Scope("encoder").State("threshold", graph.Constant(-1))
}
