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
	return s.host("it is an unknown product")
}

// transposeLast exchanges the last two axes if do is set.
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

// builtinTensordot sums over pairs of axes: one matrix product whose inner axis has
// all pairs.
func builtinTensordot(s *opContext) lower.Value {
	a, b := s.ints("aAxes"), s.ints("bAxes")
	if s.err != nil || !s.hasOperands(2) {
		return 0
	}
	return s.f.MatMul(s.matrix(0, a, false), s.matrix(1, b, true))
}

// matrix reads operand i as a matrix. The given axes, in that order, are its columns,
// or its rows if first is set.
func (s *opContext) matrix(i int, axes []int, first bool) lower.Value {
	var kept []int
	inner := 1
	taken := make([]bool, len(s.in[i]))
	for _, a := range axes {
		if a < 0 || a >= len(taken) {
			return s.host("it sums over an axis that its operand does not have")
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
