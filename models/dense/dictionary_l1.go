package dense

import (
	"fmt"
	"math"

	"github.com/stheno-ml/stheno/graph"
)

// L1SAE is the sparse autoencoder with ReLU and an L1 penalty (Bricken et al. 2023;
// Cunningham et al. 2023): z = relu(p), and the loss is
//
//	|x - recon|^2 + Sparsity * sum z
//
// a mean over the batch. The rows of the dictionary have norm 1, so that small codes do
// not come from large rows. The penalty also shrinks the codes that remain.
type L1SAE struct {
	Dictionary
	// Sparsity is the weight of the penalty, at least 0; nil means 0.1. It is the
	// default of the scalar input "sparsity".
	Sparsity *float64 `json:"sparsity,omitzero"`
}

// Validate returns an error that names the first field out of range.
func (c L1SAE) Validate() error {
	if err := c.Dictionary.Validate(); err != nil {
		return err
	}
	return checkWeight("Sparsity", c.sparsity())
}

// Build adds the autoencoder to the graph, for batches of the given size, with the task
// "sae". The input is "x" [batch, Input]. The outputs are "code" [batch, Units], "recon"
// and, in evaluation, "score" [batch], the squared error. The metrics are "mse" and "l0",
// the mean number of elements of a code above 0. If a setting is invalid, the net is
// empty and the builder has the error.
func (c L1SAE) Build(b *graph.Builder, batch int) graph.Net {
	if !validOrFail(b, c) {
		return graph.Net{}
	}
	x := b.Input(graph.InputX, batch, c.dictionaryDefaults().Input)
	code := c.Encode(b, x)
	penalty := b.Mul(b.Sum(code, 1), b.Scalar("sparsity", c.sparsity()))
	return sparseNet{x: x, code: code, recon: c.Decode(b, code), terms: []*graph.Node{penalty}}.net(b)
}

// Encode adds the encoder. It maps x [N, Input] to the code [N, Units].
func (c L1SAE) Encode(b *graph.Builder, x *graph.Node) *graph.Node {
	if !validOrFail(b, c) {
		return nil
	}
	enc := b.Scope("encoder")
	return enc.Layer("L1", relu(enc, c.dictionaryDefaults().activations(b, x)))
}

// Summary returns a table of the layers, or the error of Validate.
func (c L1SAE) Summary() (string, error) { return c.summary(c.String(), c.Build) }

// String describes the net, such as "sae 784-3136 l1 0.1".
func (c L1SAE) String() string { return fmt.Sprintf("%s l1 %g", c.sizes(), c.sparsity()) }

func (c L1SAE) sparsity() float64 { return orElse(c.Sparsity, 0.1) }

// orElse is the value that v points to, or the default.
func orElse(v *float64, by float64) float64 {
	if v != nil {
		return *v
	}
	return by
}

// checkWeight returns an error unless the weight of a term is a finite number of at
// least 0.
func checkWeight(field string, v float64) error {
	if !(v >= 0) || math.IsInf(v, 0) {
		return fmt.Errorf("dense: %s is %g, want a finite number of at least 0", field, v)
	}
	return nil
}
