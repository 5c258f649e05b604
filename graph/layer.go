package graph

// Layer is a line of a model's summary.
type Layer struct {
	Path   string // scope, such as "encoder/conv1"
	Kind   string // such as "Conv2D"
	Out    Shape
	Params int // elements of weights made in its scope
}

// Layer records that the scope was a layer of some kind with that result,
// which it returns, for the summary.
func (b *Builder) Layer(kind string, out *Node) *Node {
	if b.err != nil || out == nil {
		return out
	}
	n := 0
	for _, q := range b.owner {
		if q.trainable && len(q.name) > len(b.scope) && q.name[:len(b.scope)+1] == b.scope+"/" {
			n += q.shape.Size()
		}
	}
	b.layers = append(b.layers, Layer{b.scope, kind, Shape(out.Shape()), n})
	return out
}

// Layers returns the layers in the order of building.
func (b *Builder) Layers() []Layer { return b.layers }
