package plan

import (
	"slices"

	"github.com/stheno-ml/stheno/lower"
)

const (
	// mostStreams bounds the operands and results of one pass over memory:
	// processors follow some sixteen streams.
	mostStreams = 16
	// mostTerms bounds the size of an expression, written out.
	mostTerms = 300
)

// join makes one pass over memory of elementwise steps that hand their results
// to one another or read the same array, of the sums of what they compute, and
// of the product that they follow.
func (t Target) join(old *lower.Func) (*lower.Func, error) {
	j := newJoiner(old, t)
	for i, s := range old.Steps() {
		switch s.Prim.(type) {
		case lower.Map:
			for _, v := range s.In {
				if p := j.maker[v]; p >= 0 {
					j.try(p, i)
				}
			}
			for _, v := range s.In {
				for _, k := range j.readers[v] {
					if _, elementwise := old.Steps()[k].Prim.(lower.Map); elementwise && k < i {
						j.try(k, i)
					}
				}
			}
		case lower.Reduce:
			if p := j.maker[s.In[0]]; p >= 0 {
				j.try(p, i)
			}
		}
	}
	return j.write(), nil
}

// joiner gathers the steps of a function in units, each of which is to be one
// step.
type joiner struct {
	old     *lower.Func
	unit    []int         // by step
	members [][]int       // by unit, in order; nil for one that was joined to another
	maker   []int         // by value: the step that makes it, -1 for an input
	readers [][]int       // by value: steps, in order
	result  []bool        // by value: whether the function returns it
	shape   []lower.Shape // by step: what it runs over, nil if it cannot be joined
	search  int           // the number of the search under way
	seen    []int         // by unit: the last search that came by
	queue   []int         // of the search
}

func newJoiner(old *lower.Func, t Target) *joiner {
	steps := old.Steps()
	j := &joiner{
		old: old, unit: make([]int, len(steps)), members: make([][]int, len(steps)), shape: make([]lower.Shape, len(steps)),
		maker: make([]int, old.Values()), readers: make([][]int, old.Values()), result: make([]bool, old.Values()),
		seen: make([]int, len(steps)),
	}
	for v := range j.maker {
		j.maker[v] = -1
	}
	for _, v := range old.Results() {
		j.result[v] = true
	}
	for i, s := range steps {
		j.unit[i], j.members[i] = i, []int{i}
		for _, v := range s.Out {
			j.maker[v] = i
		}
		for _, v := range s.In {
			if k := j.readers[v]; len(k) == 0 || k[len(k)-1] != i {
				j.readers[v] = append(k, i)
			}
		}
		switch s.Prim.(type) {
		case lower.Map:
			j.shape[i] = old.Shape(s.Out[0])
		case lower.Reduce:
			j.shape[i] = old.Shape(s.In[0])
		default:
			if shape := old.Shape(s.Out[0]); t.continues(s.Prim, shape) {
				j.shape[i] = shape
			}
		}
	}
	return j
}

// continues reports whether loops can follow a step block by block: it is a
// product of that shape.
func (t Target) continues(p lower.Prim, shape lower.Shape) bool {
	switch p.(type) {
	case lower.MatMul:
		return len(shape) == 2
	case lower.Conv, lower.ConvData, lower.Pool, lower.PoolAt, lower.PoolGrad, lower.PoolSum, lower.PoolSpread:
		return t.Convs
	}
	return false
}

// isLoop reports whether a step is elementwise or a reduction; any other that is
// joined is a product.
func isLoop(p lower.Prim) bool {
	_, ok := loopOf(p)
	return ok
}

// try joins the units of two steps if that is possible.
func (j *joiner) try(a, b int) {
	ua, ub := j.unit[a], j.unit[b]
	if ua == ub || j.shape[a] == nil || !j.shape[a].Equal(j.shape[b]) || j.between(ua, ub) || j.between(ub, ua) {
		return
	}
	both := slices.Sorted(slices.Values(slices.Concat(j.members[ua], j.members[ub])))
	if !j.possible(both) {
		return
	}
	j.members[ua], j.members[ub] = both, nil
	for _, i := range both {
		j.unit[i] = ua
	}
}

