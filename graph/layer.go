package graph

import "strings"

// Layer is a line of a model's summary.
type Layer struct {
	Path   string // scope, such as "encoder/conv1"
	Kind   string // such as "Conv2D"
	Out    Shape
	Params int // elements of the weights made in its scope, but for those of layers within it
	States int // elements of the states made there, such as running means
}

// Layer records that the scope was a layer of some kind with that result,
// which it returns, for the summary.
func (b *Builder) Layer(kind string, out *Node) *Node {
	if b.Err() == nil && out != nil {
		b.layers = append(b.layers, Layer{Path: b.scope, Kind: kind, Out: Shape(out.Shape())})
	}
	return out
}

// Layers returns the layers in the order of building. A weight or state counts
// once: for the innermost layer in whose scope its name lies, and for the
// first of those where a layer was applied more than once.
func (b *Builder) Layers() []Layer {
	layers := append([]Layer(nil), b.layers...)
	for _, q := range b.owner {
		i := innermost(layers, q.name)
		switch {
		case i < 0:
		case q.trainable:
			layers[i].Params += q.shape.Size()
		default:
			layers[i].States += q.shape.Size()
		}
	}
	return layers
}

// innermost returns the first of the layers with the longest path that the name lies under, or -1.
func innermost(layers []Layer, name string) int {
	best := -1
	for i, l := range layers {
		under := l.Path == "" || strings.HasPrefix(name, l.Path+"/")
		if under && (best < 0 || len(l.Path) > len(layers[best].Path)) {
			best = i
		}
	}
	return best
}
