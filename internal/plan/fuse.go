package plan

import (
	"slices"

	"github.com/stheno-ml/stheno/lower"
)

const (
	// maxArgs bounds the operands of a fused step. Each operand is a stream of
	// memory, and needs a register of the block.
	maxArgs = 8
	// maxParts bounds the functions that a step's expressions apply. The passes take
	// time proportional to a step's size, so a long chain must not become one step.
	maxParts = 512
)

// fuse joins an elementwise step to the elementwise steps that compute its operands,
// if it is their only reader. Then the values between them never go to memory.
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

// fuser decides which elementwise steps are fused into their readers.
type fuser struct {
	readers []int       // by value
	maps    []*fusedMap // by value: the elementwise step that computes it, or nil
}

// fusedMap is an elementwise step with the steps that are fused into it.
type fusedMap struct {
	expr     lower.Expr // of the step before fusion
	in       []lower.Value
	fused    []bool        // by operand: whether it is fused into this step
	args     []lower.Value // the operands after fusion
	parts    int
	absorbed bool // it is fused into another step
}

// choose decides which operands are fused into an elementwise step: those that it
// alone reads, up to maxArgs operands and maxParts functions.
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

// expr returns the fused expression of a step over args.
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
