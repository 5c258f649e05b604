package graph

import (
	"fmt"
	"hash"
	"hash/fnv"
	"io"
	"slices"

	"github.com/chewxy/hm"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/internal/interp"
	"github.com/stheno-ml/stheno/internal/value"
	"github.com/stheno-ml/stheno/lower"
)

// applied is the op of one node, with fixed attributes and shapes. It implements
// gorgonia.Op, with a symbolic gradient (gorgonia.SDOp) and a host implementation
// (Do), so any Gorgonia program and machine can use it.
//
// An op with several results has one packed, one-dimensional node. The results
// are views of it.
type applied struct {
	info    Info
	attrs   string
	value   any // the struct of attributes
	dtype   Dtype
	in, out []Shape
	fn      *lower.Func
	fresh   bool // the first result of a run is in new memory
	define  func(in, out []Array)
	grad    func(*Pullback) []*Node
	part    *part // of an unpack node only
	salt    int   // separates ops whose hashes collide
}

var _ gorgonia.SDOp = (*applied)(nil)

// appliedAt returns the op of a node that was built by this package.
func appliedAt(n *Node) (*applied, bool) {
	if n == nil {
		return nil, false
	}
	a, ok := n.Op().(*applied)
	return a, ok
}

// Name returns the name in the op's declaration.
func (a *applied) Name() string { return a.info.Name }

// Differentiable reports whether the op declares a gradient.
func (a *applied) Differentiable() bool { return a.info.Differentiable }

// Overwrites reports whether a machine may write the result over the first operand.
func (a *applied) Overwrites() bool { return a.info.Overwrites }

// Attrs returns all attributes as text.
func (a *applied) Attrs() string { return a.attrs }

// AttrValue returns the struct of attributes.
func (a *applied) AttrValue() any { return a.value }

// In returns the shapes of the operands.
func (a *applied) In() []Shape { return a.in }

// Out returns the shapes of the results.
func (a *applied) Out() []Shape { return a.out }

// Lowered returns the op in primitives.
func (a *applied) Lowered() *lower.Func { return a.fn }

// Define runs the op's definition and returns the results. It returns nil if the
// number or the shapes of the operands are not the op's.
func (a *applied) Define(in []Array) []Array {
	if !slices.EqualFunc(in, a.in, func(x Array, s Shape) bool { return x.Shape.Equal(s) && len(x.Strides) == len(s) }) {
		return nil
	}
	out := make([]Array, len(a.out))
	for i, s := range a.out {
		out[i] = lower.NewArray[float64](s)
	}
	a.define(in, out)
	return out
}

// nodeShape is the shape of the op's node: that of its one result, or of the packed
// results.
func (a *applied) nodeShape() Shape {
	if len(a.out) == 1 {
		return a.out[0]
	}
	n := 0
	for _, s := range a.out {
		n += s.Size()
	}
	return Shape{n}
}

// Arity is the number of operands.
func (a *applied) Arity() int { return len(a.in) }

// Type is the op's function type for Gorgonia's type inference.
func (a *applied) Type() hm.Type {
	ts := make([]hm.Type, 0, len(a.in)+1)
	for _, s := range a.in {
		ts = append(ts, typeOf(a.dtype, s))
	}
	ts = append(ts, typeOf(a.dtype, a.nodeShape()))
	return hm.NewFnType(ts...)
}

// InferShape returns the node's shape, which was inferred when the op was applied.
func (a *applied) InferShape(...gorgonia.DimSizer) (tensor.Shape, error) {
	return tensor.Shape(a.nodeShape().Clone()), nil
}

// Do runs the op on the host and returns a new value.
func (a *applied) Do(values ...gorgonia.Value) (v gorgonia.Value, err error) {
	defer func() {
		if r := recover(); r != nil {
			v, err = nil, fmt.Errorf("%v: %v", a, r)
		}
	}()
	if a.dtype == Float64 {
		return run[float64](a, values)
	}
	return run[float32](a, values)
}

func run[T lower.Float](a *applied, values []gorgonia.Value) (gorgonia.Value, error) {
	if len(values) != len(a.in) {
		return nil, fmt.Errorf("%v: want %d values, have %d", a, len(a.in), len(values))
	}
	in := make([]lower.Array[T], len(values))
	for i, v := range values {
		x, err := value.Elements[T](v)
		if err != nil {
			return nil, fmt.Errorf("%v: operand %d: %w", a, i, err)
		}
		if len(x) != a.in[i].Size() {
			return nil, fmt.Errorf("%v: operand %d has %d elements, the graph says %v", a, i, len(x), a.in[i])
		}
		in[i] = lower.ArrayOf(x, a.in[i])
	}
	out, err := interp.Run(a.fn, in...)
	if err != nil {
		return nil, fmt.Errorf("%v: %w", a, err)
	}
	shape := a.nodeShape()
	if len(out) == 1 && a.fresh {
		return value.New(out[0].Elements(), shape), nil
	}
	result := make([]T, 0, shape.Size())
	for _, o := range out {
		result = append(result, o.Elements()...)
	}
	return value.New(result, shape), nil
}

// ReturnsPtr tells Gorgonia that the result is in memory of its own.
func (a *applied) ReturnsPtr() bool { return false }

// CallsExtern tells Gorgonia that the op calls no C code.
func (a *applied) CallsExtern() bool { return false }

// OverwritesInput tells Gorgonia that Do does not write to its operands.
func (a *applied) OverwritesInput() int { return -1 }

// WriteHash writes all that distinguishes this op from others.
func (a *applied) WriteHash(h hash.Hash) { a.writeHash(h) }

func (a *applied) writeHash(h io.Writer) {
	fmt.Fprintf(h, "stheno.%s%s%v%v%d", a.info.Name, a.attrs, a.in, a.dtype, a.salt)
}

// Hashcode is the 32-bit FNV-1a hash of WriteHash.
func (a *applied) Hashcode() uint32 {
	h := fnv.New32a()
	a.WriteHash(h)
	return h.Sum32()
}

// String is the op's name and attributes.
func (a *applied) String() string {
	if a.attrs == "{}" {
		return a.info.Name
	}
	return a.info.Name + a.attrs
}
