package lower

import "math"

// fns is the expression language on one page. For each function it has the name in
// listings, the value, and the partial derivatives with respect to each operand,
// given the operands x and the result y.
var fns = [...]struct {
	name string
	eval func(x [3]float64) float64
	diff func(x []Expr, y Expr) []Expr
}{
	FnArg: {name: "arg"},
	FnNum: {name: "num"},
	FnAdd: {"add",
		func(x [3]float64) float64 { return x[0] + x[1] },
		func(x []Expr, y Expr) []Expr { return []Expr{Num(1), Num(1)} }},
	FnSub: {"sub",
		func(x [3]float64) float64 { return x[0] - x[1] },
		func(x []Expr, y Expr) []Expr { return []Expr{Num(1), Num(-1)} }},
	FnMul: {"mul",
		func(x [3]float64) float64 { return x[0] * x[1] },
		func(x []Expr, y Expr) []Expr { return []Expr{x[1], x[0]} }},
	FnDiv: {"div",
		func(x [3]float64) float64 { return x[0] / x[1] },
		func(x []Expr, y Expr) []Expr { return []Expr{Num(1).Div(x[1]), y.Div(x[1]).Neg()} }},
	FnMin: {"min",
		func(x [3]float64) float64 { return min(x[0], x[1]) },
		func(x []Expr, y Expr) []Expr {
			first := y.Less(x[1])
			return []Expr{Where(first, Num(1), Num(0)), Where(first, Num(0), Num(1))}
		}},
	FnMax: {"max",
		func(x [3]float64) float64 { return max(x[0], x[1]) },
		func(x []Expr, y Expr) []Expr {
			first := x[1].Less(y)
			return []Expr{Where(first, Num(1), Num(0)), Where(first, Num(0), Num(1))}
		}},
	FnLess: {"less",
		func(x [3]float64) float64 {
			if x[0] < x[1] {
				return 1
			}
			return 0
		},
		func(x []Expr, y Expr) []Expr { return []Expr{Num(0), Num(0)} }},
	FnWhere: {"where",
		func(x [3]float64) float64 {
			if x[0] != 0 {
				return x[1]
			}
			return x[2]
		},
		func(x []Expr, y Expr) []Expr {
			return []Expr{Num(0), Where(x[0], Num(1), Num(0)), Where(x[0], Num(0), Num(1))}
		}},
	FnNeg: {"neg",
		func(x [3]float64) float64 { return -x[0] },
		func(x []Expr, y Expr) []Expr { return []Expr{Num(-1)} }},
	FnAbs: {"abs",
		func(x [3]float64) float64 { return math.Abs(x[0]) },
		func(x []Expr, y Expr) []Expr {
			return []Expr{Where(Num(0).Less(x[0]), Num(1), Where(x[0].Less(Num(0)), Num(-1), Num(0)))}
		}},
	FnSqrt: {"sqrt",
		func(x [3]float64) float64 { return math.Sqrt(x[0]) },
		func(x []Expr, y Expr) []Expr { return []Expr{Num(0.5).Div(y)} }},
	FnExp: {"exp",
		func(x [3]float64) float64 { return math.Exp(x[0]) },
		func(x []Expr, y Expr) []Expr { return []Expr{y} }},
	FnExpm1: {"expm1",
		func(x [3]float64) float64 { return math.Expm1(x[0]) },
		func(x []Expr, y Expr) []Expr { return []Expr{y.Add(Num(1))} }},
	FnLog: {"log",
		func(x [3]float64) float64 { return logarithm(x[0]) },
		func(x []Expr, y Expr) []Expr { return []Expr{Num(1).Div(x[0])} }},
	FnLog1p: {"log1p",
		func(x [3]float64) float64 { return math.Log1p(x[0]) },
		func(x []Expr, y Expr) []Expr { return []Expr{Num(1).Div(x[0].Add(Num(1)))} }},
	FnTanh: {"tanh",
		func(x [3]float64) float64 { return math.Tanh(x[0]) },
		func(x []Expr, y Expr) []Expr { return []Expr{Num(1).Sub(y.Square())} }},
	FnSigmoid: {"sigmoid",
		func(x [3]float64) float64 { return sigmoid(x[0]) },
		func(x []Expr, y Expr) []Expr { return []Expr{y.Mul(Num(1).Sub(y))} }},
	FnSoftplus: {"softplus",
		func(x [3]float64) float64 { return softplus(x[0]) },
		func(x []Expr, y Expr) []Expr { return []Expr{Sigmoid(x[0])} }},
	FnErf: {"erf",
		func(x [3]float64) float64 { return math.Erf(x[0]) },
		func(x []Expr, y Expr) []Expr {
			return []Expr{Num(2 / math.SqrtPi).Mul(Exp(x[0].Square().Neg()))}
		}},
	FnSin: {"sin",
		func(x [3]float64) float64 { return math.Sin(x[0]) },
		func(x []Expr, y Expr) []Expr { return []Expr{Cos(x[0])} }},
	FnCos: {"cos",
		func(x [3]float64) float64 { return math.Cos(x[0]) },
		func(x []Expr, y Expr) []Expr { return []Expr{Sin(x[0]).Neg()} }},
	FnFloor: {"floor",
		func(x [3]float64) float64 { return math.Floor(x[0]) },
		func(x []Expr, y Expr) []Expr { return []Expr{Num(0)} }},
	FnPow: {"pow",
		func(x [3]float64) float64 { return math.Pow(x[0], x[1]) },
		func(x []Expr, y Expr) []Expr {
			a, b := x[0], x[1]
			byBase := b.Mul(Pow(a, b.Sub(Num(1)))) // NaN if a and b are 0
			return []Expr{Where(b, byBase, Num(0)), Where(a, y.Mul(Log(a)), Num(0))}
		}},
}

