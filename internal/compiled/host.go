package compiled

import (
	"errors"
	"fmt"
	"slices"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/graph"
	"github.com/stheno-ml/stheno/internal/interp"
	"github.com/stheno-ml/stheno/internal/plan"
	"github.com/stheno-ml/stheno/internal/value"
	"github.com/stheno-ml/stheno/lower"
)

// Boxes are the values of a run whose type is not the plan's, by the plan's number of
// their box.
type Boxes []gorgonia.Value

// Kept returns the value of the plan's i-th kept node, if it is in a box.
func (b Boxes) Kept(p *plan.Plan, i int) (gorgonia.Value, bool) {
	box, ok := p.Box(i)
	if !ok {
		return nil, false
	}
	return b[box], true
}

// RunHost runs a node on the host. Operands that are arrays are copied; other operands
// are passed as they are. outs are row-major arrays. The result is copied into the
// first of them, or put into a box, and then the first array is zero. The other outs
// are the copies of operands that Do may write into. If Do writes into an input, that
// is also written to the input's bound value. A panic of Do becomes an error.
func RunHost[T lower.Float](h plan.Host, boxes Boxes, in, outs []lower.Array[T]) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("its Do panicked: %v", r)
		}
	}()
	if h.Truth {
		boxes[h.Box] = truths(in[0], h.Node)
		clear(outs[0].Elements())
		return nil
	}
	values := make([]gorgonia.Value, len(h.From))
	out, before, after := outs[0], in, outs[1:]
	for i, x := range h.From {
		if x.Input != nil {
			if values[i] = x.Input.Value(); values[i] == nil {
				return fmt.Errorf("input %s: no value is bound", x.Input.Name())
			}
			continue
		}
		switch {
		case x.Box >= 0:
			values[i] = boxes[x.Box]
		case x.Back:
			copy(after[0].Elements(), in[0].Elements())
			values[i] = value.New(after[0].Elements(), in[0].Shape)
			after = after[1:]
		default:
			values[i] = value.New(slices.Clone(in[0].Elements()), in[0].Shape)
		}
		in = in[1:]
	}
	v, err := hostValue(h, values)
	if err != nil {
		return err
	}
	if err := writeBack(h, values, before, outs[1:]); err != nil {
		return err
	}
	if h.Box >= 0 {
		boxes[h.Box], err = boxed(h, v, values)
		clear(out.Elements())
		return err
	}
	y, err := value.Elements[T](v)
	if err != nil {
		return err
	}
	if len(y) != out.Shape.Size() {
		return fmt.Errorf("returned %d elements, the graph says %v", len(y), out.Shape)
	}
	copy(out.Elements(), y)
	return nil
}

// truths returns the booleans of numbers, where 0 is false.
func truths[T lower.Float](x lower.Array[T], n *graph.Node) gorgonia.Value {
	out := make([]bool, x.Shape.Size())
	for i, v := range x.Elements() {
		out[i] = v != 0
	}
	return tensor.New(tensor.WithShape(n.Shape()...), tensor.WithBacking(out))
}

// writeBack copies what Do wrote into scalar operands, which do not share the array's
// memory, to their arrays, and what it wrote into inputs to their bound values.
func writeBack[T lower.Float](h plan.Host, values []gorgonia.Value, in, after []lower.Array[T]) error {
	for i, x := range h.From {
		if x.Input != nil {
			continue
		}
		if x.Back {
			left := after[0].Elements()
			if number, ok := value.Scalar[T](values[i]); ok {
				left[0] = number
			}
			if x.Of.Op() == nil && !slices.Equal(left, in[0].Elements()) {
				bound, err := value.Elements[T](x.Of.Value())
				if err != nil {
					return err
				}
				copy(bound, left)
			}
			after = after[1:]
		}
		in = in[1:]
	}
	return nil
}

// hostValue computes a node from the values of its operands.
func hostValue(h plan.Host, values []gorgonia.Value) (gorgonia.Value, error) {
	switch {
	case h.Value != nil:
		return h.Value, nil
	case h.Func != nil && h.Node.Dtype() == graph.Float64:
		return interpreted[float64](h, values)
	case h.Func != nil:
		return interpreted[float32](h, values)
	}
	if err := checkOperands(h.Node, values); err != nil {
		return nil, err
	}
	v, err := h.Node.Op().Do(values...)
	if err == nil && v == nil {
		err = errors.New("its Do returned nothing")
	}
	return v, err
}

// interpreted computes a node with the interpreter.
func interpreted[U lower.Float](h plan.Host, values []gorgonia.Value) (gorgonia.Value, error) {
	in := make([]lower.Array[U], len(values))
	for i, v := range values {
		x, err := value.Elements[U](v)
		if err != nil {
			return nil, fmt.Errorf("operand %d: %w", i, err)
		}
		shape := h.Func.Shape(lower.Value(i))
		if len(x) != shape.Size() {
			return nil, fmt.Errorf("operand %d has %d elements, the graph says %v", i, len(x), shape)
		}
		in[i] = lower.ArrayOf(x, shape)
	}
	out, err := interp.Run(h.Func, in...)
	if err != nil {
		return nil, err
	}
	x := out[0].Elements()
	if !h.Func.Fresh(0) {
		x = slices.Clone(x)
	}
	return value.New(x, graph.Shape(h.Node.Shape())), nil
}

// boxed returns a result that can be published: it checks the type and the size, and
// copies a result whose memory belongs to an operand or to the op.
func boxed(h plan.Host, v gorgonia.Value, operands []gorgonia.Value) (gorgonia.Value, error) {
	if v.Dtype() != h.Node.Dtype() {
		return nil, fmt.Errorf("returned %v, the graph says %v", v.Dtype(), h.Node.Dtype())
	}
	shape := graph.Shape(h.Node.Shape())
	if n := graph.Shape(v.Shape()).Size(); n != shape.Size() {
		return nil, fmt.Errorf("returned %d elements, the graph says %v", n, shape)
	}
	own := len(operands) > 0 && h.Value == nil
	for _, x := range operands {
		own = own && (v.Uintptr() < x.Uintptr() || v.Uintptr() >= x.Uintptr()+x.MemSize())
	}
	if own {
		return v, nil
	}
	if view, ok := v.(tensor.View); ok && view.IsMaterializable() {
		return view.Materialize(), nil
	}
	return gorgonia.CloneValue(v)
}
