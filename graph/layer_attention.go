package graph

import (
	"math"

	"github.com/stheno-ml/stheno/lower"
)

// Attention is multi-head scaled dot-product attention (Vaswani et al. 2017,
// section 3.2), from queries [N,T,D] to keys and values [N,S,E]: with Q, K and V
// their projections, split into heads of Width features,
//
//	y = concat over heads of softmax(Q Kᵀ / sqrt(Width)) V, projected to [N,T,D]
//
// Its parameters are "q" [D,Heads*Width], "k" and "v" [E,Heads*Width] and "out"
// [Heads*Width,D], with biases "q_bias", ... unless NoBias.
type Attention struct {
	Heads int // at least 1
	Width int // features of a head; 0 means D/Heads, which must be whole
	// Causal lets a step attend only to itself and to the steps before it.
	Causal bool
	// Dropout is the share of the weights that are 0 in training, from 0 to below 1.
	Dropout float64
	NoBias  bool
	Init    Init // start of the projections; nil is GlorotUniform
}

// Apply adds self-attention over a sequence x [N,T,D].
func (l Attention) Apply(b *Builder, x *Node) *Node { return l.ApplyTo(b, x, x, nil) }

// ApplyMask adds self-attention over a sequence x [N,T,D]. It attends only to the
// steps at which the mask [N,T] is not 0. Each sample must have at least one such
// step. LengthMask computes a mask from lengths.
func (l Attention) ApplyMask(b *Builder, x, mask *Node) *Node { return l.ApplyTo(b, x, x, mask) }

// ApplyTo adds attention from the steps of x [N,T,D] to the steps of memory [N,S,E]
// at which the mask [N,S] is not 0, or to all steps if it is nil. The result is
// [N,T,D].
func (l Attention) ApplyTo(b *Builder, x, memory, mask *Node) *Node {
	if x == nil || memory == nil || b.Err() != nil {
		if b.Err() == nil {
			b.Failf("attention: an operand is nil")
		}
		return nil
	}
	s, m := Shape(x.Shape()), Shape(memory.Shape())
	switch {
	case len(s) != 3 || len(m) != 3 || s[0] != m[0]:
		b.Failf("attention: x %v and memory %v: want [N,T,D] and [N,S,E]", s, m)
	case mask != nil && !Shape(mask.Shape()).Equal(m[:2]):
		b.Failf("attention: mask %v for memory %v: want %v", Shape(mask.Shape()), m, m[:2])
	case l.Heads < 1 || l.Width < 0:
		b.Failf("attention: %d heads of width %d: want at least 1, and 0 for D/Heads", l.Heads, l.Width)
	case l.Width == 0 && s[2]%l.Heads != 0:
		b.Failf("attention: %d features do not divide into %d heads: give a Width", s[2], l.Heads)
	case l.Causal && s[1] != m[1]:
		b.Failf("attention: causal from %d steps to %d: want equal numbers", s[1], m[1])
	case !(l.Dropout >= 0 && l.Dropout < 1):
		b.Failf("attention: dropout %g: want a share from 0 to below 1", l.Dropout)
	}
	if b.Err() != nil {
		return nil
	}
	width := l.Width
	if width == 0 {
		width = s[2] / l.Heads
	}
	q := l.heads(b, "q", x, width)
	k, v := l.heads(b, "k", memory, width), l.heads(b, "v", memory, width)
	scores := b.Scale(b.MatMul(q, b.transposeLast(k)), 1/math.Sqrt(float64(width))) // [N,Heads,T,S]
	if mask != nil {
		scores = b.maskScores(scores, b.Reshape(mask, m[0], 1, 1, m[1]))
	}
	if l.Causal {
		scores = b.maskScores(scores, b.causalMask(s[1]))
	}
	weights := b.Softmax(scores, 3)
	if l.Dropout > 0 {
		weights = Dropout{Rate: l.Dropout}.Apply(b.Scope("dropout"), weights)
	}
	y := b.Transpose(b.MatMul(weights, v), 0, 2, 1, 3)
	return b.Layer("Attention", l.project(b, "out", b.Reshape(y, s[0], s[1], l.Heads*width), s[2]))
}

// project is x [N,T,D] times the named weight, plus its bias.
func (l Attention) project(b *Builder, name string, x *Node, features int) *Node {
	init, d := l.Init, x.Shape()[2]
	if init == nil {
		init = GlorotUniform(d, features)
	}
	y := b.MatMul(b.Reshape(x, -1, d), b.Param(name, init, d, features))
	if !l.NoBias {
		y = b.Add(y, b.Param(name+"_bias", Zeros(), features))
	}
	return b.Reshape(y, x.Shape()[0], x.Shape()[1], features)
}

// heads is x projected and split: [N,Heads,T,width].
func (l Attention) heads(b *Builder, name string, x *Node, width int) *Node {
	y := l.project(b, name, x, l.Heads*width)
	return b.Transpose(b.Reshape(y, x.Shape()[0], x.Shape()[1], l.Heads, width), 0, 2, 1, 3)
}

// maskedScore is the score of a masked step: its weight rounds to 0.
const maskedScore = -1e30

// maskScores is scores where the mask is not 0, and maskedScore elsewhere.
func (b *Builder) maskScores(scores, mask *Node) *Node {
	return b.Map(lower.Where(a1(), a0(), lower.Num(maskedScore)), scores, mask)
}

// causalMask is [T,T]: 1 on and below the diagonal, else 0.
func (b *Builder) causalMask(steps int) *Node {
	x := make([]float64, steps*steps)
	for i := range steps {
		for j := range i + 1 {
			x[i*steps+j] = 1
		}
	}
	return b.Constant(x, steps, steps)
}
