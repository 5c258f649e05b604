package dense

import (
	"cmp"
	"fmt"

	"github.com/stheno-ml/stheno/graph"
)

// TopKSAE is the sparse autoencoder that keeps the K greatest activations of each sample
// (Gao et al. 2024, eq. 4): z = relu(topk(p)). Its loss is |x - recon|^2, a mean over
// the batch, and in training the auxiliary loss of Revival. There is no penalty, so codes
// do not shrink.
type TopKSAE struct {
	Dictionary
	Revival
	// K is the number of elements of a code that can be above 0; 0 means 32, or all
	// Units if there are fewer.
	K int `json:"k,omitzero"`
}

// Validate returns an error that names the first field out of range.
func (c TopKSAE) Validate() error { return checkTopK(c.Dictionary, c.Revival, c.k()) }

// unitsPerK is how many units there must be for each of the K before a training step
// multiplies only the rows of the dictionary that a code chooses. With fewer, the products
// with all rows take less time than copies of the chosen ones.
const unitsPerK = 128

// Build adds the autoencoder to the graph, for batches of the given size, with the task
// "sae". The input is "x" [batch, Input]. The outputs are "code" [batch, Units], "recon"
// and, in evaluation, "score" [batch], the squared error. The metrics are "mse", "l0",
// the mean number of elements of a code above 0, and "dead", the share of dead units. If
// a setting is invalid, the net is empty and the builder has the error.
func (c TopKSAE) Build(b *graph.Builder, batch int) graph.Net {
	if !validOrFail(b, c) {
		return graph.Net{}
	}
	d := c.dictionaryDefaults()
	x := b.Input(graph.InputX, batch, d.Input)
	p := d.activations(b, x)
	code := c.keep(b, p)
	net := sparseNet{x: x, code: code}
	if b.Training && d.Units >= unitsPerK*c.k() {
		values, units := b.Scope("encoder").TopK(relu(b.Scope("encoder"), p), c.k(), 1)
		net.recon = d.decodeChosen(b, values, units)
	} else {
		net.recon = c.Decode(b, code)
	}
	c.Revival.add(b, d, &net, p)
	return net.net(b)
}

// Encode adds the encoder. It maps x [N, Input] to the code [N, Units].
func (c TopKSAE) Encode(b *graph.Builder, x *graph.Node) *graph.Node {
	if !validOrFail(b, c) {
		return nil
	}
	return c.keep(b, c.dictionaryDefaults().activations(b, x))
}

func (c TopKSAE) keep(b *graph.Builder, p *graph.Node) *graph.Node {
	enc := b.Scope("encoder")
	return enc.Layer("TopK", enc.KeepTopK(relu(enc, p), c.k(), 1))
}

// Summary returns a table of the layers, or the error of Validate.
func (c TopKSAE) Summary() (string, error) { return c.summary(c.String(), c.Build) }

// String describes the net, such as "sae 784-3136 topk 32".
func (c TopKSAE) String() string { return fmt.Sprintf("%s topk %d", c.sizes(), c.k()) }

func (c TopKSAE) k() int { return defaultK(c.K, c.Dictionary) }

// defaultK is k, or its default if it is 0.
func defaultK(k int, d Dictionary) int { return cmp.Or(k, min(32, d.dictionaryDefaults().Units)) }

// checkTopK checks the settings of a net that keeps k units of a sample.
func checkTopK(d Dictionary, r Revival, k int) error {
	if err := d.Validate(); err != nil {
		return err
	}
	d = d.dictionaryDefaults()
	if k < 1 || k > d.Units {
		return fmt.Errorf("dense: K is %d, want from 1 to the %d units", k, d.Units)
	}
	return r.check(d)
}