// between reports whether a third unit needs unit a and is needed by unit b.
func (j *joiner) between(a, b int) bool {
	last := j.members[b][len(j.members[b])-1]
	j.search++
	j.seen[a], j.queue = j.search, append(j.queue[:0], a)
	for at := 0; at < len(j.queue); at++ {
		u := j.queue[at]
		for _, i := range j.members[u] {
			for _, v := range j.old.Steps()[i].Out {
				for _, k := range j.readers[v] {
					next := j.unit[k]
					switch {
					case next == b && u != a:
						return true
					case next == b || j.seen[next] == j.search || j.members[next][0] > last:
						continue
					}
					j.seen[next], j.queue = j.search, append(j.queue, next)
				}
			}
		}
	}
	return false
}

// possible reports whether steps can be one: what is combined along axes is
// not read on the way, there is one product at most and nothing that it reads
// is made here, and expressions and streams are not too many.
func (j *joiner) possible(steps []int) bool {
	made := map[lower.Value]int{} // terms of the expression
	streams := map[lower.Value]bool{}
	products := 0
	for _, i := range steps {
		s := j.old.Steps()[i]
		terms := 1
		for _, v := range s.In {
			n, ours := made[v]
			if !ours {
				n = 1
				streams[v] = true
			}
			terms += n
			if ours && n == 0 {
				return false
			}
		}
		switch s.Prim.(type) {
		case lower.Reduce:
			terms = 0 // marks what cannot be read here
			streams[s.Out[0]] = true
		case lower.Map:
		default:
			products++
			for _, v := range s.In {
				if _, ours := made[v]; ours {
					return false
				}
			}
			terms = 1
		}
		made[s.Out[0]] = terms
		if terms > mostTerms || products > 1 {
			return false
		}
	}
	for _, i := range steps {
		v := j.old.Steps()[i].Out[0]
		if j.result[v] || slices.ContainsFunc(j.readers[v], func(k int) bool { return !slices.Contains(steps, k) }) {
			streams[v] = true
		}
	}
	return len(streams) <= mostStreams
}

// write writes the units as steps, each when all that it reads is there, those
// first whose last member was first.
func (j *joiner) write() *lower.Func {
	r := newRewriter(j.old)
	steps := j.old.Steps()
	waits := make([]int, len(steps)) // by unit: units that it waits for
	next := make([][]int, len(steps))
	for u, members := range j.members {
		needs := map[int]bool{}
		for _, i := range members {
			for _, v := range steps[i].In {
				if p := j.maker[v]; p >= 0 && j.unit[p] != u && !needs[j.unit[p]] {
					needs[j.unit[p]] = true
					next[j.unit[p]] = append(next[j.unit[p]], u)
				}
			}
		}
		waits[u] = len(needs)
	}
	last := func(u int) int { return j.members[u][len(j.members[u])-1] }
	var ready []int
	for u, members := range j.members {
		if members != nil && waits[u] == 0 {
			ready = append(ready, u)
		}
	}
	for len(ready) > 0 {
		at := 0
		for i, u := range ready {
			if last(u) < last(ready[at]) {
				at = i
			}
		}
		u := ready[at]
		ready = slices.Delete(ready, at, at+1)
		j.emit(r, j.members[u])
		for _, n := range next[u] {
			if waits[n]--; waits[n] == 0 {
				ready = append(ready, n)
			}
		}
	}
	r.finish()
	return r.Func
}

// emit writes one unit.
func (j *joiner) emit(r *rewriter, members []int) {
	steps := j.old.Steps()
	if len(members) == 1 {
		s := steps[members[0]]
		r.put(s, r.same(s, r.now(s.In)))
		return
	}
	var product *lower.Step
	var args []lower.Value // of the loop
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
		switch prim := s.Prim.(type) {
		case lower.Map:
			of := make([]lower.Expr, len(s.In))
			for k, x := range s.In {
				of[k] = read(x)
			}
			exprs[v] = prim.Expr.Subst(of...)
		case lower.Reduce:
			p.Results = append(p.Results, LoopResult{read(s.In[0]), &prim})
			results = append(results, v)
			continue
		}
		if j.result[v] || slices.ContainsFunc(j.readers[v], func(k int) bool { return !slices.Contains(members, k) }) {
			p.Results = append(p.Results, LoopResult{Expr: exprs[v]})
			results = append(results, v)
		}
	}
	var outs []lower.Value
	if product != nil {
		outs = r.Apply(Product{product.Prim, p}, r.now(slices.Concat(product.In, args[1:]))...)
	} else if len(p.Results) == 1 && p.Results[0].Along == nil {
		outs = r.Apply(lower.Map{Expr: p.Results[0].Expr}, r.now(args)...)
	} else {
		outs = r.Apply(p, r.now(args)...)
	}
	for i, v := range results {
		r.at[v] = outs[i]
	}
}
