package graph

import "strings"

// Layer is one line of a model's summary.
type Layer struct {
	Path   string // scope, such as "encoder/conv1"
	Kind   string // such as "Conv2D"
	Out    Shape
	Params int // elements of the weights in its scope, without those of inner layers
	States int // elements of the states in its scope, such as running means
}

// Layer records for the summary that the scope is a layer of the given kind with the
// result out. It returns out.
func (b *Builder) Layer(kind string, out *Node) *Node {
	if b.Err() == nil && out != nil {
		b.layers = append(b.layers, Layer{Path: b.scope, Kind: kind, Out: Shape(out.Shape())})
	}
	return out
}

// Layers returns the layers in the order in which they were built. Each weight or
// state counts once, for the innermost layer whose scope contains its name. If that
// layer was applied more than once, it counts for the first.
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

// innermost returns the index of the layer with the longest path that contains the
// name, the first of several, or -1.
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
