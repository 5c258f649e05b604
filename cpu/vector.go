package cpu

import (
	"github.com/stheno-ml/stheno/internal/interp"
	"github.com/stheno-ml/stheno/internal/kernel"
	"github.com/stheno-ml/stheno/lower"
)

// vectorFor returns the vector kernels of the element type.
func vectorFor[T lower.Float](isa kernel.ISA) *kernel.Vector[T] {
	if v, ok := any(kernel.VectorFor(isa)).(*kernel.Vector[T]); ok {
		return v
	}
	return any(kernel.Vector64(isa)).(*kernel.Vector[T])
}

// vectorLoop evaluates the scalar functions of expressions with the vector kernels.
func vectorLoop[T lower.Float](v *kernel.Vector[T]) interp.MapLoop[T] {
	binary := map[lower.Fn]kernel.VectorOp{
		lower.FnAdd: kernel.OpAdd, lower.FnSub: kernel.OpSub, lower.FnMul: kernel.OpMul, lower.FnDiv: kernel.OpDiv,
		lower.FnMin: kernel.OpMin, lower.FnMax: kernel.OpMax, lower.FnLess: kernel.OpLess,
	}
	unary := map[lower.Fn]kernel.VectorOp{
		lower.FnNeg: kernel.OpNeg, lower.FnAbs: kernel.OpAbs, lower.FnSqrt: kernel.OpSqrt, lower.FnExp: kernel.OpExp,
		lower.FnExpm1: kernel.OpExpm1, lower.FnLog: kernel.OpLog, lower.FnLog1p: kernel.OpLog1p, lower.FnTanh: kernel.OpTanh,
		lower.FnSigmoid: kernel.OpSigmoid, lower.FnSoftplus: kernel.OpSoftplus, lower.FnErf: kernel.OpErf,
	}
	var two [lower.Fns]func(dst, x, y []T)
	var one [lower.Fns]func(dst, x []T)
	for fn, op := range binary {
		two[fn] = v.Binary[op]
	}
	for fn, op := range unary {
		one[fn] = v.Unary[op]
	}
	return func(fn lower.Fn, dst, x, y, z []T) {
		switch {
		case two[fn] != nil:
			two[fn](dst, x, y)
		case one[fn] != nil:
			one[fn](dst, x)
		case fn == lower.FnWhere:
			v.Where(dst, x, y, z)
		default:
			interp.PlainLoop(fn, dst, x, y, z)
		}
	}
}
