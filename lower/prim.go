package lower

import (
	"errors"
	"fmt"
	"slices"
)

// Prim is one of the primitives: a struct of attributes. The set is closed: the
// interpreter and every machine know each primitive by its type.
//
//	views     Reshape Transpose Slice Flip BroadcastTo
//	elements  Map Random
//	axes      Reduce Softmax Concat Pad SliceAt PlaceAt CumSum TopK
//	by number Gather ScatterAdd TakeAlong PutAlong
//	products  MatMul Conv ConvData ConvFilter
//	pools     Pool PoolAt PoolGrad PoolSum PoolSpread
//	sequences Recur RecurGrad
type Prim interface {
	// Infer returns the shapes of the results for operands of these shapes.
	Infer(in []Shape) ([]Shape, error)
	// String returns the name and the attributes, as listings show them.
	String() string
	// Facts returns what passes and machines know of it apart from its shapes.
	Facts() Facts
}

// checkOperands returns an error unless there are n operands.
func checkOperands(in []Shape, n int) error {
	if len(in) != n {
		return fmt.Errorf("want %d operands, have %d", n, len(in))
	}
	return nil
}

// checkAxis returns an error unless the shape has that axis.
func checkAxis(s Shape, a int) error {
	if a < 0 || a >= len(s) {
		return fmt.Errorf("axis %d is outside of shape %v", a, s)
	}
	return nil
}

// Reshape reads its operand, in row-major order, with another shape.
type Reshape struct{ To Shape }

func (p Reshape) String() string { return fmt.Sprintf("reshape%v", p.To) }

// Infer requires equal sizes.
func (p Reshape) Infer(in []Shape) ([]Shape, error) {
	if err := checkOperands(in, 1); err != nil {
		return nil, err
	}
	if err := p.To.Check(); err != nil {
		return nil, err
	}
	if in[0].Size() != p.To.Size() {
		return nil, fmt.Errorf("%v has %d elements, %v has %d", in[0], in[0].Size(), p.To, p.To.Size())
	}
	return []Shape{p.To}, nil
}

// Transpose permutes axes: axis i of the result is axis Perm[i] of the operand.
type Transpose struct{ Perm []int }

func (p Transpose) String() string { return fmt.Sprintf("transpose%v", p.Perm) }

// Infer requires a permutation of the operand's axes.
func (p Transpose) Infer(in []Shape) ([]Shape, error) {
	if err := checkOperands(in, 1); err != nil {
		return nil, err
	}
	if len(p.Perm) != len(in[0]) {
		return nil, fmt.Errorf("permutation %v is not of %d axes", p.Perm, len(in[0]))
	}
	out, seen := make(Shape, len(p.Perm)), make([]bool, len(p.Perm))
	for i, a := range p.Perm {
		if err := checkAxis(in[0], a); err != nil {
			return nil, err
		}
		if seen[a] {
			return nil, fmt.Errorf("permutation %v has axis %d twice", p.Perm, a)
		}
		seen[a] = true
		out[i] = in[0][a]
	}
	return []Shape{out}, nil
}

// Slice takes elements Start, Start+Step, ... below Stop of one axis.
type Slice struct{ Axis, Start, Stop, Step int }

func (p Slice) String() string {
	return fmt.Sprintf("slice[axis %d, %d:%d:%d]", p.Axis, p.Start, p.Stop, p.Step)
}

// Infer requires 0 <= Start < Stop <= extent and Step >= 1.
func (p Slice) Infer(in []Shape) ([]Shape, error) {
	if err := checkOperands(in, 1); err != nil {
		return nil, err
	}
	if err := checkAxis(in[0], p.Axis); err != nil {
		return nil, err
	}
	if p.Start < 0 || p.Start >= p.Stop || p.Stop > in[0][p.Axis] || p.Step < 1 {
		return nil, fmt.Errorf("range %d:%d:%d does not fit extent %d", p.Start, p.Stop, p.Step, in[0][p.Axis])
	}
	out := in[0].Clone()
	out[p.Axis] = (p.Stop - p.Start + p.Step - 1) / p.Step
	return []Shape{out}, nil
}

// Flip reads axes from the last element to the first.
type Flip struct{ Axes []int }

func (p Flip) String() string { return fmt.Sprintf("flip%v", p.Axes) }

// Infer requires distinct axes of the operand.
func (p Flip) Infer(in []Shape) ([]Shape, error) {
	if err := checkOperands(in, 1); err != nil {
		return nil, err
	}
	for i, a := range p.Axes {
		if err := checkAxis(in[0], a); err != nil {
			return nil, err
		}
		if slices.Contains(p.Axes[:i], a) {
			return nil, fmt.Errorf("axis %d is given twice", a)
		}
	}
	return []Shape{in[0]}, nil
}

// BroadcastTo repeats axes of extent 1, and adds axes on the left, to reach a shape.
type BroadcastTo struct{ To Shape }

func (p BroadcastTo) String() string { return fmt.Sprintf("broadcast%v", p.To) }

