package plan

import (
	"slices"

	"github.com/stheno-ml/stheno/lower"
)

// write writes the units as steps, in an order in which they can run.
func (j *joiner) write() *lower.Func {
	r := newRewriter(j.old)
	steps := j.old.Steps()
	units := j.order(func(u int) (needs []int) {
		for _, i := range j.members[u] {
			for _, v := range steps[i].In {
				if p := j.maker[v]; p >= 0 && j.unit[p] != u {
					needs = append(needs, j.unit[p])
				}
			}
		}
		return needs
	})
	for _, u := range units {
		j.emit(r, j.members[u])
	}
	r.finish()
	return r.Func
}

// emit writes one unit.
func (j *joiner) emit(r *rewriter, members []int) {
	steps := j.old.Steps()
	if len(members) == 1 {
		s := steps[members[0]]
		r.replace(s, r.copyStep(s, r.mapped(s.In)))
		return
	}
	var product *lower.Step
	var args []lower.Value // the loop's operands
	exprs := map[lower.Value]lower.Expr{}
	for _, i := range members {
		if !isLoop(steps[i].Prim) {
			product = &steps[i]
			args = append(args, product.Out[0])
			exprs[product.Out[0]] = lower.Arg(0)
		}
	}
	read := func(v lower.Value) lower.Expr {
		if e, ok := exprs[v]; ok {
			return e
		}
		args = append(args, v)
		exprs[v] = lower.Arg(len(args) - 1)
		return exprs[v]
	}
	var p Loop
	var results []lower.Value
	for _, i := range members {
		s := steps[i]
		v := s.Out[0]
		if l, ok := LoopOf(s.Prim); ok {
			of := make([]lower.Expr, len(s.In))
			for k, x := range s.In {
				of[k] = read(x)
			}
			one := l.Results[0]
			exprs[v] = one.Expr.Subst(of...)
			if one.Along != nil {
				p.Results = append(p.Results, LoopResult{exprs[v], one.Along})
				results = append(results, v)
				continue
			}
		}
		if j.result[v] || slices.ContainsFunc(j.readers[v], func(k int) bool { return !slices.Contains(members, k) }) {
			p.Results = append(p.Results, LoopResult{Expr: exprs[v]})
			results = append(results, v)
		}
	}
	var outs []lower.Value
	if product != nil {
		outs = r.Apply(Product{product.Prim, p}, r.mapped(slices.Concat(product.In, args[1:]))...)
	} else if len(p.Results) == 1 && p.Results[0].Along == nil {
		outs = r.Apply(lower.Map{Expr: p.Results[0].Expr}, r.mapped(args)...)
	} else {
		outs = r.Apply(p, r.mapped(args)...)
	}
	for i, v := range results {
		r.newValue[v] = outs[i]
	}
}
