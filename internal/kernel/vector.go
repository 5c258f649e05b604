// Elementwise arithmetic and reductions on vectors. The CPU engine composes its
// elementwise expressions from them.

package kernel

//go:generate go run -C _asm ./vector -part elementwise -out ../vector_amd64.s -stubs ../vector_stub_amd64.go -pkg kernel
//go:generate go run -C _asm ./vector -float 64 -part elementwise -out ../vector64_amd64.s -stubs ../vector64_stub_amd64.go -pkg kernel
//go:generate go run -C _asm ./vector -part reduce -out ../reduce_amd64.s -stubs ../reduce_stub_amd64.go -pkg kernel
//go:generate go run -C _asm ./vector -neon -part elementwise -out ../vector_arm64.s -stubs ../vector_stub_arm64.go -pkg kernel
//go:generate go run -C _asm ./vector -neon -float 64 -part elementwise -out ../vector64_arm64.s -stubs ../vector64_stub_arm64.go -pkg kernel
//go:generate go run -C _asm ./vector -neon -part reduce -out ../reduce_arm64.s -stubs ../reduce_stub_arm64.go -pkg kernel
//go:generate go run -C _asm ./vector -part elementwise -dispatch ../vector_dispatch

// VectorOp names a function of one or two numbers.
type VectorOp uint8

// The functions of two numbers, then those of one.
const (
	OpAdd      VectorOp = iota // x + y
	OpSub                      // x - y
	OpMul                      // x * y
	OpDiv                      // x / y
	OpMin                      // the lesser; NaN if either is NaN, y if both are zero
	OpMax                      // the greater; NaN if either is NaN, y if both are zero
	OpLess                     // 1 where x < y, else 0
	OpNeg                      // -x
	OpAbs                      // |x|
	OpSqrt                     // the square root
	OpExp                      // e^x
	OpExpm1                    // e^x - 1
	OpLog                      // the natural logarithm
	OpLog1p                    // log(1+x)
	OpTanh                     // the hyperbolic tangent
	OpSigmoid                  // 1/(1+e^-x)
	OpSoftplus                 // log(1+e^x)
	OpErf                      // the error function

	vectorOps = iota
)

// String returns the function's name: "add", "expm1".
func (op VectorOp) String() string {
	return [vectorOps]string{"add", "sub", "mul", "div", "min", "max", "less", "neg", "abs", "sqrt",
		"exp", "expm1", "log", "log1p", "tanh", "sigmoid", "softplus", "erf"}[op]
}

// Vector is the kernels on vectors of T. A kernel works on as many elements as its
// shortest vector has. An elementwise kernel may overwrite an operand if both begin at
// the same element; vectors must not overlap otherwise. Assembly is not preempted, so
// call it on a few thousand elements at a time.
//
// The kernels of all instruction sets return the same bits, except for the payload of
// a NaN. Add, Sub, Mul, Div, Sqrt and the MulAdd kernels round once. The other
// functions are accurate to 3 units in the last place in float32 and to 2 in float64,
// subnormals included. In float64, Erf is that of package math, and reductions are
// plain Go.
type Vector[T Float] struct {
	// Unary is dst[i] = op(x[i]), for the functions of one number.
	Unary [vectorOps]func(dst, x []T)
	// Binary is dst[i] = op(x[i], y[i]), for the functions of two numbers.
	Binary [vectorOps]func(dst, x, y []T)
	// Right is dst[i] = op(x[i], s).
	Right [vectorOps]func(dst, x []T, s T)
	// Left is dst[i] = op(s, x[i]).
	Left [vectorOps]func(dst, x []T, s T)

	// Fill is dst[i] = s.
	Fill func(dst []T, s T)
	// Copy is dst[i] = x[i].
	Copy func(dst, x []T)
	// Where is dst[i] = y[i] where x[i] is not 0 (NaN counts as not 0), else z[i].
	Where func(dst, x, y, z []T)
	// WhereElse is dst[i] = y[i] where x[i] is not 0, else s.
	WhereElse func(dst, x, y []T, s T)
	// WhereThen is dst[i] = s where x[i] is not 0, else y[i].
	WhereThen func(dst, x, y []T, s T)
	// MulAdd is dst[i] = x[i]*y[i] + z[i] with one rounding.
	MulAdd func(dst, x, y, z []T)
	// MulAddScaled is dst[i] = s*x[i] + y[i] with one rounding.
	MulAddScaled func(dst, x, y []T, s T)
	// MulAddConst is dst[i] = x[i]*y[i] + s with one rounding.
	MulAddConst func(dst, x, y []T, s T)
	// Affine is dst[i] = x[i]*s + t with one rounding.
	Affine func(dst, x []T, s, t T)
	// Blend is dst[i] = s*x[i] + (t*y[i]): the product in parentheses is rounded, and
	// then the multiply-add.
	Blend func(dst, x, y []T, s, t T)
	// BlendSquare is dst[i] = s*x[i] + (t*(y[i]*y[i])), likewise.
	BlendSquare func(dst, x, y []T, s, t T)
	// OverRoot is dst[i] = x[i] - (y[i]*s)/(sqrt(z[i]*t)+u), where each operation is
	// rounded: the step of optimisers that divide by a running root mean square.
	OverRoot func(dst, x, y, z []T, s, t, u T)
	// Adam is Blend, BlendSquare and OverRoot of moments x and y, weights z and their
	// gradient a: m[i] = s*x[i] + (t*a[i]), v[i] = u*y[i] + (p*(a[i]*a[i])) and
	// w[i] = z[i] - (m[i]*q)/(sqrt(v[i]*r)+o). A result may overwrite the operand of the
	// same place.
	Adam func(m, v, w, x, y, z, a []T, s, t, u, p, q, r, o T)
	// SoftplusSigmoid is the two functions of x, which may be overwritten by one of the
	// results.
	SoftplusSigmoid func(softplus, sigmoid, x []T)

	// Sum is the sum of x. Lane j of 64 adds x[j], x[64+j], ... in this order, starting
	// with 0. Then lanes j and j+32 are added, then j and j+16, and so on until one
	// lane is left.
	Sum func(x []T) T
	// Max is the greatest of x: NaN if an element is NaN, -Inf if x is empty, and 0 if
	// the greatest is -0.
	Max func(x []T) T
	// AddRows is dst[j] += x[i*stride+j] for each of the rows i, from the first to the
	// last. x must have at least (rows-1)*stride + len(dst) elements, which is not
	// checked.
	AddRows func(dst, x []T, rows, stride int)
}

// VectorFor returns the float32 kernels for isa, one of Supported.
func VectorFor(isa ISA) *Vector[float32] {
	v := vectorGeneric[float32](mulAdd32)
	v.Unary = unaryGeneric()
	bindVector(isa, v)
	return v
}

// Vector64 returns the float64 kernels for isa, one of Supported.
func Vector64(isa ISA) *Vector[float64] {
	v := vectorGeneric(mulAdd64)
	v.Unary = unary64()
	bindVector64(isa, v)
	return v
}
