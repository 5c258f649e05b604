package dense

import (
	"fmt"
	"slices"

	"github.com/stheno-ml/stheno/graph"
)

// MatryoshkaSAE is the sparse autoencoder whose first units are a dictionary of their own
// (Bussmann et al. 2025, eq. 5). Codes are those of BatchTopKSAE. The loss is the sum of
// the squared errors of the reconstructions from nested prefixes of the code,
//
//	sum over m in Prefixes of |x - z[:m] V[:m] - b|^2
//
// a mean over the batch, and in training the auxiliary loss of Revival. General
// directions so come first, and are not split when the dictionary grows.
type MatryoshkaSAE struct {
	Dictionary
	Revival
	// K is the mean number of elements of a code that can be above 0; 0 means 32, or all
	// Units if there are fewer.
	K int `json:"k,omitzero"`
	// Prefixes are the sizes of the dictionaries, ascending, of which the last is Units;
	// nil means Units/16, Units/8, Units/4, Units/2 and Units, without those below 1.
	Prefixes []int `json:"prefixes,omitzero"`
}

// Validate returns an error that names the first field out of range.
func (c MatryoshkaSAE) Validate() error {
	if err := checkTopK(c.Dictionary, c.Revival, c.k()); err != nil {
		return err
	}
	before, units := 0, c.dictionaryDefaults().Units
	for i, m := range c.prefixes() {
		if m <= before || m > units {
			return fmt.Errorf("dense: Prefixes[%d] is %d, want ascending sizes from 1 to the %d units", i, m, units)
		}
		before = m
	}
	if before != units {
		return fmt.Errorf("dense: Prefixes is %v, want the %d units last", c.prefixes(), units)
	}
	return nil
}

// Build adds the autoencoder to the graph as BatchTopKSAE's Build does. "recon" and the
// score are those of the whole code.
func (c MatryoshkaSAE) Build(b *graph.Builder, batch int) graph.Net {
	if !validOrFail(b, c) {
		return graph.Net{}
	}
	d := c.dictionaryDefaults()
	x := b.Input(graph.InputX, batch, d.Input)
	p := d.activations(b, x)
	code := batchTopK{c.k()}.trained(b, p)
	recons := c.Nested(b, code)
	if b.Err() != nil {
		return graph.Net{}
	}
	last := len(recons) - 1
	net := sparseNet{x: x, code: code, recon: recons[last]}
	for _, y := range recons[:last] {
		net.terms = append(net.terms, b.SquaredErrorPerSample(y, x))
	}
	c.Revival.add(b, d, &net, p)
	return net.net(b)
}

// Nested adds the reconstructions [N, Input] of the code z [N, Units] from each of the
// prefixes. Each adds the units beyond the prefix before it, so that all together cost
// as much as the last alone.
func (c MatryoshkaSAE) Nested(b *graph.Builder, z *graph.Node) (recons []*graph.Node) {
	if !validOrFail(b, c) || !checkWidth(b, "decoder", z, c.dictionaryDefaults().Units) {
		return nil
	}
	rows, y, from := c.Directions(b), c.dictionaryDefaults().preBias(b), 0
	dec := b.Scope("decoder")
	for _, to := range c.prefixes() {
		y = dec.Add(dec.MatMul(dec.Slice(z, 1, from, to), dec.Slice(rows, 0, from, to)), y)
		recons, from = append(recons, y), to
	}
	dec.Layer("Dictionary", y)
	return recons
}

// Encode adds the encoder, as BatchTopKSAE's Encode does.
func (c MatryoshkaSAE) Encode(b *graph.Builder, x *graph.Node) *graph.Node {
	if !validOrFail(b, c) {
		return nil
	}
	code, _ := batchTopK{c.k()}.keep(b, c.dictionaryDefaults().activations(b, x))
	return code
}

// Summary returns a table of the layers, or the error of Validate.
func (c MatryoshkaSAE) Summary() (string, error) { return c.summary(c.String(), c.Build) }

// String describes the net, such as "sae 784-3136 matryoshka 32 of 196-392-784-1568-3136".
func (c MatryoshkaSAE) String() string {
	s := ""
	for i, m := range c.prefixes() {
		if i > 0 {
			s += "-"
		}
		s += fmt.Sprint(m)
	}
	return fmt.Sprintf("%s matryoshka %d of %s", c.sizes(), c.k(), s)
}

func (c MatryoshkaSAE) k() int { return defaultK(c.K, c.Dictionary) }

func (c MatryoshkaSAE) prefixes() []int {
	if c.Prefixes != nil {
		return c.Prefixes
	}
	var sizes []int
	for units := c.dictionaryDefaults().Units; units > 0 && len(sizes) < 5; units /= 2 {
		sizes = append(sizes, units)
	}
	slices.Reverse(sizes)
	return sizes
}
