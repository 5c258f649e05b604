package lower

// Expr is an immutable scalar expression over numbered arguments: what an elementwise
// step computes for one element. Build it from Arg and Num with the methods and
// functions of this file. Diff is its derivative, Eval its value.
//
// Comparisons yield 1 or 0. The zero Expr is invalid.
type Expr struct{ n *exprNode }

type exprNode struct {
	fn   Fn
	num  float64 // if FnNum
	arg  int     // if FnArg
	args []Expr
	// zeroWhereUnselected marks an expression that is exactly 0 where a Where chooses
	// a constant 0. The Where is the expression itself or a term of a sum. Then a
	// product with an infinite factor must still be 0 there.
	zeroWhereUnselected bool
	// Cached facts about the whole expression:
	arity int    // one more than the number of its last argument
	reads uint64 // a bit for each of the first 64 arguments that it reads
	size  int    // its parts, written out; hugeExpr at most
}

// hugeExpr is the number of parts, written out, from which an expression is printed
// with names for shared parts.
const hugeExpr = 1 << 12

// Fn is a scalar function of the expression language.
type Fn uint8

// The scalar functions. Their values and derivatives are in the table fns.
const (
	FnArg Fn = iota
	FnNum
	FnAdd
	FnSub
	FnMul
	FnDiv
	FnMin
	FnMax
	FnLess
	FnWhere
	FnNeg
	FnAbs
	FnSqrt
	FnExp
	FnExpm1
	FnLog
	FnLog1p
	FnTanh
	FnSigmoid
	FnSoftplus
	FnErf
	FnSin
	FnCos
	FnFloor
	FnPow

	Fns = iota // their number
)

// firstArgs are the arguments that most expressions read, allocated once.
var firstArgs = [...]exprNode{
	{arg: 0, arity: 1, reads: 1 << 0, size: 1},
	{arg: 1, arity: 2, reads: 1 << 1, size: 1},
	{arg: 2, arity: 3, reads: 1 << 2, size: 1},
	{arg: 3, arity: 4, reads: 1 << 3, size: 1},
	{arg: 4, arity: 5, reads: 1 << 4, size: 1},
	{arg: 5, arity: 6, reads: 1 << 5, size: 1},
	{arg: 6, arity: 7, reads: 1 << 6, size: 1},
	{arg: 7, arity: 8, reads: 1 << 7, size: 1},
}

// Arg is argument i, counted from 0.
func Arg(i int) Expr {
	if i >= 0 && i < len(firstArgs) {
		return Expr{&firstArgs[i]}
	}
	n := &exprNode{fn: FnArg, arg: i, arity: i + 1, size: 1}
	if i < 64 {
		n.reads = 1 << i
	}
	return Expr{n}
}

// Num is the constant v.
func Num(v float64) Expr { return Expr{&exprNode{fn: FnNum, num: v, size: 1}} }

func apply(fn Fn, args ...Expr) Expr {
	n := &exprNode{fn: fn, args: args, size: 1}
	for _, a := range args {
		if a.n != nil {
			n.arity = max(n.arity, a.n.arity)
			n.reads |= a.n.reads
			n.size = min(n.size+a.n.size, hugeExpr)
		}
	}
	switch fn {
	case FnWhere:
		for _, a := range args[1:] {
			n.zeroWhereUnselected = n.zeroWhereUnselected || a.zeroWhereUnselected() || a.Valid() && isNum(a, 0)
		}
	case FnAdd, FnSub, FnNeg:
		for _, a := range args {
			n.zeroWhereUnselected = n.zeroWhereUnselected || a.zeroWhereUnselected()
		}
	}
	return Expr{n}
}

// Add is e + f.
func (e Expr) Add(f Expr) Expr { return apply(FnAdd, e, f) }

// Sub is e - f.
func (e Expr) Sub(f Expr) Expr { return apply(FnSub, e, f) }

// Mul is e * f.
func (e Expr) Mul(f Expr) Expr { return apply(FnMul, e, f) }

// Div is e / f.
func (e Expr) Div(f Expr) Expr { return apply(FnDiv, e, f) }

// Neg is -e.
func (e Expr) Neg() Expr { return apply(FnNeg, e) }

// Less is 1 where e < f, else 0; its derivative is 0.
func (e Expr) Less(f Expr) Expr { return apply(FnLess, e, f) }

// Square is e * e.
func (e Expr) Square() Expr { return e.Mul(e) }

// Min is the lesser of a and b; NaN if either is NaN. If they are equal, the
// derivative goes to b.
func Min(a, b Expr) Expr { return apply(FnMin, a, b) }

// Max is the greater of a and b; NaN if either is NaN. If they are equal, the
// derivative goes to b.
func Max(a, b Expr) Expr { return apply(FnMax, a, b) }

// Where is a where cond is not 0, else b.
func Where(cond, a, b Expr) Expr { return apply(FnWhere, cond, a, b) }

// Abs is |x|, with derivative 0 at 0.
func Abs(x Expr) Expr { return apply(FnAbs, x) }

// Sqrt is the square root.
func Sqrt(x Expr) Expr { return apply(FnSqrt, x) }

// Exp is e^x.
func Exp(x Expr) Expr { return apply(FnExp, x) }

// Expm1 is e^x - 1, precise near 0.
func Expm1(x Expr) Expr { return apply(FnExpm1, x) }

// Log is the natural logarithm.
func Log(x Expr) Expr { return apply(FnLog, x) }

// Log1p is log(1+x), precise near 0.
func Log1p(x Expr) Expr { return apply(FnLog1p, x) }

