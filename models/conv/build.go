package conv

import (
	"fmt"
	"strings"

	"github.com/stheno-ml/stheno/graph"
)

// Build adds the autoencoder to the graph, for batches of the given size, with one
// task. The input is "x" [batch, Channels, rows, columns], or [batch, Channels, Steps].
// The outputs are "recon" of the same shape, in the data's own range, "code" and, in
// evaluation, "score" [batch]. The loss is a mean over the values of a sample and over
// the batch. If a setting is invalid, the net is empty and the builder has the error.
func (c Config) Build(b *graph.Builder, batch int) graph.Net {
	if !c.valid(b) {
		return graph.Net{}
	}
	c = c.withDefaults()
	x := b.Input(graph.InputX, c.shape(batch)...)
	read, _ := c.Noise.Apply(b.Scope("noise"), x)
	code := c.Encode(b, read)
	y := c.Decode(b, code)
	return c.Loss.Net(b, x, code, y)
}

// Encode adds the encoder. It maps images x [N, Channels, rows, columns] to the code
// [N, last of Encoder, rows/f, columns/f], rounded up, where f is Factor^(n-1) for n
// convolutions, or Factor^n with ShrinkLast; and series x [N, Channels, Steps] to
// [N, last of Encoder, Steps/f]. A dense code is [N, Code].
func (c Config) Encode(b *graph.Builder, x *graph.Node) *graph.Node {
	if !c.valid(b) {
		return nil
	}
	c = c.withDefaults()
	if !checkShape(b.Scope("encoder"), x, c.shape(0)) {
		return nil
	}
	return c.encode(b.Scope("encoder"), x)
}

// encode is Encode of images or series with any number of channels.
func (c Config) encode(b *graph.Builder, x *graph.Node) *graph.Node {
	if c.Steps > 0 {
		x = b.Reshape(x, x.Shape()[0], x.Shape()[1], 1, c.Steps)
	}
	for i, channels := range c.Encoder {
		last := i == len(c.Encoder)-1
		l := hidden{graph.Pair{1}, c.Activation, c.Norm, c.Separable && i > 0}
		if c.shrinks(i) && c.Down == Stride {
			l.stride = c.Factor
		}
		if last && c.Code == 0 {
			l.act, l.norm = c.CodeActivation, ""
		}
		x = c.conv(b.Scope(fmt.Sprintf("conv%d", i+1)), x, channels, l)
		if !last {
			x = c.blocks(b, i, x)
		}
		if c.shrinks(i) && c.Down != Stride {
			x = c.pool(b.Scope(fmt.Sprintf("pool%d", i+1)), x)
		}
	}
	switch {
	case c.Code > 0:
		return c.dense(c.Code, c.CodeActivation).Apply(b.Scope("code"), b.Flatten(x))
	case c.Steps > 0 && x != nil:
		return b.Reshape(x, x.Shape()[0], x.Shape()[1], x.Shape()[3])
	}
	return x
}

// Decode adds the decoder. It maps the code z to [N, Channels, rows, columns], or
// [N, Channels, Steps]. With BCE these are logits; Recon converts them to the
// reconstruction.
func (c Config) Decode(b *graph.Builder, z *graph.Node) *graph.Node {
	if !c.valid(b) {
		return nil
	}
	c = c.withDefaults()
	if !checkShape(b.Scope("decoder"), z, c.codeShape(0)) {
		return nil
	}
	whole, n := b, z.Shape()[0]
	b = b.Scope("decoder")
	if c.Code > 0 {
		z = c.undoCode(whole, z)
	} else if c.Steps > 0 {
		z = b.Reshape(z, n, c.codeChannels(), 1, c.size(c.deepest())[1])
	}
	var y *graph.Node
	if c.Tied {
		y = c.decodeTied(whole, z)
	} else {
		y = c.decode(b, z)
	}
	if c.Steps > 0 {
		y = b.Reshape(y, c.shape(n)...)
	}
	return y
}

// decode maps images of the code's size [N, last of Encoder, ...] to
// [N, Channels, rows, columns].
func (c Config) decode(b *graph.Builder, z *graph.Node) *graph.Node {
	at := c.deepest()
	l := hidden{graph.Pair{1}, c.Activation, c.Norm, c.Separable}
	for i, channels := range c.Decoder {
		grows := i > 0 || c.Up == Transpose && c.ShrinkLast
		if grows {
			at--
		}
		scope := b.Scope(c.decoderName(i))
		if grows && c.Up == Transpose {
			z = c.convTranspose(scope, z, channels, c.size(at))
		} else {
			if grows {
				z = c.grow(b, i, z, c.size(at))
			}
			z = c.conv(scope, z, channels, l)
		}
		z = c.blocks(b, i, z)
	}
	if at > 0 {
		z = c.grow(b, len(c.Decoder), z, c.size(0))
	}
	return c.conv(b.Scope(c.decoderName(len(c.Decoder))), z, c.Channels, hidden{stride: graph.Pair{1}, act: "linear", separable: c.Separable})
}

// decoderName names the decoder's layer i.
func (c Config) decoderName(i int) string {
	switch last := i == len(c.Encoder); {
	case c.Up != Transpose:
		return fmt.Sprintf("conv%d", i+1)
	case c.ShrinkLast && last, !c.ShrinkLast && i == 0:
		return "conv1"
	case last:
		return "conv2"
	case c.ShrinkLast:
		return fmt.Sprintf("up%d", i+1)
	}
	return fmt.Sprintf("up%d", i)
}

// Recon converts the result of Decode to the reconstruction, in the data's own range.
func (c Config) Recon(b *graph.Builder, y *graph.Node) *graph.Node {
	return c.Loss.Recon(b, y)
}

// shape is the shape of n samples.
func (c Config) shape(n int) graph.Shape {
	if c.Steps > 0 {
		return graph.Shape{n, c.Channels, c.Steps}
	}
	return graph.Shape{n, c.Channels, c.Size[0], c.Size[1]}
}

// codeShape is the shape of n codes.
func (c Config) codeShape(n int) graph.Shape {
	s := c.size(c.deepest())
	switch {
	case c.Code > 0:
		return graph.Shape{n, c.Code}
	case c.Steps > 0:
		return graph.Shape{n, c.codeChannels(), s[1]}
	}
	return graph.Shape{n, c.codeChannels(), s[0], s[1]}
}

// checkShape reports whether x has the shape want, with any number of samples. If not,
// the builder gets an error.
func checkShape(b *graph.Builder, x *graph.Node, want graph.Shape) bool {
	if b.Err() != nil {
		return false
	}
	have := "nil"
	if x != nil {
		s := graph.Shape(x.Shape())
		if len(s) == len(want) && s[1:].Equal(want[1:]) {
			return true
		}
		have = s.String()
	}
	what := map[int]string{2: "codes", 3: "series", 4: "images"}[len(want)]
	rest := strings.ReplaceAll(strings.Trim(want[1:].String(), "[]"), " ", ", ")
	b.Failf("conv: want %s [N, %s], have %s", what, rest, have)
	return false
}
