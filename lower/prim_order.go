package lower

import "fmt"

// Primitives that go along one axis in order: running sums, the greatest elements,
// and elements by their number.

// CumSum adds up along an axis: element k of the result is the sum of elements 0
// to k of the operand, in that order, or, if Exclusive, of those before k. In
// Reverse it starts at the other end.
type CumSum struct {
	Axis               int
	Exclusive, Reverse bool
}

func (p CumSum) String() string {
	s := fmt.Sprintf("cumsum[axis %d", p.Axis)
	if p.Exclusive {
		s += ", exclusive"
	}
	if p.Reverse {
		s += ", reverse"
	}
	return s + "]"
}

// Infer wants an axis of the operand.
func (p CumSum) Infer(in []Shape) ([]Shape, error) {
	if err := checkOperands(in, 1); err != nil {
		return nil, err
	}
	return in[:1], checkAxis(in[0], p.Axis)
}

// TopK takes the K greatest elements along an axis, the greatest first, and then
// where they are, counted from 0. Of equal elements the earlier comes first. NaN
// counts as greater than any number.
type TopK struct{ Axis, K int }

func (p TopK) String() string { return fmt.Sprintf("topk[axis %d, %d]", p.Axis, p.K) }

// Infer wants an axis of at least K elements.
func (p TopK) Infer(in []Shape) ([]Shape, error) {
	if err := checkOperands(in, 1); err != nil {
		return nil, err
	}
	if err := checkAxis(in[0], p.Axis); err != nil {
		return nil, err
	}
	if p.K < 1 || p.K > in[0][p.Axis] {
		return nil, fmt.Errorf("the %d greatest of %d elements: want from 1 to %d", p.K, in[0][p.Axis], in[0][p.Axis])
	}
	out := in[0].Clone()
	out[p.Axis] = p.K
	return []Shape{out, out}, nil
}

// Above reports whether TopK puts element x before y, which comes after it.
func Above[T Float](x, y T) bool { return x > y || x != x && y == y }

// TakeAlong takes elements of its first operand along an axis by their number:
// its second operand has the result's shape, which is the first operand's but for
// the axis. An element that does not exist is NaN.
type TakeAlong struct{ Axis int }

func (p TakeAlong) String() string { return fmt.Sprintf("take_along[axis %d]", p.Axis) }

// Infer wants two shapes that differ along the axis alone.
func (p TakeAlong) Infer(in []Shape) ([]Shape, error) {
	if err := checkOperands(in, 2); err != nil {
		return nil, err
	}
	if err := checkAlong(in[0], in[1], p.Axis); err != nil {
		return nil, err
	}
	return in[1:2], nil
}

// PutAlong is the gradient of TakeAlong: it adds the elements of its first operand
// to zeros, of which there are Extent along the axis, at the numbers that its
// second operand, of the same shape, gives. Elements of one number add up in
// order; one that does not exist is left out.
type PutAlong struct{ Axis, Extent int }

func (p PutAlong) String() string { return fmt.Sprintf("put_along[axis %d, to %d]", p.Axis, p.Extent) }

// Infer wants two equal shapes.
func (p PutAlong) Infer(in []Shape) ([]Shape, error) {
	if err := checkOperands(in, 2); err != nil {
		return nil, err
	}
	if err := checkAxis(in[0], p.Axis); err != nil {
		return nil, err
	}
	if !in[0].Equal(in[1]) || p.Extent < 1 {
		return nil, fmt.Errorf("elements %v with numbers %v, to %d: want one number for each, and at least 1", in[0], in[1], p.Extent)
	}
	out := in[0].Clone()
	out[p.Axis] = p.Extent
	return []Shape{out}, nil
}

// checkAlong is an error unless the shapes differ along the axis alone.
func checkAlong(x, numbers Shape, a int) error {
	if err := checkAxis(x, a); err != nil {
		return err
	}
	same := numbers.Clone()
	if len(same) == len(x) {
		same[a] = x[a]
	}
	if !same.Equal(x) {
		return fmt.Errorf("numbers %v for elements %v: want shapes that differ along axis %d alone", numbers, x, a)
	}
	return nil
}
