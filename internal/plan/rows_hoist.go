package plan

import (
	"github.com/stheno-ml/stheno/lower"
)

// hoisted is a loop whose parts that are the same for all elements of a row are
// computed once for each row, by steps before it.
type hoisted struct {
	exprs []lower.Expr  // of the results
	args  []lower.Value // the operands, before they are broadcast
}

// hoist adds the steps that compute such parts to the body of a part of rows. exprs
// read args, which are values of the body.
func hoist(body *lower.Func, exprs []lower.Expr, args []lower.Value, space rowSpace) hoisted {
	kind := func(i int) rowKind {
		for _, k := range []rowKind{fullRows, perRow, oneRow, single} {
			if body.Shape(args[i]).Equal(space.shape(k)) {
				return k
			}
		}
		return noRows
	}
	alike := func(e lower.Expr) bool { // one number for each row
		rows := false
		for i := range e.Args() {
			if !e.Reads(i) {
				continue
			}
			switch kind(i) {
			case perRow:
				rows = true
			case single:
			default:
				return false
			}
		}
		return rows
	}
	h := hoisted{args: args[:len(args):len(args)]}
	arg := map[string]lower.Expr{} // by a part's text
	for _, e := range exprs {
		h.exprs = append(h.exprs, e.Rewrite(func(e lower.Expr) (lower.Expr, bool) {
			if len(e.Operands()) == 0 || !alike(e) {
				return e, false
			}
			text := e.String()
			if _, ok := arg[text]; !ok {
				arg[text] = lower.Arg(len(h.args))
				h.args = append(h.args, onceForRows(body, e, args, space))
			}
			return arg[text], true
		}))
	}
	return h.withoutUnread()
}

// onceForRows adds a step that computes an expression for each row.
func onceForRows(body *lower.Func, e lower.Expr, args []lower.Value, space rowSpace) lower.Value {
	h := hoisted{[]lower.Expr{e}, args}.withoutUnread()
	for i, v := range h.args {
		if !body.Shape(v).Equal(space.shape(perRow)) {
			h.args[i] = body.Broadcast(v, space.count, 1)
		}
	}
	return body.Map(h.exprs[0], h.args...)
}

// withoutUnread returns the loop with only the operands that it reads.
func (h hoisted) withoutUnread() hoisted {
	var kept []lower.Value
	number := make([]lower.Expr, len(h.args))
	for i, v := range h.args {
		for _, e := range h.exprs {
			if e.Reads(i) {
				number[i] = lower.Arg(len(kept))
				kept = append(kept, v)
				break
			}
		}
	}
	out := hoisted{args: kept}
	for _, e := range h.exprs {
		out.exprs = append(out.exprs, e.Subst(number...))
	}
	return out
}
