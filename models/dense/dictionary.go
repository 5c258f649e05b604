package dense

import (
	"cmp"
	"fmt"
	"math"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
)

// Dictionary is what the sparse autoencoders of this package share: a decoder whose
// rows are directions of the input, each of norm 1, and an encoder of one layer. With
// the input x [N, Input], the code z [N, Units] and the pre-bias b,
//
//	p = (x - b) W + c,  z = sparse(p) >= 0,  recon = z V + b
//
// for W [Input, Units] and c [Units], the parameters "encoder/w" and "encoder/b", and b
// [Input], "decoder/b". Row i of V [Units, Input] is the row of "decoder/w" divided by
// its norm. W starts at the transpose of V, which starts at directions drawn uniformly
// (Gao et al. 2024, section A.1). The kinds differ in what sparse does and in what their
// loss adds to the squared error.
//
// The pre-bias learns from the decoder only. What it would get through the encoder is -W
// times the gradient of c, which is 0 wherever c is at rest, and costs a product as large
// as the encoder's.
//
// A Dictionary by itself is no model: L1SAE, TopKSAE, BatchTopKSAE, JumpReLUSAE,
// GatedSAE and MatryoshkaSAE are.
type Dictionary struct {
	// Input is the number of values of a sample; 0 means 784.
	Input int `json:"input,omitzero"`
	// Units is the number of rows of the dictionary, which is usually several times
	// Input; 0 means 4 times Input.
	Units int `json:"units,omitzero"`
}

func (c Dictionary) dictionaryDefaults() Dictionary {
	c.Input = cmp.Or(c.Input, 784)
	c.Units = cmp.Or(c.Units, 4*c.Input)
	return c
}

// Validate returns an error that names the first field out of range.
func (c Dictionary) Validate() error {
	c = c.dictionaryDefaults()
	switch {
	case c.Input < 1:
		return fmt.Errorf("dense: Input is %d, want at least 1", c.Input)
	case c.Units < 1:
		return fmt.Errorf("dense: Units is %d, want at least 1", c.Units)
	}
	return nil
}

// Decode adds the decoder. It maps the code z [N, Units] to the reconstruction
// [N, Input].
func (c Dictionary) Decode(b *graph.Builder, z *graph.Node) *graph.Node {
	if !validOrFail(b, c) {
		return nil
	}
	c = c.dictionaryDefaults()
	if !checkWidth(b, "decoder", z, c.Units) {
		return nil
	}
	dec := b.Scope("decoder")
	return dec.Layer("Dictionary", dec.Add(dec.MatMul(z, c.Directions(b)), c.preBias(b)))
}

// decodeChosen is Decode of the codes that have values [N, K] at the numbers of units
// [N, K], and 0 elsewhere. c has its defaults.
func (c Dictionary) decodeChosen(b *graph.Builder, values, units *graph.Node) *graph.Node {
	rows := c.Directions(b)
	if b.Err() != nil {
		return nil
	}
	dec := b.Scope("decoder")
	n, k := values.Shape()[0], values.Shape()[1]
	y := dec.MatMul(dec.Reshape(values, n, 1, k), dec.Gather(rows, units, 0))
	return dec.Layer("Dictionary", dec.Add(dec.Reshape(y, n, c.Input), c.preBias(b)))
}

// Recon returns the reconstruction of the decoder's output y, which is y itself.
func (c Dictionary) Recon(_ *graph.Builder, y *graph.Node) *graph.Node { return y }

// Directions adds the rows of the dictionary, each of norm 1: [Units, Input].
func (c Dictionary) Directions(b *graph.Builder) *graph.Node {
	if !validOrFail(b, c) {
		return nil
	}
	c = c.dictionaryDefaults()
	dec := b.Scope("decoder")
	w := dec.Param("w", directions, c.Units, c.Input)
	unit := lower.Arg(0).Div(lower.Max(lower.Sqrt(lower.Arg(1)), lower.Num(1e-12)))
	return dec.Map(unit, w, dec.SumKeep(dec.Square(w), 1))
}

// preBias is b [Input].
func (c Dictionary) preBias(b *graph.Builder) *graph.Node {
	return b.Scope("decoder").Param("b", nil, c.Input)
}

// project is (x - b) W [N, Units]. c has its defaults. No gradient flows to b here: see
// Dictionary.
func (c Dictionary) project(b *graph.Builder, x *graph.Node) *graph.Node {
	if !checkWidth(b, "encoder", x, c.Input) {
		return nil
	}
	enc := b.Scope("encoder")
	w := enc.Param("w", transposed(directions, b.Scope("decoder").Path()+"/w"), c.Input, c.Units)
	return enc.MatMul(enc.Sub(x, enc.StopGradient(c.preBias(b))), w)
}

// activations is p [N, Units]. c has its defaults.
func (c Dictionary) activations(b *graph.Builder, x *graph.Node) *graph.Node {
	p := c.project(b, x)
	enc := b.Scope("encoder")
	return enc.Add(p, enc.Param("b", nil, c.Units))
}

// relu is max(x, 0).
func relu(b *graph.Builder, x *graph.Node) *graph.Node { return b.Activate("relu", x) }

// directions draws each row uniformly from the unit sphere.
func directions(d graph.Draw, shape graph.Shape, w []float64) error {
	if err := graph.Normal(0, 1)(d, shape, w); err != nil {
		return err
	}
	for i := 0; i < len(w); i += shape[1] {
		row, sum := w[i:i+shape[1]], 0.0
		for _, v := range row {
			sum += v * v
		}
		for j := range row {
			row[j] = float64(float32(row[j] / math.Sqrt(sum)))
		}
	}
	return nil
}

// transposed starts at the transpose of what another parameter starts at.
func transposed(init graph.Init, other string) graph.Init {
	return func(d graph.Draw, shape graph.Shape, w []float64) error {
		rows, cols := shape[1], shape[0]
		t := make([]float64, len(w))
		if err := init(graph.Draw{Seed: d.Seed, Name: other}, graph.Shape{rows, cols}, t); err != nil {
			return err
		}
		for i := range rows {
			for j := range cols {
				w[j*rows+i] = t[i*cols+j]
			}
		}
		return nil
	}
}

// validOrFail reports whether the settings are valid. If not, the builder gets the error.
func validOrFail(b *graph.Builder, c interface{ Validate() error }) bool {
	if b.Err() == nil {
		if err := c.Validate(); err != nil {
			b.Failf("%w", err)
		}
	}
	return b.Err() == nil
}