// Infer requires an operand that broadcasts to To.
func (p BroadcastTo) Infer(in []Shape) ([]Shape, error) {
	if err := checkOperands(in, 1); err != nil {
		return nil, err
	}
	full, err := Broadcast(in[0], p.To)
	if err != nil {
		return nil, err
	}
	if !full.Equal(p.To) {
		return nil, fmt.Errorf("%v does not broadcast to %v", in[0], p.To)
	}
	return []Shape{p.To}, nil
}

// Map applies an expression to the corresponding elements of its operands.
type Map struct{ Expr Expr }

func (p Map) String() string { return "map " + p.Expr.String() }

// Infer requires operands of one shape, as many as the expression reads.
func (p Map) Infer(in []Shape) ([]Shape, error) {
	if !p.Expr.Valid() {
		return nil, errors.New("the expression is the zero Expr")
	}
	if len(in) == 0 || p.Expr.Args() > len(in) {
		return nil, fmt.Errorf("the expression reads %d operands, have %d", max(1, p.Expr.Args()), len(in))
	}
	for _, s := range in[1:] {
		if !s.Equal(in[0]) {
			return nil, fmt.Errorf("operands differ in shape: %v and %v", in[0], s)
		}
	}
	return []Shape{in[0]}, nil
}

// ReduceKind is how Reduce combines elements.
type ReduceKind uint8

// The kinds of reduction.
const (
	ReduceSum ReduceKind = iota
	ReduceMax
)

func (k ReduceKind) String() string { return [...]string{"sum", "max"}[k] }

// Reduce combines the elements along axes, which stay with extent 1. The maximum is
// NaN if an element is NaN.
type Reduce struct {
	Kind ReduceKind
	Axes []int
}

func (p Reduce) String() string { return fmt.Sprintf("%v%v", p.Kind, p.Axes) }

// Infer requires distinct axes of the operand.
func (p Reduce) Infer(in []Shape) ([]Shape, error) {
	if err := checkOperands(in, 1); err != nil {
		return nil, err
	}
	out := in[0].Clone()
	for i, a := range p.Axes {
		if err := checkAxis(in[0], a); err != nil {
			return nil, err
		}
		if slices.Contains(p.Axes[:i], a) {
			return nil, fmt.Errorf("axis %d is given twice", a)
		}
		out[a] = 1
	}
	return []Shape{out}, nil
}

// MatMul multiplies [..., m, k] by [..., k, n]. Transposed operands are views.
type MatMul struct{}

func (p MatMul) String() string { return "matmul" }

// Infer requires equal leading axes and a common inner extent.
func (p MatMul) Infer(in []Shape) ([]Shape, error) {
	if err := checkOperands(in, 2); err != nil {
		return nil, err
	}
	a, b := in[0], in[1]
	r := len(a)
	if r < 2 || len(b) != r {
		return nil, fmt.Errorf("want two arrays of the same rank, at least 2, have %v and %v", a, b)
	}
	if !a[:r-2].Equal(b[:r-2]) {
		return nil, fmt.Errorf("leading axes of %v and %v differ", a, b)
	}
	if a[r-1] != b[r-2] {
		return nil, fmt.Errorf("inner extents of %v and %v differ: %d and %d", a, b, a[r-1], b[r-2])
	}
	out := a.Clone()
	out[r-1] = b[r-1]
	return []Shape{out}, nil
}

// Concat joins its operands along an axis.
type Concat struct{ Axis int }

func (p Concat) String() string { return fmt.Sprintf("concat[axis %d]", p.Axis) }

// Infer requires operands that agree in every other axis.
func (p Concat) Infer(in []Shape) ([]Shape, error) {
	if len(in) == 0 {
		return nil, errors.New("want at least one operand")
	}
	if err := checkAxis(in[0], p.Axis); err != nil {
		return nil, err
	}
	out := in[0].Clone()
	for _, s := range in[1:] {
		if len(s) != len(out) {
			return nil, fmt.Errorf("operands differ in rank: %v and %v", in[0], s)
		}
		for i := range s {
			if i != p.Axis && s[i] != out[i] {
				return nil, fmt.Errorf("%v and %v differ at axis %d, which is not the concatenated one", in[0], s, i)
			}
		}
		out[p.Axis] += s[p.Axis]
	}
	return []Shape{out}, nil
}

// Pad surrounds its operand with zeros.
type Pad struct{ Before, After []int }

func (p Pad) String() string { return fmt.Sprintf("pad[before %v, after %v]", p.Before, p.After) }

// Infer requires a count of at least 0 before and after each axis.
func (p Pad) Infer(in []Shape) ([]Shape, error) {
	if err := checkOperands(in, 1); err != nil {
		return nil, err
	}
	if len(p.Before) != len(in[0]) || len(p.After) != len(in[0]) {
		return nil, fmt.Errorf("want %d counts before and after", len(in[0]))
	}
	out := in[0].Clone()
	for i := range out {
		if p.Before[i] < 0 || p.After[i] < 0 {
			return nil, fmt.Errorf("padding of axis %d is negative", i)
		}
		out[i] += p.Before[i] + p.After[i]
	}
	return []Shape{out}, nil
}
