package seq

import (
	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/lower"
)

// Decode adds the decoder. It maps the code z [N, Code] to [N, Steps, Features], or to
// logits [N, Steps, Vocabulary]; Recon converts these to the reconstruction. With
// TeacherForcing, each step reads what Recon makes of the step before. Tokens after End
// are then End.
func (c Config) Decode(b *graph.Builder, z *graph.Node) *graph.Node {
	if !c.valid(b) {
		return nil
	}
	c = c.withDefaults()
	if !checkShape(b.Scope("decoder"), z, c.Code) {
		return nil
	}
	if !c.TeacherForcing {
		return c.layers(b, z)
	}
	n := z.Shape()[0]
	prev, states, ys := c.first(b, n), [][]*graph.Node(nil), []*graph.Node{}
	for range c.Steps {
		var y *graph.Node
		y, states = c.step(b, z, prev, states)
		if y == nil || b.Err() != nil {
			return nil
		}
		if c.Vocabulary != 0 && len(ys) > 0 {
			y = stay(b, y, prev)
		}
		ys = append(ys, b.Reshape(y, n, 1, c.outputs()))
		prev = c.Recon(b, y)
	}
	return b.Concat(1, ys...)
}

// DecodeAfter is Decode, but with TeacherForcing each step reads the step before in x,
// as the loss does. x has the shape of Build's input. Without TeacherForcing it is
// Decode.
func (c Config) DecodeAfter(b *graph.Builder, z, x *graph.Node) *graph.Node {
	if !c.valid(b) {
		return nil
	}
	c = c.withDefaults()
	if !c.TeacherForcing {
		return c.Decode(b, z)
	}
	dec := b.Scope("decoder")
	if !checkShape(dec, z, c.Code) || !checkShape(dec, x, c.sample()...) {
		return nil
	}
	n := x.Shape()[0]
	first := c.first(b, n)
	prev := b.Reshape(first, append([]int{n, 1}, first.Shape()[1:]...)...)
	if c.Steps > 1 {
		prev = b.Concat(1, prev, b.Slice(x, 1, 0, c.Steps-1))
	}
	prev = c.embed(b, c.hide(dec, prev))
	return c.layers(b, b.Concat(2, prev, b.RepeatVector(z, c.Steps)))
}

// first is what the decoder reads before the first step of n sequences: End, or zeros.
func (c Config) first(b *graph.Builder, n int) *graph.Node {
	return b.BroadcastTo(b.Number(End), append([]int{n}, c.sample()[1:]...)...)
}

// hide hides steps from the decoder in training; see WordDropout.
func (c Config) hide(b *graph.Builder, x *graph.Node) *graph.Node {
	if c.WordDropout == 0 || !b.Training || x == nil || b.Err() != nil {
		return x
	}
	shape := append([]int{x.Shape()[0], c.Steps}, []int{1}[:x.Dims()-2]...)
	hidden := b.Less(b.Uniform("hidden", shape...), b.Number(c.WordDropout))
	with := 0.0
	if c.Vocabulary != 0 {
		with = Unknown
	}
	return b.Where(hidden, b.Number(with), x)
}

// layers adds the decoder's layers over all steps of x [N,Steps,D], or over x [N,D]
// that is the same at every step.
func (c Config) layers(b *graph.Builder, x *graph.Node) *graph.Node {
	dec := b.Scope("decoder")
	for i := range c.Hidden {
		layer := graph.Recurrent{Units: c.Hidden[len(c.Hidden)-1-i], ReturnSequences: true}
		if x != nil && x.Dims() == 2 {
			layer.Steps = c.Steps
		}
		x = c.Cell.layer(layer).Apply(c.Cell.scope(dec, i), x)
		if i < len(c.Hidden)-1 {
			x = c.dropout(c.Cell.scope(dec, i), x)
		}
	}
	return graph.Dense{Units: c.outputs()}.Apply(dec.Scope("out"), x)
}

// step adds one step of the decoder, given the code z and the step before, [N] tokens
// or [N, Features] values. states has the states of each layer, or is nil before the
// first step. It returns the outputs y [N, Features or Vocabulary] and the next states.
func (c Config) step(b *graph.Builder, z, prev *graph.Node, states [][]*graph.Node) (y *graph.Node, next [][]*graph.Node) {
	dec := b.Scope("decoder")
	x := b.Concat(1, c.embed(b, prev), z)
	for i := range c.Hidden {
		var state []*graph.Node
		if states != nil {
			state = states[i]
		}
		x, state = c.Cell.step(c.Cell.scope(dec, i), c.Hidden[len(c.Hidden)-1-i], x, state)
		next = append(next, state)
	}
	return graph.Dense{Units: c.outputs()}.Apply(dec.Scope("out"), x), next
}

// stay is the logits y [N, Vocabulary], but where the token before is End only End has
// a chance.
func stay(b *graph.Builder, y, prev *graph.Node) *graph.Node {
	const never = -1e4
	n, tokens := y.Shape()[0], y.Shape()[1]
	token, before := lower.Arg(1), lower.Arg(2)
	// Tokens are whole numbers, so a half separates End from the others.
	e := lower.Where(before.Less(lower.Num(End+0.5)), lower.Where(token.Less(lower.Num(End+0.5)), lower.Num(0), lower.Num(never)), lower.Arg(0))
	return b.Map(e, y, b.Reshape(b.Iota(tokens), 1, tokens), b.Reshape(prev, n, 1))
}

// Recon converts the result of Decode to the reconstruction, in the data's own range:
// values, or the most probable token of each step.
func (c Config) Recon(b *graph.Builder, y *graph.Node) *graph.Node {
	if y == nil || b.Err() != nil {
		return nil
	}
	if c.Vocabulary != 0 {
		return b.Scope("recon").ArgMax(y, y.Dims()-1)
	}
	return c.Loss.Recon(b, y)
}
