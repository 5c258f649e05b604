package graph

import "cmp"

// TransformerBlock is attention, followed by two dense layers applied to each step.
// Each of the two parts reads a layer norm of its input and adds its result to that
// input (Xiong et al. 2020, "pre-LN"):
//
//	x <- x + Attention(LayerNorm(x))
//	x <- x + Dense(D)(act(Dense(Hidden)(LayerNorm(x))))
type TransformerBlock struct {
	Heads      int
	Hidden     int        // units of the first dense layer; 0 means 4*D
	Activation Activation // "" means "gelu"
	Causal     bool       // a step attends only to itself and to the steps before it
	Dropout    float64    // of the result of each part, from 0 to below 1
	NoBias     bool       // leaves the biases out of the attention; the one of the keys never changes its result
}

// Apply adds the block over a sequence x [N,T,D].
func (l TransformerBlock) Apply(b *Builder, x *Node) *Node { return l.ApplyMask(b, x, nil) }

// ApplyMask adds the block over a sequence x [N,T,D]. It attends only to the steps at
// which the mask [N,T] is not 0, or to all steps if it is nil.
func (l TransformerBlock) ApplyMask(b *Builder, x, mask *Node) *Node {
	_, features, ok := b.sequenceOf("transformer block", x)
	if !ok {
		return nil
	}
	attention := Attention{Heads: l.Heads, Causal: l.Causal, NoBias: l.NoBias}
	h := LayerNorm{}.Apply(b.Scope("norm1"), x)
	x = b.Add(x, l.dropout(b.Scope("drop1"), attention.ApplyTo(b.Scope("attention"), h, h, mask)))
	h = LayerNorm{}.Apply(b.Scope("norm2"), x)
	h = Dense{Units: cmp.Or(l.Hidden, 4*features), Activation: cmp.Or(l.Activation, "gelu")}.Apply(b.Scope("dense1"), h)
	h = Dense{Units: features}.Apply(b.Scope("dense2"), h)
	return b.Layer("TransformerBlock", b.Add(x, l.dropout(b.Scope("drop2"), h)))
}

func (l TransformerBlock) dropout(b *Builder, x *Node) *Node {
	if l.Dropout == 0 {
		return x
	}
	return Dropout{Rate: l.Dropout}.Apply(b, x)
}
