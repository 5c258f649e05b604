package graph

import "github.com/stheno-ml/stheno/lower"

// part is the attribute of the two ops that read a result from a packed node and
// write a gradient to one.
type part struct {
	Result int   // number of the result
	At     int   // its first element in the packed node
	Of     int   // elements of the packed node
	Shape  Shape // shape of the result
}

// unpackOp reads one result of a packed node, as a view.
func unpackOp() Op[part] {
	return Op[part]{
		Name:  "unpack",
		Arity: 1,
		Shape: func(a part, in []Shape) ([]Shape, error) { return []Shape{a.Shape}, nil },
		Define: func(a part, in, out []Array) {
			copy(out[0].Data, in[0].Data[a.At:a.At+a.Shape.Size()])
		},
		Lower: func(a part, f *lower.Func, in []lower.Value) []lower.Value {
			return []lower.Value{f.Reshape(f.Slice(in[0], 0, a.At, a.At+a.Shape.Size(), 1), a.Shape...)}
		},
		Grad: func(a part, p *Pullback) []*Node {
			return []*Node{repackOp().Apply(p.B, a, p.Grad[0])}
		},
	}
}

// repackOp puts an array in the place of a result in a packed array of zeros.
func repackOp() Op[part] {
	return Op[part]{
		Name:  "repack",
		Arity: 1,
		Shape: func(a part, in []Shape) ([]Shape, error) { return []Shape{{a.Of}}, nil },
		Define: func(a part, in, out []Array) {
			copy(out[0].Data[a.At:], in[0].Data)
		},
		Lower: func(a part, f *lower.Func, in []lower.Value) []lower.Value {
			n := a.Shape.Size()
			return []lower.Value{f.Pad(f.Reshape(in[0], n), []int{a.At}, []int{a.Of - a.At - n})}
		},
		Grad: func(a part, p *Pullback) []*Node {
			return []*Node{unpackOp().Apply(p.B, a, p.Grad[0])}
		},
	}
}

// unpack returns one result of a packed node.
func (b *Builder) unpack(packed *Node, a part) *Node {
	n := unpackOp().Apply(b, a, packed)
	if n != nil {
		ap, _ := appliedAt(n)
		ap.part = &a
	}
	return n
}