// sigmoid is 1/(1+e^-x), in the form that does not overflow for the sign of x.
func sigmoid(x float64) float64 {
	if x < 0 {
		e := math.Exp(x)
		return e / (1 + e)
	}
	return 1 / (1 + math.Exp(-x))
}

// softplus is log(1+e^x), in a form that does not overflow.
func softplus(x float64) float64 {
	return math.Max(x, 0) + math.Log1p(math.Exp(-math.Abs(x)))
}

// logarithm is log(x). math.Log is wrong for subnormal numbers on amd64.
func logarithm(x float64) float64 {
	if 0 < x && x < 0x1p-1022 {
		return math.Log(x*0x1p54) - 54*math.Ln2
	}
	return math.Log(x)
}

// String returns the function's name in listings.
func (f Fn) String() string { return fns[f].name }

// Func returns the function's definition in float64, of up to three operands; nil for
// FnArg and FnNum.
func (f Fn) Func() func(x [3]float64) float64 { return fns[f].eval }

// Eval returns the value of the expression for the given arguments, in float64.
func (e Expr) Eval(args ...float64) float64 {
	memo := map[*exprNode]float64{}
	var walk func(Expr) float64
	walk = func(e Expr) float64 {
		switch e.n.fn {
		case FnArg:
			return args[e.n.arg]
		case FnNum:
			return e.n.num
		}
		if v, ok := memo[e.n]; ok {
			return v
		}
		var x [3]float64
		for i, a := range e.n.args {
			x[i] = walk(a)
		}
		v := fns[e.n.fn].eval(x)
		memo[e.n] = v
		return v
	}
	return walk(e)
}

// Diff returns the derivative of the expression with respect to argument i. Factors
// of 0 and 1 are simplified.
func (e Expr) Diff(i int) Expr {
	memo := map[*exprNode]Expr{}
	var walk func(Expr) Expr
	walk = func(e Expr) Expr {
		switch e.n.fn {
		case FnNum:
			return Num(0)
		case FnArg:
			if e.n.arg == i {
				return Num(1)
			}
			return Num(0)
		}
		if d, ok := memo[e.n]; ok {
			return d
		}
		sum := Num(0)
		if e.Reads(i) {
			partials := fns[e.n.fn].diff(e.n.args, e)
			for k, a := range e.n.args {
				sum = sumOf(sum, productOf(partials[k], walk(a)))
			}
		}
		memo[e.n] = sum
		return sum
	}
	return walk(e)
}

func isNum(e Expr, v float64) bool { return e.n.fn == FnNum && e.n.num == v }

// sumOf and productOf drop the exact zeros and ones that derivatives are full of.
func sumOf(a, b Expr) Expr {
	switch {
	case isNum(a, 0):
		return b
	case isNum(b, 0):
		return a
	}
	return a.Add(b)
}

func productOf(a, b Expr) Expr {
	switch {
	case isNum(a, 0) || isNum(b, 0):
		return Num(0)
	case isNum(a, 1):
		return b
	case isNum(b, 1):
		return a
	case a.n.zeroWhereUnselected:
		return mulSelected(a, b, map[*exprNode]Expr{})
	case b.n.zeroWhereUnselected:
		return mulSelected(b, a, map[*exprNode]Expr{})
	}
	return a.Mul(b)
}

// mulSelected is e times x, where e is zeroWhereUnselected. It multiplies inside e,
// so that the product is 0 where e selects 0, even if x is infinite or NaN.
func mulSelected(e, x Expr, memo map[*exprNode]Expr) Expr {
	if !e.n.zeroWhereUnselected {
		return productOf(e, x)
	}
	if p, ok := memo[e.n]; ok {
		return p
	}
	args := append([]Expr(nil), e.n.args...)
	for i := range args {
		if e.n.fn != FnWhere || i > 0 {
			args[i] = mulSelected(args[i], x, memo)
		}
	}
	p := apply(e.n.fn, args...)
	if e.n.fn == FnAdd {
		p = sumOf(args[0], args[1])
	}
	memo[e.n] = p
	return p
}

// Pullback returns the gradient of argument i, given the gradient of the result as
// argument number grad: Diff(i) times Arg(grad). Where Where, Max, Min or Abs selects
// something that does not depend on argument i, it is 0, whatever the gradient of the
// result is.
func (e Expr) Pullback(i, grad int) Expr { return productOf(e.Diff(i), Arg(grad)) }
