package graph

import "cmp"

// TransformerBlock is attention and a network of two dense layers over each step,
// each after a layer norm and added to its input (Xiong et al. 2020, "pre-LN"):
//
//	x <- x + Attention(LayerNorm(x))
//	x <- x + Dense(D)(act(Dense(Hidden)(LayerNorm(x))))
type TransformerBlock struct {
	Heads      int
	Hidden     int        // units of the first dense layer; 0 means 4*D
	Activation Activation // "" means "gelu"
	Causal     bool       // a step attends to itself and to steps before it alone
	Dropout    float64    // of both additions, from 0 to below 1
}

// Apply adds the block over a sequence x [N,T,D].
func (l TransformerBlock) Apply(b *Builder, x *Node) *Node { return l.ApplyMask(b, x, nil) }

// ApplyMask adds the block over a sequence x [N,T,D] of which only the steps count
// at which the mask [N,T] is not 0, or all of them if it is nil.
func (l TransformerBlock) ApplyMask(b *Builder, x, mask *Node) *Node {
	_, features, ok := b.sequenceOf("transformer block", x)
	if !ok {
		return nil
	}
	attention := Attention{Heads: l.Heads, Causal: l.Causal}
	h := LayerNorm{}.Apply(b.Scope("norm1"), x)
	x = b.Add(x, l.drop(b.Scope("drop1"), attention.ApplyTo(b.Scope("attention"), h, h, mask)))
	h = LayerNorm{}.Apply(b.Scope("norm2"), x)
	h = Dense{Units: cmp.Or(l.Hidden, 4*features), Activation: cmp.Or(l.Activation, "gelu")}.Apply(b.Scope("dense1"), h)
	h = Dense{Units: features}.Apply(b.Scope("dense2"), h)
	return b.Layer("TransformerBlock", b.Add(x, l.drop(b.Scope("drop2"), h)))
}

func (l TransformerBlock) drop(b *Builder, x *Node) *Node {
	if l.Dropout == 0 {
		return x
	}
	return Dropout{Rate: l.Dropout}.Apply(b, x)
}
