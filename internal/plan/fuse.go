package plan

import (
	"slices"

	"github.com/stheno-ml/stheno/lower"
)

const (
	// mostArgs bounds the operands of a fused step: each is a stream of memory,
	// and a register of the block.
	maxArgs = 8
	// mostParts bounds the functions that the expressions of one step apply: what
	// is done to a step takes as long as it is large, and a long chain would be one.
	maxParts = 512
)

// fuse joins an elementwise step to the elementwise steps that made its
// operands, where nothing else reads those, so that what is between them never
// goes to memory.
func fuse(old *lower.Func) (*lower.Func, error) {
	f := fuser{readers: make([]int, old.Values()), maps: make([]*fusedMap, old.Values())}
	for _, s := range old.Steps() {
		for _, v := range s.In {
			f.readers[v]++
		}
	}
	for _, v := range old.Results() {
		f.readers[v]++
	}
	for _, s := range old.Steps() {
		if m, ok := s.Prim.(lower.Map); ok {
			f.maps[s.Out[0]] = f.choose(m.Expr, s.In)
		}
	}
	r := newRewriter(old)
	for _, s := range old.Steps() {
		m := f.maps[s.Out[0]]
		switch {
		case m == nil:
			r.replace(s, r.copyStep(s, r.mapped(s.In)))
		case !m.absorbed:
			r.replace(s, r.Apply(lower.Map{Expr: f.expr(m, m.args)}, r.mapped(m.args)...))
		}
	}
	r.finish()
	return r.Func, nil
}

// fuser decides which elementwise steps become part of those that read them.
type fuser struct {
	readers []int       // by value
	maps    []*fusedMap // by value that an elementwise step makes
}

// fusedMap is an elementwise step with those that are fused into it.
type fusedMap struct {
	expr     lower.Expr // of the step alone
	in       []lower.Value
	fused    []bool        // by operand
	args     []lower.Value // what all of it reads
	parts    int
	absorbed bool // it is fused into another
}

// choose decides which of an elementwise step's operands are fused into it: those
// that nothing else reads, while there are not too many operands and functions.
func (f *fuser) choose(e lower.Expr, in []lower.Value) *fusedMap {
	m := &fusedMap{expr: e, in: in, fused: make([]bool, len(in)), parts: e.Parts()}
	for i, v := range in {
		part := f.maps[v]
		if part == nil || f.readers[v] > 1 || len(m.args)+len(part.args)+len(in)-i-1 > maxArgs || m.parts+part.parts > maxParts {
			m.reads(v)
			continue
		}
		m.fused[i], part.absorbed = true, true
		m.parts += part.parts
		for _, w := range part.args {
			m.reads(w)
		}
	}
	return m
}

func (m *fusedMap) reads(v lower.Value) {
	if !slices.Contains(m.args, v) {
		m.args = append(m.args, v)
	}
}

// expr is the expression of a step over args.
func (f *fuser) expr(m *fusedMap, args []lower.Value) lower.Expr {
	of := make([]lower.Expr, len(m.in))
	for i, v := range m.in {
		if m.fused[i] {
			of[i] = f.expr(f.maps[v], args)
		} else {
			of[i] = lower.Arg(slices.Index(args, v))
		}
	}
	return m.expr.Subst(of...)
}
