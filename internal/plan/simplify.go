package plan

import (
	"github.com/stheno-ml/stheno/lower"
)

// simplify computes constants, moves them into the expressions that read them, drops
// operands that an expression does not read, and drops a step that only copies, or a
// reshape that a later one undoes.
func simplify(r *rewriter, s lower.Step, in []lower.Value) []lower.Value {
	m, ok := s.Prim.(lower.Map)
	if !ok {
		if to, is := s.Prim.(lower.Reshape); is {
			if in[0] = r.beforeReshapes(in[0]); r.Shape(in[0]).Equal(to.To) {
				return in
			}
		}
		outs := r.copyStep(s, in)
		if !lower.IsView(s.Prim) {
			return outs
		}
		if c, ok := r.constant[in[0]]; ok {
			r.constant[outs[0]] = c
		}
		return outs
	}
	var read []lower.Value
	subst := make([]lower.Expr, len(in))
	for i, v := range in {
		if c, ok := r.constant[v]; ok {
			subst[i] = lower.Num(c)
			continue
		}
		subst[i] = lower.Arg(len(read))
		if m.Expr.Reads(i) {
			read = append(read, v)
		}
	}
	e := m.Expr.Subst(subst...).Fold()
	if e = withoutOne(e); e.Fn() == lower.FnArg {
		return []lower.Value{read[e.Index()]}
	}
	if len(read) > 0 {
		return []lower.Value{r.Map(e, read...)}
	}
	out := r.Map(e, in[0]) // the operand only gives the shape
	r.constant[out] = e.Value()
	return []lower.Value{out}
}

// withoutOne is the other factor if the expression is a product with 1, else the
// expression.
func withoutOne(e lower.Expr) lower.Expr {
	if e.Fn() != lower.FnMul {
		return e
	}
	one := func(e lower.Expr) bool { return e.Fn() == lower.FnNum && e.Value() == 1 }
	switch x := e.Operands(); {
	case one(x[0]):
		return x[1]
	case one(x[1]):
		return x[0]
	}
	return e
}

// beforeReshapes is the value of which v is a reshape, or a reshape of a reshape and so
// on; v itself if it is none.
func (r *rewriter) beforeReshapes(v lower.Value) lower.Value {
	for int(v) >= r.Inputs() {
		if _, is := r.def[v].Prim.(lower.Reshape); !is {
			break
		}
		v = r.def[v].In[0]
	}
	return v
}
