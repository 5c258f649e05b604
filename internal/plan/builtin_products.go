package plan

import "github.com/stheno-ml/stheno/lower"

// The codes of Gorgonia's products.
const (
	productMatMul = iota
	productMatVec
	productDot
	productOuter
	productBatched
)

func builtinLinAlg(s *opContext) lower.Value {
	code, transA, transB := s.code("āBinaryOperator"), s.bool("transA"), s.bool("transB")
	if s.err != nil || !s.hasOperands(2) {
		return 0
	}
	f, a, b := s.f, s.f.In(0), s.f.In(1)
	switch code {
	case productMatMul, productBatched:
		return f.MatMul(s.transposeLast(a, transA), s.transposeLast(b, transB))
	case productMatVec:
		return f.MatMul(s.transposeLast(a, transA), f.Reshape(b, s.in[1].Size(), 1))
	case productDot:
		return f.MatMul(f.Reshape(a, 1, s.in[0].Size()), f.Reshape(b, s.in[1].Size(), 1))
	case productOuter:
		return f.MatMul(f.Reshape(a, s.in[0].Size(), 1), f.Reshape(b, 1, s.in[1].Size()))
	}
	return s.host("it is a product that is not known")
}

// flip exchanges the last two axes.
func (s *opContext) transposeLast(x lower.Value, do bool) lower.Value {
	r := len(s.f.Shape(x))
	if !do || r < 2 {
		return x
	}
	perm := make([]int, r)
	for i := range perm {
		perm[i] = i
	}
	perm[r-2], perm[r-1] = r-1, r-2
	return s.f.Transpose(x, perm...)
}

// stockTensordot sums over pairs of axes: one product of matrices, whose inner
// axis is all of the pairs.
func builtinTensordot(s *opContext) lower.Value {
	a, b := s.ints("aAxes"), s.ints("bAxes")
	if s.err != nil || !s.hasOperands(2) {
		return 0
	}
	return s.f.MatMul(s.matrix(0, a, false), s.matrix(1, b, true))
}

// matrix reads operand i as a matrix with the given axes, in that order, as
// its columns, or as its rows if they come first.
func (s *opContext) matrix(i int, axes []int, first bool) lower.Value {
	var kept []int
	inner := 1
	taken := make([]bool, len(s.in[i]))
	for _, a := range axes {
		if a < 0 || a >= len(taken) {
			return s.host("it sums over an axis that its operand has not")
		}
		taken[a] = true
		inner *= s.in[i][a]
	}
	for a := range taken {
		if !taken[a] {
			kept = append(kept, a)
		}
	}
	outer := s.in[i].Size() / inner
	if first {
		return s.f.Reshape(s.f.Transpose(s.f.In(i), append(axes, kept...)...), inner, outer)
	}
	return s.f.Reshape(s.f.Transpose(s.f.In(i), append(kept, axes...)...), outer, inner)
}
