package graph

import (
	"fmt"

	"github.com/stheno-ml/stheno/lower"
)

// Op declares an operation once, as one literal: its shapes, its meaning, its
// lowering and its gradient. A is the struct of its attributes. Its fields are
// exported, so that all of them reach the node's hash and nodes with different
// attributes never merge.
//
// Users declare their own ops in the same way as this package does, and apply
// them with Apply; see the package example.
type Op[A any] struct {
	// Name is unique, in lower case with underscores. Listings show it.
	Name string
	// Arity is the number of operands; -1 is one or more.
	Arity int
	// Shape returns the shapes of the results for operands of these shapes,
	// or an error that says what is wrong and what would be right.
	Shape func(a A, in []Shape) ([]Shape, error)
	// Define is the meaning of the op: plain loops in float64 that compute the
	// results, which start at zero, from the operands. The results of every
	// machine are tested against it.
	Define func(a A, in, out []Array)
	// Lower expresses the op in the primitives of package lower.
	Lower func(a A, f *lower.Func, in []lower.Value) []lower.Value
	// Grad returns the gradient of the loss with respect to each operand, or nil
	// for an operand without a gradient. A nil Grad declares that the op has no gradient.
	Grad func(a A, p *Pullback) []*Node
	// Overwrites declares that element i of the result depends on element i of
	// the first operand and on no other element of it. A machine can then write
	// the result over that operand.
	Overwrites bool
}

// Pullback is what the gradient of an op is computed from.
type Pullback struct {
	B    *Builder
	In   []*Node // operands
	Out  []*Node // results
	Grad []*Node // gradient of the loss with respect to each result; nil where the loss does not depend on it
	Want []bool  // the operands whose gradient is needed; the gradients of the others can be nil
}

// Info describes an op in a list of ops.
type Info struct {
	Name           string
	Arity          int
	Differentiable bool
	Overwrites     bool
}

// Info describes the op.
func (o Op[A]) Info() Info {
	return Info{o.Name, o.Arity, o.Grad != nil, o.Overwrites}
}

// Apply adds the op to the graph and returns its result. If the op has several
// results, Apply returns the first; ApplyAll returns them all. On a mistake it
// returns nil and the builder records the error.
func (o Op[A]) Apply(b *Builder, a A, in ...*Node) *Node {
	if out := o.ApplyAll(b, a, in...); out != nil {
		return out[0]
	}
	return nil
}

// ApplyAll adds the op to the graph and returns its results.
func (o Op[A]) ApplyAll(b *Builder, a A, in ...*Node) []*Node {
	if b.Err() != nil {
		return nil
	}
	shapes, err := b.operands(in)
	if err != nil {
		b.Failf("%s: %w", o.Name, err)
		return nil
	}
	ap, err := o.bind(a, b.dtype, shapes)
	if err != nil {
		b.Failf("%s of %v: %w", o.Name, shapes, err)
		return nil
	}
	return b.apply(ap, in)
}

// complete returns an error if the declaration lacks a part that every op needs.
func (o Op[A]) complete() error {
	for _, part := range []struct {
		name    string
		missing bool
	}{
		{"Shape, which infers the results' shapes", o.Shape == nil},
		{"Define, which computes the results in float64", o.Define == nil},
		{"Lower, which expresses the op in primitives", o.Lower == nil},
	} {
		if part.missing {
			return fmt.Errorf("the op's declaration has no %s", part.name)
		}
	}
	return nil
}

// bind fixes the attributes and the operands' shapes. It infers the shapes of the
// results, lowers the op, and checks that both agree.
func (o Op[A]) bind(a A, dtype Dtype, in []Shape) (*applied, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	if o.Arity >= 0 && len(in) != o.Arity {
		return nil, fmt.Errorf("want %d operands, have %d", o.Arity, len(in))
	}
	for i, s := range in {
		if err := s.Check(); err != nil {
			return nil, fmt.Errorf("operand %d: %w", i, err)
		}
	}
	out, err := o.Shape(a, in)
	if err != nil {
		return nil, err
	}
	for _, s := range out {
		if err := s.Check(); err != nil {
			return nil, fmt.Errorf("result: %w", err)
		}
	}
	ap := &applied{
		info:  o.Info(),
		attrs: fmt.Sprintf("%+v", a),
		value: a,
		dtype: dtype,
		in:    in,
		out:   out,
		fn:    lower.NewFunc(in...),
	}
	ap.define = func(in, out []Array) { o.Define(a, in, out) }
	if o.Grad != nil {
		ap.grad = func(p *Pullback) []*Node { return o.Grad(a, p) }
	}
	vs := make([]lower.Value, len(in))
	for i := range vs {
		vs[i] = ap.fn.In(i)
	}
	results := o.Lower(a, ap.fn, vs)
	if err := ap.fn.BuildErr(); err != nil {
		return nil, err
	}
	if n := len(results); n != len(out) || n == 0 {
		return nil, fmt.Errorf("the lowering has %d results, the op declares %v: want as many, and at least one", n, out)
	}
	ap.fn.Return(results...)
	if err := ap.fn.Err(); err != nil {
		return nil, err
	}
	ap.fresh = ap.fn.Fresh(0)
	for i, v := range ap.fn.Results() {
		if !ap.fn.Shape(v).Equal(out[i]) {
			return nil, fmt.Errorf("lowering of result %d has shape %v, the op declares %v", i, ap.fn.Shape(v), out)
		}
	}
	return ap, nil
}
