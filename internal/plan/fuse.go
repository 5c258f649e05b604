package plan

import "github.com/stheno-ml/stheno/lower"

// mostArgs bounds the operands of a fused step: each is a stream of memory,
// and a register of the block.
const mostArgs = 8

// fuse joins an elementwise step to the elementwise steps that made its
// operands, where nothing else reads those, so that what is between them never
// goes to memory.
func fuse(old *lower.Func) (*lower.Func, error) {
	readers := make([]int, old.Values())
	for _, s := range old.Steps() {
		for _, v := range s.In {
			readers[v]++
		}
	}
	for _, v := range old.Results() {
		readers[v]++
	}
	made := map[lower.Value]lower.Step{} // the fused elementwise step of a value of the old function
	r := newRewriter(old)
	for _, s := range old.Steps() {
		in := s.In
		p := s.Prim
		if m, ok := p.(lower.Map); ok {
			m, in = inlined(m, in, readers, made)
			p = m
			made[s.Out[0]] = lower.Step{Prim: m, In: in}
		}
		r.put(s, r.Apply(p, r.now(in)...)[:len(s.Out)])
	}
	r.finish()
	return r.Func, nil
}

// inlined puts the expressions of operands that nothing else reads in their place.
func inlined(m lower.Map, in []lower.Value, readers []int, made map[lower.Value]lower.Step) (lower.Map, []lower.Value) {
	var args []lower.Value
	number := func(v lower.Value) lower.Expr {
		for i, a := range args {
			if a == v {
				return lower.Arg(i)
			}
		}
		args = append(args, v)
		return lower.Arg(len(args) - 1)
	}
	subst := make([]lower.Expr, len(in))
	for i, v := range in {
		part, ok := made[v]
		if !ok || readers[v] > 1 || len(args)+len(part.In)+len(in)-i-1 > mostArgs {
			subst[i] = number(v)
			continue
		}
		inner := make([]lower.Expr, len(part.In))
		for k, w := range part.In {
			inner[k] = number(w)
		}
		subst[i] = part.Prim.(lower.Map).Expr.Subst(inner...)
	}
	return lower.Map{Expr: m.Expr.Subst(subst...)}, args
}
