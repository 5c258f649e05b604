package graph

// Dense is a fully connected layer, y = act(x w + b), over the last axis of
// x [N, D] or [..., D], giving [N, Units] or [..., Units]. Its parameters are
// "w" [D, Units] and "b" [Units], which starts at 0.
type Dense struct {
	Units      int
	NoBias     bool
	Init       Init       // start of "w"; nil is GlorotUniform of D and Units
	Activation Activation // "" is none
}

// Apply adds the layer to the graph.
func (d Dense) Apply(b *Builder, x *Node) *Node {
	if x == nil || b.Err() != nil {
		return nil
	}
	if x.Dims() < 2 {
		b.Failf("dense: want x [N, D] or [..., D], have %v", Shape(x.Shape()))
		return nil
	}
	w := d.Weight(b, x.Shape()[x.Dims()-1])
	return b.Layer("Dense", b.affine("dense", x, w, d.NoBias, d.Activation))
}

// Weight returns the layer's weight "w" [in, Units] without applying the layer, so
// that another layer can be tied to it.
func (d Dense) Weight(b *Builder, in int) *Node {
	if b.Err() != nil {
		return nil
	}
	if d.Units < 1 || in < 1 {
		b.Failf("dense: %d units of %d inputs: want at least 1 of each", d.Units, in)
		return nil
	}
	init := d.Init
	if init == nil {
		init = GlorotUniform(in, d.Units)
	}
	return b.Param("w", init, in, d.Units)
}

// DenseTied is a fully connected layer that uses the transpose of another
// layer's weight, y = act(x Ofᵀ + b): for Of [D, Units] it takes x [..., Units]
// to [..., D]. Its own parameter is "b" [D], which starts at 0.
type DenseTied struct {
	Of         *Node // the other layer's weight, such as Dense.Weight
	NoBias     bool
	Activation Activation // "" is none
}

// Apply adds the layer to the graph.
func (d DenseTied) Apply(b *Builder, x *Node) *Node {
	if x == nil || b.Err() != nil {
		return nil
	}
	if d.Of == nil || d.Of.Dims() != 2 {
		b.Failf("tied dense: want a weight [D, Units] to tie to, have %v", d.Of)
		return nil
	}
	if x.Dims() < 2 {
		b.Failf("tied dense: want x [N, D] or [..., D], have %v", Shape(x.Shape()))
		return nil
	}
	return b.Layer("DenseTied", b.affine("tied dense", x, b.Transpose(d.Of, 1, 0), d.NoBias, d.Activation))
}

// affine is act(x w + b) for x [..., D] and w [D, Units].
func (b *Builder) affine(what string, x, w *Node, noBias bool, act Activation) *Node {
	if w == nil || b.Err() != nil {
		return nil
	}
	in, units := w.Shape()[0], w.Shape()[1]
	shape := Shape(x.Shape()).Clone()
	last := len(shape) - 1
	if shape[last] != in {
		b.Failf("%s: x is %v, the weight takes %d inputs", what, shape, in)
		return nil
	}
	shape[last] = units
	y := b.MatMul(b.Reshape(x, -1, in), w)
	if !noBias {
		y = b.Add(y, b.Param("b", nil, units))
	}
	return b.Reshape(b.Activate(act, y), shape...)
}
