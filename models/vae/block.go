package vae

import (
	"cmp"

	"github.com/stheno-ml/stheno/graph"
)

// Block is a part of the columns of a table with a likelihood of its own.
type Block struct {
	// Likelihood is that of each column; "" means "gaussian". "multinomial" makes the
	// block the one-hot columns of one category.
	Likelihood Likelihood `json:"likelihood,omitzero"`
	// Size is the number of columns; 0 means 1.
	Size int `json:"size,omitzero"`
}

// part is the model of some columns of a sample, or of all its values.
type part struct {
	Config      // with one likelihood and no blocks
	block  bool // the columns of a block, not all values
	x, y   int  // the first column of x, and of the decoder's parameters
}

// parts are the blocks, or one part that has all values.
func (c Config) parts() []part {
	if len(c.Blocks) == 0 {
		return []part{{Config: c}}
	}
	var parts []part
	x, y := 0, 0
	for _, k := range c.Blocks {
		p := part{Config: c, block: true, x: x, y: y}
		p.Likelihood, p.Blocks, p.Input = k.Likelihood, nil, k.Size
		parts = append(parts, p)
		x, y = x+k.Size, y+k.Size*p.density().params(p.Config)
	}
	return parts
}

func (p part) density() density { return densities[p.Likelihood] }

// decoded is the shape of Decode's result for one sample: that of the sample itself
// if a value has one parameter, else with an axis of parameters before it. Blocks have
// theirs one after the other.
func (c Config) decoded() graph.Shape {
	if len(c.Blocks) > 0 {
		parts := c.parts()
		last := parts[len(parts)-1]
		return graph.Shape{last.y + last.decoded().Size()}
	}
	if n := densities[c.Likelihood].params(c); n > 1 {
		return append(graph.Shape{n}, c.sampleShape()...)
	}
	return c.sampleShape()
}

// computed is the shape of what the decoder's last layer computes for one sample: what
// Decode returns, but for a parameter that all values share.
func (c Config) computed() graph.Shape {
	if len(c.Blocks) == 0 && c.Likelihood == GaussianShared {
		return c.sampleShape()
	}
	return c.decoded()
}

// values are the part's columns of x [N, ...].
func (p part) values(b *graph.Builder, x *graph.Node) *graph.Node {
	if !p.block {
		return x
	}
	return b.Slice(x, 1, p.x, p.x+p.Input)
}

// parameters are the part's share of the decoder's result y [N, ...].
func (p part) parameters(b *graph.Builder, y *graph.Node) *graph.Node {
	if !p.block {
		return y
	}
	shape := p.decoded()
	return b.Reshape(b.Slice(y, 1, p.y, p.y+shape.Size()), append([]int{-1}, shape...)...)
}

// join concatenates columns.
func join(b *graph.Builder, parts []*graph.Node) *graph.Node {
	if len(parts) == 1 {
		return parts[0]
	}
	return b.Concat(1, parts...)
}

// withDefaults replaces zero settings by their defaults.
func (k Block) withDefaults() Block {
	return Block{cmp.Or(k.Likelihood, Gaussian), cmp.Or(k.Size, 1)}
}
