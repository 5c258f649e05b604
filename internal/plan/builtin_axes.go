package plan

import (
	"fmt"
	"slices"

	"gorgonia.org/tensor"

	"github.com/stheno-ml/stheno/lower"
)

func builtinReduce(s *opContext, kind lower.ReduceKind) lower.Value {
	along := s.ints("along")
	if s.err != nil || !s.hasOperands(1) {
		return 0
	}
	if len(along) == 0 {
		for a := range s.in[0] {
			along = append(along, a)
		}
	}
	if wrongInGorgonia(s.in[0], along) {
		s.m.Fault = "over an inner axis, the third or later, it combines the wrong elements or panics"
	}
	return s.f.Apply(lower.Reduce{Kind: kind, Axes: along}, s.f.In(0))[0]
}

// wrongInGorgonia reports whether Gorgonia's reduction is wrong. It reduces one axis
// after another. Over an axis that is neither first nor last, it steps from block to
// block as if the axis had two elements.
func wrongInGorgonia(shape lower.Shape, along []int) bool {
	sorted := slices.Sorted(slices.Values(along))
	if slices.Equal(sorted, along) && len(along) == len(shape) {
		return false // Gorgonia reduces all axes at once
	}
	left := shape.Clone()
	for i, a := range sorted {
		a -= i
		if a < 0 || a >= len(left) {
			return false // the Func has an error
		}
		if a > 0 && a < len(left)-1 && left[a] != 2 && left[1:a].Size() > 1 {
			return true
		}
		left = slices.Delete(left, a, a+1)
	}
	return false
}

// softmaxAxis returns the axis of a softmax over a shape. -1 is the last axis, but
// for a column it is axis 0.
func softmaxAxis(axis int, shape lower.Shape) int {
	switch {
	case axis >= 0:
		return axis
	case tensor.Shape(shape).IsColVec():
		return 0
	}
	return len(shape) - 1
}

func builtinSoftmax(s *opContext) lower.Value {
	axis, log := s.int("axis"), s.bool("isLog")
	if s.err != nil || !s.hasOperands(1) {
		return 0
	}
	s.m.Edge = "it is NaN or 0 in a row whose elements are far from the tensor's first element"
	return s.f.Apply(lower.Softmax{Axis: softmaxAxis(axis, s.in[0]), Log: log}, s.f.In(0))[0]
}

// builtinSoftmaxGrad has the operands x, y and g: the softmax's operand, its result
// and the result's gradient.
//
//	softmax  y * (g - sum g*y)
//	log      g - e^y * sum g
func builtinSoftmaxGrad(s *opContext) lower.Value {
	given, log := s.int("axis"), s.bool("isLog")
	if s.err != nil || !s.hasOperands(3) {
		return 0
	}
	axis := softmaxAxis(given, s.in[1])
	if given < 0 && axis != len(s.in[1])-1 {
		s.m.Fault = "the gradient of a softmax over a column is computed over each row instead"
	}
	f, y, g := s.f, s.f.In(1), s.f.In(2)
	a, b, c := lower.Arg(0), lower.Arg(1), lower.Arg(2)
	if log {
		return f.Map(a.Sub(lower.Exp(b).Mul(c)), g, y, f.Sum(g, axis))
	}
	return f.Map(b.Mul(a.Sub(c)), g, y, f.Sum(f.Map(a.Mul(b), g, y), axis))
}

func builtinConcat(s *opContext) lower.Value {
	xs := make([]lower.Value, len(s.in))
	for i := range xs {
		xs[i] = s.f.In(i)
	}
	return s.f.Concat(s.int("axis"), xs...)
}

// builtinRepeat repeats each element along an axis until the node's shape is reached.
// It does not read its second operand, the count.
func builtinRepeat(s *opContext) lower.Value {
	axis := s.int("along")
	if s.err != nil || !s.hasOperands(2) {
		return 0
	}
	f, x, shape := s.f, s.f.In(0), s.in[0].Clone()
	if shape.Size() == 1 {
		return f.Broadcast(f.Reshape(x), s.out...)
	}
	if axis < 0 {
		return s.host(fmt.Sprintf("axis %d is outside of shape %v", axis, shape))
	}
	for len(shape) <= axis {
		shape = append(shape, 1)
	}
	times := s.out.Size() / shape.Size()
	if shape[axis] == 1 {
		shape[axis] = times
		return f.Broadcast(f.Reshape(x, padded(s.in[0], len(shape))...), shape...)
	}
	split := append(append(shape[:axis+1].Clone(), 1), shape[axis+1:]...)
	wide := split.Clone()
	wide[axis+1] = times
	return f.Broadcast(f.Reshape(x, split...), wide...)
}

// padded returns the shape with extents of 1 added at its end, up to the rank.
func padded(s lower.Shape, rank int) lower.Shape {
	s = s.Clone()
	for len(s) < rank {
		s = append(s, 1)
	}
	return s
}

func builtinAt(s *opContext) lower.Value {
	at := s.ints("coordinates")
	if s.err != nil || !s.hasOperands(1) {
		return 0
	}
	if len(at) != len(s.in[0]) {
		return s.host(fmt.Sprintf("coordinates %v do not fit shape %v", at, s.in[0]))
	}
	s.m.Fault = "on TapeMachine, At has no value or another element's value"
	x := s.f.In(0)
	for a, i := range at {
		x = s.f.Slice(x, a, i, i+1, 1)
	}
	return x
}

// builtinDiagonal puts a vector of n on the diagonal of a matrix. Element i must be
// at i*(n+1), so it puts n zeros after each element and drops the last n.
func builtinDiagonal(s *opContext) lower.Value {
	if !s.hasOperands(1) {
		return 0
	}
	n, f := s.in[0].Size(), s.f
	x := f.Pad(f.Reshape(f.In(0), n, 1), []int{0, 0}, []int{0, n})
	return f.Slice(f.Reshape(x, n*(n+1)), 0, 0, n*n, 1)
}
