// Package lower is the vocabulary in which an op says what it means to a
// machine: a small, closed set of primitives over arrays (Prim), a scalar
// expression language for everything elementwise (Expr), and functions over
// them in single-assignment form (Func). It is data: a compiler reads it,
// fuses it and emits code for it.
//
// An op is lowered by writing a Func:
//
//	f := lower.NewFunc(lower.Shape{128, 784}, lower.Shape{784, 32}, lower.Shape{32})
//	y := f.MatMul(f.In(0), f.In(1))
//	y = f.Map(lower.Arg(0).Add(lower.Arg(1)), y, f.In(2)) // broadcasts the bias
//	f.Return(y)
//
// Views (reshape, transpose, slice, broadcast) cost nothing: they change how
// an array is read. Everything else is a step that computes.
package lower
