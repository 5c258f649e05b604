package code

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/stheno-ml/stheno/lower"
)

// forms are the functions of expressions in C, of $x, $y and $z. % is the suffix of a name for the element type. Infix
// forms are in parentheses, because they nest.
var forms = [lower.Fns]string{
	lower.FnAdd:      "($x + $y)",
	lower.FnSub:      "($x - $y)",
	lower.FnMul:      "($x * $y)",
	lower.FnDiv:      "($x / $y)",
	lower.FnMin:      "lesser($x, $y)",
	lower.FnMax:      "greater($x, $y)",
	lower.FnLess:     "real($x < $y)",
	lower.FnWhere:    "($x != 0 ? $y : $z)",
	lower.FnNeg:      "(-$x)",
	lower.FnAbs:      "fabs%($x)",
	lower.FnSqrt:     "sqrt%($x)",
	lower.FnExp:      "exp%($x)",
	lower.FnExpm1:    "expm1%($x)",
	lower.FnLog:      "log%($x)",
	lower.FnLog1p:    "log1p%($x)",
	lower.FnTanh:     "tanh%($x)",
	lower.FnSigmoid:  "sigmoid($x)",
	lower.FnSoftplus: "softplus($x)",
	lower.FnErf:      "erf%($x)",
	lower.FnSin:      "sin%($x)",
	lower.FnCos:      "cos%($x)",
	lower.FnFloor:    "floor%($x)",
	lower.FnPow:      "pow%($x, $y)",
}

// longest is how many characters of C a subexpression may have before it becomes a variable.
const longest = 60

// compute writes the code of expressions, each distinct subexpression once, and returns a C expression for each of
// them. operand returns the name of an argument, or another short expression for it; it may write code that loads it.
// The code declares t0, t1 and so on.
func (m *maker) compute(t *text, exprs []lower.Expr, operand func(arg int) string) ([]string, error) {
	f := formula{text: t, double: m.double, seen: map[term]int{}, operand: operand}
	roots := make([]int, len(exprs))
	memo := map[lower.Expr]int{}
	for i, e := range exprs {
		if !e.Valid() {
			return nil, fmt.Errorf("expression %d is not valid", i)
		}
		roots[i] = f.intern(e, memo)
		f.uses[roots[i]]++
	}
	f.done = make([]string, len(f.terms))
	out := make([]string, len(exprs))
	for i, r := range roots {
		out[i] = outer(f.write(r))
	}
	return out, nil
}

// term is a distinct subexpression.
type term struct {
	fn   lower.Fn
	bits uint64 // of the number
	arg  int
	src  [3]int // terms
	n    int    // how many of src are used
}

// formula translates expressions to C.
type formula struct {
	*text
	double  bool
	terms   []term
	seen    map[term]int
	uses    []int    // by term
	done    []string // by term: its name or text
	names   int
	operand func(arg int) string
}

// intern returns the number of an expression's term.
func (f *formula) intern(e lower.Expr, memo map[lower.Expr]int) int {
	if i, ok := memo[e]; ok {
		return i
	}
	t := term{fn: e.Fn()}
	switch t.fn {
	case lower.FnArg:
		t.arg = e.Index()
	case lower.FnNum:
		t.bits = math.Float64bits(e.Value())
	}
	for k, x := range e.Operands() {
		t.src[k] = f.intern(x, memo)
		t.n++
	}
	i, ok := f.seen[t]
	if !ok {
		i = len(f.terms)
		f.seen[t] = i
		f.terms, f.uses = append(f.terms, t), append(f.uses, 0)
		for _, s := range t.src[:t.n] {
			f.uses[s]++
		}
	}
	memo[e] = i
	return i
}

// write writes the code that a term needs, and returns a C expression for it.
func (f *formula) write(i int) string {
	if f.done[i] != "" {
		return f.done[i]
	}
	t := f.terms[i]
	switch t.fn {
	case lower.FnArg:
		f.done[i] = f.operand(t.arg)
		return f.done[i]
	case lower.FnNum:
		f.done[i] = number(math.Float64frombits(t.bits), f.double)
		return f.done[i]
	}
	var of [3]string
	for k, s := range t.src[:t.n] {
		of[k] = f.write(s)
		if strings.Contains(forms[t.fn], "($x)") || strings.Contains(forms[t.fn], ", ") { // a call
			of[k] = outer(of[k])
		}
	}
	ending := "f"
	if f.double {
		ending = ""
	}
	f.done[i] = strings.NewReplacer("$x", of[0], "$y", of[1], "$z", of[2], "%", ending).Replace(forms[t.fn])
	if f.uses[i] > 1 || len(f.done[i]) > longest {
		f.line("const real t%d = %s;", f.names, outer(f.done[i]))
		f.done[i] = fmt.Sprintf("t%d", f.names)
		f.names++
	}
	return f.done[i]
}

// number is a constant in C, of exactly the element type's value.
func number(v float64, double bool) string {
	bits := 32
	if double {
		bits = 64
	} else {
		v = float64(float32(v))
	}
	switch {
	case math.IsNaN(v):
		return "not_a_number()"
	case math.IsInf(v, 1):
		return "infinity()"
	case math.IsInf(v, -1):
		return "(-infinity())"
	}
	s := strconv.FormatFloat(v, 'g', -1, bits)
	if !strings.ContainsAny(s, ".e") {
		s += ".0"
	}
	if !double {
		s += "f"
	}
	if math.Signbit(v) {
		s = "(" + s + ")"
	}
	return s
}

// outer removes parentheses around a whole expression.
func outer(s string) string {
	if !strings.HasPrefix(s, "(") {
		return s
	}
	depth := 0
	for i, c := range s {
		switch c {
		case '(':
			depth++
		case ')':
			depth--
		}
		if depth == 0 && i < len(s)-1 {
			return s
		}
	}
	return s[1 : len(s)-1]
}
