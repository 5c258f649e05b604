package dense

import (
	"fmt"

	"github.com/stheno-ml/stheno/graph"
)

// Build adds the autoencoder to the graph, for batches of the given size, with one
// task. The input is "x" [batch, Input]. The outputs are "recon" of the same shape,
// in the data's own range, "code" [batch, last of Hidden] and, in evaluation, "score"
// [batch], the loss of each sample without penalties.
//
// The task has the name of the loss. With a penalty it is named "objective" instead,
// and is the sum of the loss and of the weighted penalties, which are metrics. If a
// setting is invalid, the net is empty and the builder has the error.
func (c Config) Build(b *graph.Builder, batch int) graph.Net {
	if !c.valid(b) {
		return graph.Net{}
	}
	c = c.withDefaults()
	x := b.Input(graph.InputX, batch, c.Input)
	read, corrupted := c.Noise.Apply(b.Scope("noise"), x)
	code, path := c.encode(b, read, 0, len(c.Hidden), true)
	y := c.decode(b, code, 0, true)
	net := c.Loss.Net(b, x, code, y)
	net = c.Emphasis.emphasise(b, net, c.Loss, y, x, corrupted)
	return objective(b, net, "objective", append(c.Sparsity.penalties(b, code), c.Contraction.penalties(b, path)...))
}

// Encode adds the encoder. It maps x [N, Input] to the code [N, last of Hidden].
func (c Config) Encode(b *graph.Builder, x *graph.Node) *graph.Node {
	if !c.valid(b) {
		return nil
	}
	c = c.withDefaults()
	if !checkWidth(b, "encoder", x, c.Input) {
		return nil
	}
	code, _ := c.encode(b, x, 0, len(c.Hidden), true)
	return code
}

// Decode adds the decoder. It maps the code z [N, last of Hidden] to [N, Input]. With
// BCE these are logits; Recon converts them to the reconstruction.
func (c Config) Decode(b *graph.Builder, z *graph.Node) *graph.Node {
	if !c.valid(b) {
		return nil
	}
	c = c.withDefaults()
	if !checkWidth(b, "decoder", z, c.code()) {
		return nil
	}
	return c.decode(b, z, 0, true)
}

// Recon converts the result of Decode to the reconstruction, in the data's own range.
func (c Config) Recon(b *graph.Builder, y *graph.Node) *graph.Node {
	return c.Loss.Recon(b, y)
}

// Summary returns a table of the layers, with their output shapes and numbers of
// weights, or the error of Validate.
func (c Config) Summary() (string, error) {
	return graph.SummaryOf("dense autoencoder "+c.String(), c.Build)
}

// valid reports whether the settings are valid. If not, the builder gets the error.
func (c Config) valid(b *graph.Builder) bool {
	if err := c.Validate(); err != nil {
		b.Failf("%w", err)
	}
	return b.Err() == nil
}

// checkWidth reports whether x is [N, width]. If not, the builder gets an error.
func checkWidth(b *graph.Builder, part string, x *graph.Node, width int) bool {
	if b.Err() == nil && (x == nil || x.Dims() != 2 || x.Shape()[1] != width) {
		b.Scope(part).Failf("dense: want [N, %d], have %v", width, shapeOf(x))
	}
	return b.Err() == nil
}

func shapeOf(x *graph.Node) any {
	if x == nil {
		return "nil"
	}
	return graph.Shape(x.Shape())
}

// encode applies the encoder's layers from to to-1. It returns their result, and what
// their Jacobian depends on. Unless drop is set, no units are dropped.
func (c Config) encode(b *graph.Builder, x *graph.Node, from, to int, drop bool) (*graph.Node, []linearised) {
	var path []linearised
	for i := from; i < to; i++ {
		scope, last := c.encoderScope(b, i), i == len(c.Hidden)-1
		layer := c.encoder(i)
		layer.NoBias = c.BatchNorm && !last
		l := linearised{w: layer.Weight(scope, c.width(i)), activation: c.activation(i)}
		l.sum = c.normalise(scope, layer.Apply(scope, x), last)
		x = scope.Activate(l.activation, l.sum)
		if last {
			if x = c.Sparsity.keep(scope, x); c.Sparsity.K > 0 {
				l.kept = x
			}
		} else if drop {
			x = scope.Dropout(x, c.Dropout)
		}
		path = append(path, l)
	}
	return x, path
}

// decode applies the decoder's layers from the given one on.
func (c Config) decode(b *graph.Builder, z *graph.Node, from int, drop bool) *graph.Node {
	for j := from; j < len(c.decoder()); j++ {
		z = c.decodeLayer(b, z, j, drop)
	}
	return z
}

// decodeLayer applies layer j of the decoder.
func (c Config) decodeLayer(b *graph.Builder, z *graph.Node, j int, drop bool) *graph.Node {
	scope := decoderScope(b, j)
	if j == len(c.decoder())-1 {
		return scope.Activate(c.OutputActivation, c.decodeSum(b, z, j))
	}
	z = scope.Activate(c.Activation, c.normalise(scope, c.decodeSum(b, z, j), false))
	if drop {
		z = scope.Dropout(z, c.Dropout)
	}
	return z
}

// decodeSum is layer j of the decoder without its activation.
func (c Config) decodeSum(b *graph.Builder, z *graph.Node, j int) *graph.Node {
	scope, noBias := decoderScope(b, j), c.BatchNorm && j < len(c.decoder())-1
	if c.Tied {
		i := len(c.Hidden) - 1 - j
		w := c.encoder(i).Weight(c.encoderScope(b, i), c.width(i))
		return graph.DenseTied{Of: w, NoBias: noBias}.Apply(scope, z)
	}
	return graph.Dense{Units: c.decoder()[j], NoBias: noBias, Init: c.Init}.Apply(scope, z)
}

// normalise applies batch norm to a hidden layer.
func (c Config) normalise(b *graph.Builder, x *graph.Node, last bool) *graph.Node {
	if !c.BatchNorm || last {
		return x
	}
	return graph.BatchNorm{}.Apply(b.Scope("norm"), x)
}

// encoder is layer i of the encoder, without its activation.
func (c Config) encoder(i int) graph.Dense { return graph.Dense{Units: c.Hidden[i], Init: c.Init} }

// activation is that of the encoder's layer i.
func (c Config) activation(i int) graph.Activation {
	if i == len(c.Hidden)-1 {
		return c.CodeActivation
	}
	return c.Activation
}

func (c Config) encoderScope(b *graph.Builder, i int) *graph.Builder {
	return b.Scope("encoder").Scope(fmt.Sprintf("fc%d", i+1))
}

func decoderScope(b *graph.Builder, j int) *graph.Builder {
	return b.Scope("decoder").Scope(fmt.Sprintf("fc%d", j+1))
}

// width is the number of inputs of the encoder's layer i.
func (c Config) width(i int) int {
	if i == 0 {
		return c.Input
	}
	return c.Hidden[i-1]
}