// Tanh is the hyperbolic tangent.
func Tanh(x Expr) Expr { return apply(FnTanh, x) }

// Sigmoid is 1/(1+e^-x).
func Sigmoid(x Expr) Expr { return apply(FnSigmoid, x) }

// Softplus is log(1+e^x), without overflow.
func Softplus(x Expr) Expr { return apply(FnSoftplus, x) }

// Erf is the error function.
func Erf(x Expr) Expr { return apply(FnErf, x) }

// Sin is the sine of x in radians.
func Sin(x Expr) Expr { return apply(FnSin, x) }

// Cos is the cosine of x in radians.
func Cos(x Expr) Expr { return apply(FnCos, x) }

// Floor is the greatest whole number that is at most x; its derivative is 0.
func Floor(x Expr) Expr { return apply(FnFloor, x) }

// Ceil is the least whole number that is at least x; its derivative is 0.
func Ceil(x Expr) Expr { return Floor(x.Neg()).Neg() }

// Pow is a to the power of b; NaN if a is negative and b is not whole. The derivative
// with respect to b is 0 where a is 0.
func Pow(a, b Expr) Expr { return apply(FnPow, a, b) }

func (e Expr) zeroWhereUnselected() bool { return e.Valid() && e.n.zeroWhereUnselected }

// Valid reports whether the expression was built by this package.
func (e Expr) Valid() bool { return e.n != nil }

// Fn returns the outermost function.
func (e Expr) Fn() Fn { return e.n.fn }

// Operands returns the operands of the outermost function. Do not change the slice.
func (e Expr) Operands() []Expr { return e.n.args }

// Index returns the number of the argument; only for FnArg.
func (e Expr) Index() int { return e.n.arg }

// Value returns the constant; only for FnNum.
func (e Expr) Value() float64 { return e.n.num }

// Args returns the number of arguments: one more than the largest Arg in the
// expression.
func (e Expr) Args() int { return e.n.arity }

// Reads reports whether the expression reads argument i.
func (e Expr) Reads(i int) bool {
	if i < 64 || i >= e.n.arity {
		return i < 64 && e.n.reads>>i&1 != 0
	}
	seen := map[*exprNode]bool{}
	var walk func(n *exprNode) bool
	walk = func(n *exprNode) bool {
		if n.fn == FnArg {
			return n.arg == i
		}
		for _, a := range n.args {
			if a.n.arity > i && !seen[a.n] && walk(a.n) {
				return true
			}
		}
		seen[n] = true
		return false
	}
	return walk(e.n)
}

// Parts returns the number of functions that the expression applies. A shared part
// counts once.
func (e Expr) Parts() int {
	seen := map[*exprNode]bool{}
	var walk func(n *exprNode)
	walk = func(n *exprNode) {
		if len(n.args) == 0 || seen[n] {
			return
		}
		seen[n] = true
		for _, a := range n.args {
			walk(a.n)
		}
	}
	walk(e.n)
	return len(seen)
}

// Subst returns the expression with every Arg(i) replaced by args[i].
func (e Expr) Subst(args ...Expr) Expr {
	return e.Rewrite(func(e Expr) (Expr, bool) {
		if e.n.fn == FnArg {
			return args[e.n.arg], true
		}
		return e, false
	})
}

// Replace returns the expression with part replaced wherever that same Expr occurs in
// it.
func (e Expr) Replace(part, by Expr) Expr {
	return e.Rewrite(func(e Expr) (Expr, bool) { return by, e.n == part.n })
}

// Fold returns the expression with the parts that read no argument computed in
// float64.
func (e Expr) Fold() Expr {
	return e.Rewrite(func(e Expr) (Expr, bool) {
		if e.n.fn == FnNum || e.Args() > 0 {
			return e, false
		}
		return Num(e.Eval()), true
	})
}

// Rewrite returns the expression with parts replaced. by returns a part's replacement
// and true, or false to go on into the part's operands. A part without replacements
// is not copied.
func (e Expr) Rewrite(by func(Expr) (Expr, bool)) Expr {
	r := rewriting{by: by}
	return r.rewrite(e)
}

// rewriting is the state of a rewrite, which visits each part once.
type rewriting struct {
	by   func(Expr) (Expr, bool)
	few  [8]rewritten // the first parts: most expressions have no more
	n    int
	rest map[*exprNode]Expr
}

type rewritten struct {
	from *exprNode
	to   Expr
}

func (r *rewriting) rewrite(e Expr) Expr {
	if len(e.n.args) == 0 {
		if to, done := r.by(e); done {
			return to
		}
		return e
	}
	for _, p := range r.few[:r.n] {
		if p.from == e.n {
			return p.to
		}
	}
	if to, ok := r.rest[e.n]; ok {
		return to
	}
	to, done := r.by(e)
	if !done {
		to = r.operands(e)
	}
	if r.n < len(r.few) {
		r.few[r.n] = rewritten{e.n, to}
		r.n++
		return to
	}
	if r.rest == nil {
		r.rest = map[*exprNode]Expr{}
	}
	r.rest[e.n] = to
	return to
}

// operands rewrites the operands of an expression.
func (r *rewriting) operands(e Expr) Expr {
	var args []Expr // nil until an operand changes
	for i, a := range e.n.args {
		to := r.rewrite(a)
		if args == nil && to != a {
			args = append(make([]Expr, 0, len(e.n.args)), e.n.args[:i]...)
		}
		if args != nil {
			args = append(args, to)
		}
	}
	if args == nil {
		return e
	}
	return apply(e.n.fn, args...)
}
