// Package lower is the vocabulary in which an op tells a machine what it computes: a
// small, closed set of primitives over arrays (Prim), a language of scalar
// expressions for everything elementwise (Expr), and functions over both in
// single-assignment form (Func). All of it is data: a compiler reads it, fuses it and
// generates code from it.
//
// An op is lowered by writing a Func:
//
//	f := lower.NewFunc(lower.Shape{128, 784}, lower.Shape{784, 32}, lower.Shape{32})
//	y := f.MatMul(f.In(0), f.In(1))
//	y = f.Map(lower.Arg(0).Add(lower.Arg(1)), y, f.In(2)) // broadcasts the bias
//	f.Return(y)
//
// Views (reshape, transpose, slice, flip, broadcast) cost nothing: they change how an
// array is read. Every other step computes.
package lower
